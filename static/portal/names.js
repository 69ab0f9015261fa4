// Suggests names while somebody types: an input with data-names="<address>" and a datalist.
// Without this file the input still takes a part of a name.

for (const input of document.querySelectorAll("input[data-names]")) suggest(input);

function suggest(input) {
  let timer = 0;
  let asked = null;
  const read = async () => {
    if (input.value === asked) return;
    asked = input.value;
    const answer = await fetch(`${input.dataset.names}?q=${encodeURIComponent(asked)}`, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (!answer.ok || asked !== input.value) return;
    const { names } = await answer.json();
    input.list.replaceChildren(...names.map((name) => new Option("", name)));
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => read().catch(() => (asked = null)), 150);
  };
  input.addEventListener("focus", later);
  input.addEventListener("input", later);
}
