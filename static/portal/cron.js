// Helpers of the schedule editor: choose "weekly, Monday and Friday at 06:00" and the five
// fields are filled in. The fields are what is sent; typing in them is always possible.

for (const form of document.querySelectorAll("form[data-cron]")) help(form);

function help(form) {
  const cells = [...form.querySelectorAll("[data-cron-cell]")];
  const modes = [...form.querySelectorAll("[data-cron-mode]")];
  const builder = form.querySelector("[data-cron-builder]");
  const part = (name) => builder.querySelector(`[data-cron-part="${name}"]`);
  const days = [...builder.querySelectorAll("[data-cron-day]")];

  const show = (mode) => {
    for (const button of modes) button.setAttribute("aria-pressed", String(button.dataset.cronMode === mode));
    builder.hidden = mode === "raw";
    for (const piece of builder.querySelectorAll("[data-for]")) {
      piece.hidden = !piece.dataset.for.split(" ").includes(mode);
    }
    form.dataset.mode = mode;
  };

  const write = () => {
    const fields = compose(form.dataset.mode, part, days);
    if (!fields) return;
    cells.forEach((cell, place) => (cell.value = fields[place]));
    cells[0].dispatchEvent(new Event("input", { bubbles: true }));
  };

  for (const button of modes) {
    button.addEventListener("click", () => {
      show(button.dataset.cronMode);
      write();
      if (button.dataset.cronMode === "raw") cells[0].focus();
    });
  }
  builder.addEventListener("input", (event) => {
    event.stopPropagation();
    write();
  });
  builder.addEventListener("change", (event) => event.stopPropagation());
  cells.forEach((cell) => {
    cell.addEventListener("paste", (event) => part5(event, cells));
    cell.addEventListener("input", (event) => event.isTrusted && show("raw"));
  });
  form.addEventListener("portal:previewed", ({ detail }) => mark(cells, detail.wrong));
  show(read(cells, part, days));
}

// The five fields for what the helper says; null while it says nothing whole.
function compose(mode, part, days) {
  const number = (name, least, most) => {
    const value = Number.parseInt(part(name).value, 10);
    return value >= least && value <= most ? String(value) : null;
  };
  const [hour, minute] = part("time").value.split(":").map((text) => String(Number(text)));
  const named = days.filter((day) => day.checked).map((day) => day.value);
  const fields = {
    minutes: [everyMinutes(number("every", 1, 59)), "*", "*", "*", "*"],
    hourly: [number("minute", 0, 59), "*", "*", "*", "*"],
    daily: [minute, hour, "*", "*", "*"],
    weekly: [minute, hour, "*", "*", named.length === 7 ? "*" : named.join(",")],
    monthly: [minute, hour, number("day", 1, 31), "*", "*"],
  }[mode];
  return fields && fields.every((text) => text && text !== "NaN") ? fields : null;
}

function everyMinutes(count) {
  return count === "1" ? "*" : count && `*/${count}`;
}

// Which helper says what stands in the fields; it is filled in to match.
function read(cells, part, days) {
  const [minute, hour, day, month, weekday] = cells.map((cell) => cell.value.trim());
  const plain = (text) => /^\d{1,2}$/.test(text);
  if (month !== "*") return "raw";
  if (hour === "*" && day === "*" && weekday === "*") {
    const every = minute === "*" ? "1" : (minute.match(/^\*\/(\d{1,2})$/) || [])[1];
    if (every) return (part("every").value = every), "minutes";
    if (plain(minute)) return (part("minute").value = minute), "hourly";
  }
  if (!plain(minute) || !plain(hour)) return "raw";
  part("time").value = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (day === "*" && weekday === "*") return "daily";
  if (plain(day) && weekday === "*") return (part("day").value = day), "monthly";
  const chosen = expand(weekday);
  if (day !== "*" || !chosen) return "raw";
  for (const box of days) box.checked = chosen.has(box.value);
  return "weekly";
}

// The days of a list or range of numbers as a set of "0" to "6"; null for anything else.
function expand(text) {
  const found = new Set();
  for (const piece of text.split(",")) {
    const range = piece.match(/^([0-7])(?:-([0-7]))?$/);
    if (!range) return null;
    const last = Number(range[2] ?? range[1]);
    for (let day = Number(range[1]); day <= last; day++) found.add(String(day % 7));
  }
  return found;
}

// A whole expression pasted into one field is parted among the five.
function part5(event, cells) {
  const words = (event.clipboardData?.getData("text") || "").trim().split(/\s+/);
  if (words.length !== cells.length) return;
  event.preventDefault();
  cells.forEach((cell, place) => (cell.value = words[place]));
  cells[0].dispatchEvent(new Event("input", { bubbles: true }));
}

const PLACES = ["minute", "hour", "day of month", "month", "day of week"];

function mark(cells, wrong) {
  cells.forEach((cell, place) => {
    if (PLACES[place] === wrong) cell.setAttribute("aria-invalid", "true");
    else cell.removeAttribute("aria-invalid");
  });
}
