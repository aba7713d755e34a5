// On a wide screen a filter narrows the search as soon as it is chosen, and the focus stays on it: its
// name goes with the address, behind the “#”. On a narrow screen the button under the filters does it,
// and it and the filters say how many results there would be. Without this script, they say how many
// there were when the page was made.
const form = document.getElementById("search-form");
const filters = document.querySelector(".search-filters");
const isWide = matchMedia("(min-width: 62rem)");

if (form && filters) {
  const part = filters.querySelector(".search-apply");
  const button = part.querySelector("button");
  let request;
  const fit = () => {
    part.hidden = isWide.matches;
  };
  fit();
  isWide.addEventListener("change", fit);
  filters.addEventListener("change", (event) => {
    if (!isWide.matches) {
      count();
      return;
    }
    form.action = `${location.pathname}#${event.target.id}`;
    form.requestSubmit();
  });
  const last = document.getElementById(location.hash.slice(1));
  if (last && filters.contains(last)) {
    last.focus({ preventScroll: true });
    history.replaceState(null, "", location.pathname + location.search);
  }

  async function count() {
    request?.abort();
    request = new AbortController();
    button.textContent = "Show results";
    try {
      const query = new URLSearchParams(new FormData(form));
      const response = await fetch(`${form.action}?${query}`, { signal: request.signal });
      if (!response.ok) return;
      const found = new DOMParser().parseFromString(await response.text(), "text/html");
      say(found);
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    }
  }

  function say(found) {
    const number = found.querySelector(".search-apply button")?.dataset.count;
    if (number === undefined) return;
    button.textContent = number === "1" ? "Show 1 result" : `Show ${number} results`;
    for (const choice of filters.querySelectorAll(".facet-choice")) {
      const there = found.getElementById(choice.querySelector("input").id);
      const counted = there?.closest(".facet-choice").querySelector(".facet-count").textContent;
      choice.querySelector(".facet-count").textContent = counted ?? "0";
    }
    for (const group of filters.querySelectorAll(".facet-group")) {
      const [ofAll, ofFirst] = group.querySelectorAll(".facet-count");
      ofAll.textContent = ofFirst.textContent;
    }
  }
}
