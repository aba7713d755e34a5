// Suggests schools or places while one types a name into a field, as options of its datalist.
// Without this script one types the whole name, a part of it or the URN.
const WAIT = 150; // milliseconds without a key, before the server is asked
const SHORTEST = 2;

function startNames(input) {
  const list = document.getElementById(input.getAttribute("list"));
  let timer = 0;
  let request = null;

  function show(schools) {
    const options = schools.map((school) => {
      const option = document.createElement("option");
      // A name that several have would not say which is meant.
      const same = schools.filter((other) => other.name === school.name);
      option.value = same.length > 1 ? school.urn : school.name;
      option.label = same.length > 1 ? `${school.name}, ${school.place}` : school.place;
      return option;
    });
    list.replaceChildren(...options);
  }

  async function ask(typed) {
    request?.abort();
    request = new AbortController();
    const url = new URL(input.dataset.names, location.href);
    url.searchParams.set("q", typed);
    try {
      const response = await fetch(url, { signal: request.signal });
      if (!response.ok) return;
      const found = await response.json();
      show(found.schools ?? found.places);
    } catch (error) {
      if (error.name !== "AbortError") list.replaceChildren();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const typed = input.value.trim();
    // What was chosen out of the list is not asked for again.
    if (typed.length < SHORTEST || [...list.options].some((option) => option.value === typed)) return;
    timer = setTimeout(() => ask(typed), WAIT);
  });
}

for (const input of document.querySelectorAll("input[data-names]")) startNames(input);
