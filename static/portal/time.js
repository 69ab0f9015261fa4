// Keeps "12 min ago" true while a page stands open. The wording equals common/formats.py.

const STEPS = [
  [60, 1, "s"],
  [3600, 60, "min"],
  [86400, 3600, "h"],
  [86400 * 60, 86400, "d"],
  [86400 * 730, 86400 * 30, "months"],
  [Infinity, 86400 * 365, "years"],
];

function relative(moment, now) {
  const seconds = (now - moment) / 1000;
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const [, divisor, unit] = STEPS.find(([limit]) => size < limit);
  const amount = `${Math.floor(size / divisor)} ${unit}`;
  return seconds > 0 ? `${amount} ago` : `in ${amount}`;
}

function refresh() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const text = relative(Date.parse(time.dateTime), now);
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(() => document.hidden || refresh(), 5000);
document.addEventListener("visibilitychange", refresh);
document.addEventListener("portal:updated", refresh);
