// Classic script in the head, so that the theme stands before anything is painted.
// The cookie lets the server write data-theme itself; localStorage outlives the cookie.
(function () {
  const root = document.documentElement;
  root.setAttribute("data-js", "");
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage may be switched off; the cookie and the system setting remain.
  }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = root.dataset.theme || (dark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // See above.
    }
  });
})();
