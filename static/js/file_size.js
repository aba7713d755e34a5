// Says before anything is sent that a chosen file is too large. Without this script the server does.
for (const field of document.querySelectorAll("[data-most-bytes]")) {
  const line = document.createElement("p");
  line.className = "field-error";
  line.setAttribute("role", "status");
  line.hidden = true;
  field.insertAdjacentElement("afterend", line);
  field.addEventListener("change", () => {
    const [file] = field.files;
    line.hidden = !file || file.size <= Number(field.dataset.mostBytes);
    line.textContent = line.hidden ? "" : field.dataset.tooLarge;
  });
}
