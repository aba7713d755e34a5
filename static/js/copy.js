// Buttons that copy the text of another part of the page. Without this script they are not there.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    const words = button.firstChild;
    words.textContent = "Copied";
    setTimeout(() => {
      words.textContent = "Copy";
    }, 2000);
  });
}
