// A section with data-live reads its address again and takes over what changed:
//
//   <section id="runs" data-live="/executions/?outcome=error">…</section>
//
// The answer is a page or a fragment that holds an element with the same id; a bare fragment
// replaces the content. data-live-final in the answer ends it. Every 3 s while somebody is
// at the page, every 60 s while it only stands open, never while it is hidden.
// An element elsewhere with an id and data-live-with="runs" is taken from the same answer.
// An element with data-live-status shows the state; a button with data-live-pause pauses.

const FAST = 3000;
const SLOW = 60000;
const IDLE_AFTER = 120000;

let lastSign = Date.now();
for (const sign of ["pointermove", "keydown", "scroll", "focus"]) {
  addEventListener(sign, () => (lastSign = Date.now()), { passive: true, capture: true });
}

class LiveSection {
  constructor(element) {
    this.element = element;
    this.etag = "";
    this.failures = 0;
    this.updatedAt = Date.now();
    this.paused = false;
    this.done = element.hasAttribute("data-live-final");
    this.timer = 0;
    this.schedule();
  }

  get url() {
    return this.element.dataset.live || location.href.split("#")[0];
  }

  schedule(soon = false) {
    clearTimeout(this.timer);
    if (this.done || this.paused || document.hidden) return;
    const pace = Date.now() - lastSign < IDLE_AFTER ? FAST : SLOW;
    const wait = Math.min(pace * 2 ** this.failures, SLOW);
    this.timer = setTimeout(() => this.read(), soon ? 0 : wait);
  }

  async read() {
    if (busy(this.element)) return this.schedule();
    try {
      const headers = { "HX-Request": "true", Accept: "text/html" };
      if (this.etag) headers["If-None-Match"] = this.etag;
      const answer = await fetch(this.url, { headers, cache: "no-store", credentials: "same-origin" });
      this.accept(answer, answer.ok ? await answer.text() : "");
    } catch {
      this.failures += 1;
    }
    this.schedule();
  }

  accept(answer, html) {
    if (answer.status === 304) return this.fresh();
    // Signed out or no longer allowed: asking again will not help.
    if (answer.redirected || [401, 403, 404].includes(answer.status)) {
      this.done = true;
      this.lost = true;
      return;
    }
    if (!answer.ok) {
      this.failures += 1;
      return;
    }
    this.etag = answer.headers.get("ETag") || "";
    this.take(new DOMParser().parseFromString(html, "text/html"));
    this.fresh();
  }

  take(page) {
    const same = this.element.id && page.getElementById(this.element.id);
    const next = same || page.body;
    if (next.hasAttribute("data-live-final") || page.querySelector("[data-live-final]")) this.done = true;
    if (same) morph(this.element, same);
    else morphChildren(this.element, next);
    this.takeCompanions(page);
    document.dispatchEvent(new CustomEvent("portal:updated", { detail: { element: this.element } }));
  }

  // What belongs to the section but stands elsewhere, such as the sentence in the page's head.
  takeCompanions(page) {
    for (const here of document.querySelectorAll(`[data-live-with="${this.element.id}"]`)) {
      const there = page.getElementById(here.id);
      if (there) morph(here, there);
    }
  }

  fresh() {
    this.failures = 0;
    this.updatedAt = Date.now();
  }

  pause(paused) {
    this.paused = paused;
    this.schedule(!paused);
  }

  get state() {
    if (this.lost) return ["failing", "No longer available. Reload the page."];
    if (this.done) return ["done", "Final"];
    if (this.paused) return ["paused", "Paused"];
    const age = Math.round((Date.now() - this.updatedAt) / 1000);
    if (this.failures) return ["failing", `Not reachable, as of ${age} s ago`];
    return ["live", age < 2 ? "Updated just now" : `Updated ${age} s ago`];
  }
}

// What somebody marks, types or has open is not taken away under their hands.
function busy(element) {
  const selection = getSelection();
  if (selection && !selection.isCollapsed && element.contains(selection.anchorNode)) return true;
  return Boolean(element.querySelector("dialog[open], details.menu[open]"));
}

function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (from.matches("input, textarea, select") && (from === document.activeElement || from.name === "csrfmiddlewaretoken")) return;
  copyAttributes(from, to);
  morphChildren(from, to);
}

function copyAttributes(from, to) {
  for (const { name, value } of [...to.attributes]) {
    if (name === "aria-expanded") continue;
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    // `open` (as what is expanded) and the address of the section belong to the reader, not to the answer.
    if (!to.hasAttribute(name) && !["open", "data-live", "aria-busy"].includes(name)) from.removeAttribute(name);
  }
}

const keyOf = (node) => node.nodeType === Node.ELEMENT_NODE && (node.id || node.dataset.key || "");

// Rows with an id or data-key keep their element wherever they move, so focus stays with them.
function morphChildren(from, to) {
  const keyed = new Map([...from.children].filter(keyOf).map((node) => [keyOf(node), node]));
  let cursor = from.firstChild;
  for (const next of [...to.childNodes]) {
    const key = keyOf(next);
    const match = key ? keyed.get(key) : cursor && !keyOf(cursor) && cursor.nodeName === next.nodeName ? cursor : null;
    if (!match || match.nodeName !== next.nodeName) {
      from.insertBefore(document.importNode(next, true), cursor);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else from.insertBefore(match, cursor);
    morph(match, next);
  }
  while (cursor) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.remove();
  }
}

const sections = [...document.querySelectorAll("[data-live]")].map((element) => new LiveSection(element));

function showState() {
  for (const status of document.querySelectorAll("[data-live-status]")) {
    const section = sections.find((one) => one.element.id === status.dataset.liveStatus) || sections[0];
    if (!section) continue;
    const [state, text] = section.state;
    status.dataset.state = state;
    const words = status.querySelector("[data-live-text]");
    if (words.textContent !== text) words.textContent = text;
    const button = status.querySelector("[data-live-pause]");
    if (button) button.hidden = section.done;
  }
}

if (sections.length) {
  setInterval(showState, 1000);
  showState();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) lastSign = Date.now();
    for (const section of sections) section.schedule(!document.hidden);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-live-pause]");
    if (!button) return;
    const paused = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(paused));
    for (const section of sections) section.pause(paused);
    showState();
  });
}
