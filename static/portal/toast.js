// Short notes in the corner. Others ask by event, so that no module needs another:
// document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text, tone } }))

const SECONDS = 5;
const box = document.getElementById("toasts");

document.addEventListener("portal:toast", ({ detail }) => show(detail.text, detail.tone));

document.addEventListener("click", (event) => {
  const source = event.target.closest("[data-toast]");
  if (source) show(source.dataset.toast);
});

function show(text, tone = "good") {
  if (!box) return;
  const toast = document.createElement("div");
  toast.className = `toast tone-${tone}`;
  const words = document.createElement("span");
  words.className = "toast-text";
  words.textContent = text;
  toast.append(words);
  box.append(toast);
  // Errors stay until the page changes: nobody reads them in five seconds.
  if (tone !== "bad") setTimeout(() => toast.remove(), SECONDS * 1000);
}
