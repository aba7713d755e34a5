// Says who would see something while it is chosen. Without this script the button does the same.
const fields = document.querySelector(".audience-fields");
if (fields) {
  const line = fields.querySelector(".audience-preview");
  const button = fields.querySelector("[name=show_audience]");
  button.hidden = true;
  let asked = 0;
  const show = async () => {
    const number = ++asked;
    const query = new URLSearchParams();
    for (const field of fields.querySelectorAll("input:checked, select")) query.append(field.name, field.value);
    const answer = await fetch(`${fields.dataset.preview}?${query}`).catch(() => null);
    if (number !== asked) return;
    if (!answer?.ok) {
      button.hidden = false;
      return;
    }
    const { words, count, missing } = await answer.json();
    if (number !== asked) return;
    line.classList.toggle("is-missing", missing);
    if (missing) {
      line.textContent = words;
    } else {
      const strong = document.createElement("strong");
      strong.textContent = words;
      line.replaceChildren("Who sees it: ", strong, count ? ` · ${count}` : "");
    }
    // A preview beside the form says it, too.
    line.dispatchEvent(new Event("input", { bubbles: true }));
  };
  fields.addEventListener("change", show);
}
