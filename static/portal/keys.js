// Single-key shortcuts for people who live in the lists. They never change anything, and the
// dialog of shortcuts can switch them off.

const OFF = "keys-off";
const off = () => recall(OFF) === "1";
const switcher = document.querySelector("[data-keys-switch]");

if (switcher) {
  switcher.checked = !off();
  switcher.addEventListener("change", () => remember(OFF, switcher.checked ? "" : "1"));
}
if (recall("log-wrap") === "1") for (const log of document.querySelectorAll("[data-log]")) wrap(log, true);

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || off()) return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog[open]")) return;
  const act = {
    "/": focusFilter,
    "?": () => document.getElementById("keys")?.showModal(),
    j: () => stepRow(1),
    k: () => stepRow(-1),
    e: () => jump(document.querySelector("[data-log]"), 1),
    E: () => jump(document.querySelector("[data-log]"), -1),
    w: () => toggleWrap(document.querySelector("[data-log]")),
  }[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.addEventListener("click", (event) => {
  const log = event.target.closest("[data-log]");
  const jumper = event.target.closest("[data-log-jump]");
  if (jumper) jump(log, Number(jumper.dataset.logJump));
  else if (event.target.closest("[data-log-wrap]")) toggleWrap(log);
});

function focusFilter() {
  document.querySelector("[data-filters] :is(input:not([type=hidden]), select)")?.focus();
}

// Enter needs no code: the link of the row has the focus.
function stepRow(step) {
  const rows = [...document.querySelectorAll("tr[data-href]")];
  if (!rows.length) return;
  const place = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(Math.max(place + step, 0), rows.length - 1)];
  next.querySelector(".row-link, a")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function jump(log, step) {
  if (!log) return;
  const errors = [...log.querySelectorAll("[data-error]")];
  const marked = log.querySelector("[data-marked]");
  const place = errors.findIndex((line) => follows(marked, line, step));
  const next = step > 0 ? errors[place] : errors.findLast((line) => follows(marked, line, step));
  if (next) mark(log, marked, next);
  // The viewer holds a window of the log; the page says where the next error outside it is.
  else if (step > 0 && log.dataset.nextError) location.assign(log.dataset.nextError);
  else if (step < 0 && log.dataset.previousError) location.assign(log.dataset.previousError);
  else say(step > 0 ? "There is no further error." : "There is no earlier error.");
}

function follows(marked, line, step) {
  if (!marked) return true;
  const relation = marked.compareDocumentPosition(line);
  const wanted = step > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  return Boolean(relation & wanted);
}

function mark(log, old, line) {
  old?.removeAttribute("data-marked");
  line.setAttribute("data-marked", "");
  line.scrollIntoView({ block: "center" });
  const link = line.querySelector(".log-no");
  link.focus({ preventScroll: true });
  history.replaceState(null, "", link.href);
}

function toggleWrap(log) {
  if (log) wrap(log, log.dataset.wrap !== "on");
}

function wrap(log, on) {
  log.dataset.wrap = on ? "on" : "off";
  log.querySelector("[data-log-wrap]")?.setAttribute("aria-pressed", String(on));
  remember("log-wrap", on ? "1" : "");
}

function say(text) {
  document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text, tone: "neutral" } }));
}

function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
