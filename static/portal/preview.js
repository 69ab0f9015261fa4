// Keeps the rail beside a form true while somebody fills it in:
//
//   <form data-preview="/schedules/preview/" data-preview-method="get" data-preview-target="rail">
//
// The `html` of the answer is an element with the id of the target, whose data-valid and
// data-missing say whether the form can be saved. Buttons with data-needs-valid wait for that. Without this file
// the server says the same after the form was sent.

const PAUSE = 350;

for (const form of document.querySelectorAll("form[data-preview]")) watch(form);

function watch(form) {
  let timer = 0;
  let asked = 0;
  const later = (event) => {
    if (event.target.name === "csrfmiddlewaretoken") return;
    clearTimeout(timer);
    target(form)?.classList.add("is-stale");
    timer = setTimeout(read, PAUSE);
  };
  const read = async () => {
    const turn = ++asked;
    try {
      const answer = await ask(form);
      // A later question is on its way: its answer counts.
      if (turn !== asked || !answer.ok || answer.redirected) return;
      const { html } = await answer.json();
      take(form, new DOMParser().parseFromString(html, "text/html"));
    } catch {
      // Not reachable: the form can still be sent, and the server checks it then.
      release(form);
    }
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  addEventListener("pageshow", read);
}

function target(form) {
  return document.getElementById(form.dataset.previewTarget);
}

function ask(form) {
  const data = new FormData(form);
  const headers = { Accept: "application/json" };
  const options = { credentials: "same-origin", cache: "no-store", headers };
  if (form.dataset.previewMethod !== "get") {
    return fetch(form.dataset.preview, { ...options, method: "POST", body: data });
  }
  data.delete("csrfmiddlewaretoken");
  return fetch(`${form.dataset.preview}?${new URLSearchParams(data)}`, options);
}

function take(form, page) {
  const here = target(form);
  const there = page.getElementById(form.dataset.previewTarget);
  if (!here || !there) return;
  const next = document.importNode(there, true);
  // The element itself stays, so that a screen reader hears what changes inside.
  here.replaceChildren(...next.childNodes);
  here.classList.remove("is-stale");
  for (const name of ["valid", "missing", "wrong"]) here.dataset[name] = next.dataset[name] || "";
  settle(form, here.dataset.valid === "true", here.dataset.missing);
  form.dispatchEvent(new CustomEvent("portal:previewed", { detail: { ...here.dataset } }));
}

function settle(form, valid, missing) {
  for (const button of form.querySelectorAll("[data-needs-valid]")) button.disabled = !valid;
  const words = form.querySelector("[data-preview-missing]");
  if (words) words.textContent = valid ? "" : missing;
}

function release(form) {
  target(form)?.classList.remove("is-stale");
  settle(form, true, "");
}
