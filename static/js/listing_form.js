// The form of a listing while it is typed: topics as chips, a preview, what help on the chosen topics
// usually costs, and a draft that saves itself. Without this script every topic has a box, a button
// chooses them by the title, and another one saves the draft.
const WAIT = 400; // milliseconds without a key, before the server is asked for topics
const SAVE_AFTER = 2500;

const form = document.querySelector(".listing-form");
if (form) {
  startTopics(form, form.querySelector(".topic-picker"));
  startPreview(form, document.querySelector(".listing-preview"));
  if (form.dataset.saves) startSaving(form);
}

function button(label, style, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = style;
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

function labelOf(box) {
  return document.querySelector(`label[for="${box.id}"]`).textContent.trim();
}

function startTopics(form, picker) {
  const input = picker.querySelector("input[list]");
  const boxes = [...picker.querySelectorAll("input[type=checkbox]")];
  const chips = document.createElement("p");
  const suggestions = document.createElement("p");
  chips.className = "topic-chips";
  suggestions.className = "topic-chips";
  suggestions.setAttribute("role", "status");
  input.insertAdjacentElement("afterend", chips);
  chips.insertAdjacentElement("afterend", suggestions);
  picker.querySelector(".suggest-row").hidden = true;
  picker.querySelector("details").open = Boolean(picker.querySelector("details .has-error"));
  let suggested = [];

  function choose(box, checked) {
    box.checked = checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function show() {
    const chosen = boxes.filter((box) => box.checked);
    chips.replaceChildren(
      ...chosen.map((box) => {
        const chip = button(`${labelOf(box)} ×`, "topic-chip", () => choose(box, false));
        chip.setAttribute("aria-label", `Leave out ${labelOf(box)}`);
        return chip;
      }),
    );
    const open = suggested.filter((box) => !box.checked);
    suggestions.replaceChildren(
      ...(open.length ? ["By the title: "] : []),
      ...open.map((box) => button(`+ ${labelOf(box)}`, "topic-chip is-suggested", () => choose(box, true))),
    );
    showUsual(chosen.map((box) => box.value));
  }

  function showUsual(slugs) {
    const line = form.querySelector(".usual-line");
    if (!line) return;
    const rows = slugs
      .map((slug) => form.querySelector(`.usual-table tr[data-topic="${CSS.escape(slug)}"]`))
      .filter(Boolean)
      .map((row) => {
        const [name, median, between] = [...row.children].map((cell) => cell.textContent.trim());
        return `${name}: usually ${median}${between === "the same" ? "" : `, mostly ${between}`}`;
      });
    line.textContent = rows.length ? `${rows.join(". ")}.` : "";
  }

  function take() {
    const typed = input.value.trim().toLowerCase();
    const box = boxes.find((one) => labelOf(one).toLowerCase() === typed);
    if (!box) return false;
    input.value = "";
    choose(box, true);
    return true;
  }

  input.addEventListener("input", take);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && input.value.trim()) {
      event.preventDefault();
      take();
    }
  });
  picker.addEventListener("change", show);
  show();

  const title = form.querySelector("#title");
  let timer = 0;
  async function suggest() {
    const url = new URL(picker.dataset.suggestions, location.href);
    url.searchParams.set("title", title.value);
    try {
      const response = await fetch(url);
      if (!response.ok) return;
      const slugs = (await response.json()).topics.map((topic) => topic.slug);
      suggested = boxes.filter((box) => slugs.includes(box.value));
      show();
    } catch {
      // It was only a suggestion.
    }
  }
  title.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, WAIT);
  });
  if (title.value) suggest();
}

function startPreview(form, preview) {
  if (!preview) return;
  const part = (name) => preview.querySelector(`[data-part="${name}"]`);
  const value = (name) => form.elements[name]?.value ?? "";
  const chosen = (name) =>
    [...form.querySelectorAll(`[name="${name}"]:checked`)].map(labelOf).join(", ");

  function update() {
    const kind = value("kind");
    preview.classList.toggle("kind-request", kind === "request");
    part("kind").textContent = kind === "request" ? "Request" : "Offer";
    part("title").textContent = value("title") || "Your title";
    const words = value("description").split(/\s+/).join(" ");
    part("text").textContent = words.length > 180 ? `${words.slice(0, 180)} …` : words;
    part("credits").textContent = value("minutes") ? `${value("minutes")} credits` : "";
    part("mode").textContent = chosen("mode");
    part("topics").textContent = chosen("topics");
    part("phases").textContent = chosen("phases");
  }
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
}

function startSaving(form) {
  const line = form.querySelector(".draft-state");
  let timer = 0;
  let request = null;
  let sent = false;

  async function save() {
    if (sent || !(form.elements.title.value.trim() || form.elements.description.value.trim())) return;
    request = new AbortController();
    try {
      const response = await fetch(form.dataset.saves, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "application/json" },
        signal: request.signal,
      });
      const answer = await response.json();
      line.textContent = response.ok ? `Saved as a draft at ${answer.saved}.` : answer.message;
    } catch (error) {
      if (error.name !== "AbortError") line.textContent = "The draft could not be saved just now.";
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
  });
  form.addEventListener("submit", () => {
    sent = true;
    clearTimeout(timer);
    request?.abort();
  });
}
