// Says who would see something while it is chosen. Without this script the button does the same.
const fields = document.querySelector(".audience-fields");
if (fields) {
  const line = fields.querySelector(".audience-preview");
  const button = fields.querySelector("[name=show_audience]");
  button.hidden = true;
  const repeated = [...document.querySelectorAll("[data-audience]")];
  let asked = 0;
  const show = async () => {
    const number = ++asked;
    const query = new URLSearchParams();
    for (const field of fields.querySelectorAll("input:checked, select")) query.append(field.name, field.value);
    const answer = await fetch(`${fields.dataset.preview}?${query}`).catch(() => null);
    if (number !== asked) return;
    if (!answer?.ok) {
      button.hidden = false;
      for (const place of repeated) place.classList.remove("is-live");
      return;
    }
    const { words, count, missing } = await answer.json();
    if (number !== asked) return;
    line.classList.toggle("is-missing", missing);
    const say = (place) => {
      place.classList.add("is-live");
      const strong = document.createElement("strong");
      strong.textContent = words;
      if (missing) place.textContent = words;
      else place.replaceChildren("Who sees it: ", strong, count ? ` · ${count}` : "");
    };
    // It is said beside the choice, and wherever else the page repeats it.
    [line, ...repeated].forEach(say);
  };
  fields.addEventListener("change", show);
}
