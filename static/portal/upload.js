// Drag and drop and a progress bar for upload forms; without this file the form works as it is.
// The answer is a redirect, JSON {url} or JSON {message, hint}, or a page with the error in it.

for (const form of document.querySelectorAll("form[data-upload]")) prepare(form);

function prepare(form) {
  const input = form.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.setAttribute("data-over", "");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      if (name === "drop" || !form.contains(event.relatedTarget)) form.removeAttribute("data-over");
    });
  }
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.dataset.sending) send(form);
  });
}

function send(form) {
  const request = new XMLHttpRequest();
  form.dataset.sending = "1";
  clearError(form);
  showState(form, 0, "Uploading");
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.floor((100 * event.loaded) / event.total);
    if (percent < 100) showState(form, percent, `Uploading, ${percent} %`);
    else showState(form, null, "Reading the log");
  });
  request.addEventListener("load", () => finish(form, request));
  request.addEventListener("error", () =>
    fail(form, "The upload broke off.", "Check the connection to the portal and try again."),
  );
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json, text/html");
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.send(new FormData(form));
}

function finish(form, request) {
  const json = /json/.test(request.getResponseHeader("Content-Type") || "");
  const answer = json ? parse(request.responseText) : null;
  if (request.status < 400) {
    if (answer?.url || request.responseURL !== form.action) {
      location.assign(answer?.url || request.responseURL);
      return;
    }
    // The same address answered with a page: the form again, with its error.
  }
  if (answer) fail(form, answer.message || "The upload was refused.", answer.hint || "");
  else failByPage(form, request);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function failByPage(form, request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const callout = page.querySelector(".callout.tone-bad");
  const said = (name) => callout?.querySelector(name)?.textContent.trim() || "";
  const sentence = said(".callout-title") || said(".callout-text")
    || page.querySelector(".field-error span")?.textContent.trim();
  if (sentence) fail(form, sentence, said(".callout-hint"));
  else if (request.status === 413) fail(form, "The file is too large.", "Upload a shorter log, or zip it.");
  else fail(form, `The portal answered ${request.status}.`, "Try again; if it stays, tell an admin.");
}

function showState(form, percent, text) {
  const state = form.querySelector("[data-upload-state]");
  const bar = state.querySelector("progress");
  state.hidden = false;
  if (percent === null) bar.removeAttribute("value");
  else bar.value = percent;
  state.querySelector("[role=status]").textContent = text;
}

function clearError(form) {
  form.querySelector("[data-upload-error]").replaceChildren();
}

function fail(form, sentence, hint) {
  delete form.dataset.sending;
  form.querySelector("[data-upload-state]").hidden = true;
  const callout = document.createElement("div");
  callout.className = "callout tone-bad callout-plain";
  for (const [name, text] of [["callout-title", sentence], ["callout-hint", hint]]) {
    if (!text) continue;
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    callout.append(line);
  }
  form.querySelector("[data-upload-error]").replaceChildren(callout);
}
