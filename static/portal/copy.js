// Copy buttons: data-copy holds the text itself.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  const done = await copy(button.dataset.copy);
  const detail = done
    ? { text: "Copied.", tone: "good" }
    : { text: "The browser did not allow copying. Select the text instead.", tone: "bad" };
  document.dispatchEvent(new CustomEvent("portal:toast", { detail }));
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

// The clipboard interface exists only under https and on localhost; portals also run on http
// inside a company's network.
function copyOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return done;
}
