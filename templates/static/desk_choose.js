// Choosing a matter: arrow keys go from the search into the list and through it.

const search = document.getElementById("q");

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const places = [search, ...document.querySelectorAll("#found a")];
  const here = places.indexOf(document.activeElement);
  if (here < 0) return;
  event.preventDefault();
  places[Math.max(0, Math.min(here + step, places.length - 1))].focus();
});

search.form.addEventListener("submit", (event) => {
  const only = document.querySelectorAll("#found a");
  if (only.length !== 1) return;
  event.preventDefault(); // one is left: that one is meant
  only[0].click();
});
search.select();
