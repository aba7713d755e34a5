// On a wide screen a filter narrows the search as soon as it is chosen, and the focus stays on it: its
// name goes with the address, behind the “#”. Without this script, and on a narrow screen, the button
// under the filters does it.
const form = document.getElementById("search-form");
const filters = document.querySelector(".search-filters");
const isWide = matchMedia("(min-width: 62rem)");

if (form && filters) {
  const button = filters.querySelector(".search-apply");
  const fit = () => {
    button.hidden = isWide.matches;
  };
  fit();
  isWide.addEventListener("change", fit);
  filters.addEventListener("change", (event) => {
    if (!isWide.matches) return;
    form.action = `${location.pathname}#${event.target.id}`;
    form.requestSubmit();
  });
  const last = document.getElementById(location.hash.slice(1));
  if (last && filters.contains(last)) {
    last.focus({ preventScroll: true });
    history.replaceState(null, "", location.pathname + location.search);
  }
}
