// Says how many characters of a text are left, once it comes near its end. Without this script the
// server says by how much a text is too long; nothing is ever cut.
const NEAR = 0.8;

function startCounter(field) {
  const most = Number(field.dataset.most);
  const line = document.createElement("p");
  line.className = "counter";
  line.setAttribute("role", "status");
  field.insertAdjacentElement("afterend", line);

  function update() {
    // As the server counts: by characters, and a line end is one.
    const length = [...field.value].length;
    const left = most - length;
    line.classList.toggle("is-beyond", left < 0);
    if (left < 0) {
      line.textContent = `${(-left).toLocaleString("en-GB")} characters too many`;
    } else if (length >= most * NEAR) {
      line.textContent = `${left.toLocaleString("en-GB")} of ${most.toLocaleString("en-GB")} characters left`;
    } else {
      line.textContent = "";
    }
  }

  field.addEventListener("input", update);
  update();
}

for (const field of document.querySelectorAll("[data-most]")) startCounter(field);
