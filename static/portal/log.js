// Brings the marked line of a log into the middle of its box, without moving the page.

function centre() {
  for (const line of document.querySelectorAll("[data-log] [data-marked]")) {
    const box = line.closest(".log-lines");
    if (box.dataset.centred === line.id) continue;
    box.dataset.centred = line.id;
    box.scrollTop += line.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 2;
  }
}

centre();
document.addEventListener("portal:updated", centre);
