// A box that shows the passwords of its form as they are typed; without this module it is hidden.
const box = document.querySelector("#show-passwords");
if (box) {
  const fields = [...box.form.querySelectorAll("input[type=password]")];
  box.checked = false;
  box.closest("[hidden]").hidden = false;
  box.addEventListener("change", () => {
    for (const field of fields) {
      field.type = box.checked ? "text" : "password";
    }
  });
  // Browsers offer to keep what was in a field of text; a password is not for that.
  box.form.addEventListener("submit", () => {
    for (const field of fields) {
      field.type = "password";
    }
  });
}
