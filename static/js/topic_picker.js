// Topics as chips, chosen by typing. Without this script the server reads what was typed, and every
// topic has a box.
for (const picker of document.querySelectorAll(".topic-picker")) start(picker);

function start(picker) {
  const input = picker.querySelector("input[list]");
  const boxes = [...picker.querySelectorAll("input[type=checkbox]")];
  const chips = document.createElement("p");
  chips.className = "topic-chips";
  chips.setAttribute("role", "status");
  input.insertAdjacentElement("afterend", chips);
  picker.querySelector("details").open = Boolean(picker.querySelector("details .has-error"));

  const labelOf = (box) => picker.querySelector(`label[for="${box.id}"]`).textContent.trim();

  function choose(box, checked) {
    box.checked = checked;
    show();
  }

  function chipOf(box) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "topic-chip";
    chip.textContent = `${labelOf(box)} ×`;
    chip.setAttribute("aria-label", `Leave out ${labelOf(box)}`);
    chip.addEventListener("click", () => {
      choose(box, false);
      input.focus();
    });
    return chip;
  }

  function show() {
    chips.replaceChildren(...boxes.filter((box) => box.checked).map(chipOf));
  }

  function take() {
    const typed = input.value.trim().toLowerCase();
    const box = boxes.find((one) => labelOf(one).toLowerCase() === typed);
    if (!box) return;
    input.value = "";
    choose(box, true);
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
}
