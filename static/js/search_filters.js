// On a wide screen a filter narrows the search as soon as it is chosen, and the focus stays on it.
// Without this script, and on a narrow screen, the button under the filters does it.
const KEY = "filter";
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
    sessionStorage.setItem(KEY, event.target.id);
    form.requestSubmit();
  });
  const last = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (last) document.getElementById(last)?.focus({ preventScroll: true });
}
