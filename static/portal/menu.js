// Drawer of the navigation, drop-down menus, tabs and filters on a phone, dismissing messages,
// clicks on table rows.

const toggle = document.querySelector("[data-nav-toggle]");

function setDrawer(open) {
  document.body.dataset.nav = open ? "open" : "";
  toggle?.setAttribute("aria-expanded", String(open));
}

toggle?.addEventListener("click", () => setDrawer(document.body.dataset.nav !== "open"));

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (document.body.dataset.nav === "open" && !event.target.closest(".side, [data-nav-toggle]")) {
    setDrawer(false);
  }
  event.target.closest("[data-dismiss]")?.closest("[data-message], .toast")?.remove();
  showFilters(event);
  openRow(event);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (document.body.dataset.nav === "open") {
    setDrawer(false);
    toggle.focus();
  }
});

function showFilters(event) {
  const more = event.target.closest("[data-filters-more]");
  more?.setAttribute("aria-expanded", String(more.getAttribute("aria-expanded") !== "true"));
}

// The tab in view may lie beyond the edge of a narrow screen.
for (const tabs of document.querySelectorAll(".tabs")) {
  const current = tabs.querySelector("[aria-current]");
  if (current) tabs.scrollLeft = current.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
}

// The row is a larger target for its own link; marking text in it must stay possible.
function openRow(event) {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.defaultPrevented || event.button !== 0) return;
  if (event.target.closest("a, button, input, select, label, summary, form")) return;
  if (String(getSelection())) return;
  if (event.metaKey || event.ctrlKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
}
