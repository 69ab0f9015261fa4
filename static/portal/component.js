// Copies a text that is too long to stand in the page: data-copy-from holds its address.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-from]");
  if (!button) return;
  event.preventDefault();
  const detail = await copyFrom(button.dataset.copyFrom);
  document.dispatchEvent(new CustomEvent("portal:toast", { detail }));
});

async function copyFrom(address) {
  try {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return { text: "The document could not be read. Reload the page.", tone: "bad" };
    await navigator.clipboard.writeText(await answer.text());
    return { text: "Copied.", tone: "good" };
  } catch {
    return { text: "The browser did not allow copying. Download the document instead.", tone: "bad" };
  }
}
