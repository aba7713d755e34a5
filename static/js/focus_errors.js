// Nothing depends on this: after a form comes back with problems, the summary is read out first.
document.querySelector(".error-summary")?.focus();
