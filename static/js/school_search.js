// Suggests schools while one types in the box that finds a school. Without this script the box is a
// plain form. It is a combobox with a listbox: the focus stays in the box, arrow keys choose.
const WAIT = 150; // milliseconds without a key, before the server is asked
const SHORTEST = 2;
const REMEMBERED = 50;

function startSearch(form) {
  const input = form.querySelector('input[type="search"]');
  const list = form.querySelector('[role="listbox"]');
  const status = form.querySelector('[role="status"]');
  const template = form.querySelector("template");
  const answers = new Map();
  let timer = 0;
  let request = null;
  let active = -1;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(number) {
    const options = list.children;
    if (active >= 0) options[active].setAttribute("aria-selected", "false");
    active = number;
    if (active < 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    options[active].setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function optionFor(school, number) {
    const option = template.content.firstElementChild.cloneNode(true);
    option.id = `school-option-${number}`;
    option.dataset.url = school.url;
    for (const part of ["name", "place", "state"]) {
      option.querySelector(`.school-option-${part}`).textContent = school[part];
    }
    return option;
  }

  function show({ schools, is_close: isClose }) {
    close();
    list.replaceChildren(...schools.map(optionFor));
    list.hidden = schools.length === 0;
    input.setAttribute("aria-expanded", String(schools.length > 0));
    const count = schools.length === 1 ? "1 school" : `${schools.length} schools`;
    if (schools.length === 0) status.textContent = "No school found";
    else status.textContent = isClose ? `Nothing fits exactly. ${count} come close` : count;
  }

  async function ask(typed) {
    request?.abort();
    if (answers.has(typed)) {
      show(answers.get(typed));
      return;
    }
    request = new AbortController();
    const url = new URL(form.dataset.suggestions, location.href);
    url.searchParams.set("q", typed);
    try {
      const response = await fetch(url, { signal: request.signal });
      if (response.status === 429) {
        close();
        status.textContent = (await response.json()).message;
      }
      if (!response.ok) return; // the button still works
      const answer = await response.json();
      if (answers.size >= REMEMBERED) answers.clear();
      answers.set(typed, answer);
      if (input.value.trimStart() === typed) show(answer);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const typed = input.value.trimStart();
    if (typed.trim().length < SHORTEST) {
      request?.abort();
      status.textContent = "";
      close();
      return;
    }
    timer = setTimeout(() => ask(typed), WAIT);
  });

  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // it would empty the box
      close();
    } else if (event.key === "ArrowDown" && last >= 0) {
      event.preventDefault();
      if (list.hidden) {
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      }
      choose(active < last ? active + 1 : 0);
    } else if (event.key === "ArrowUp" && !list.hidden) {
      event.preventDefault();
      choose(active > 0 ? active - 1 : last);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      location.assign(list.children[active].dataset.url);
    }
  });

  // Before the box loses the focus, which would close the list under the pointer.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
}

for (const form of document.querySelectorAll("form[data-suggestions]")) startSearch(form);
