// The button of a passkey form asks the browser for the passkey; its answer is sent with the form.
// Only passkeys depend on this: a code or a password needs no script.

function toBytes(text) {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function toOptions(json) {
  const options = JSON.parse(json);
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const name of ["allowCredentials", "excludeCredentials"]) {
    options[name] = (options[name] ?? []).map((key) => ({ ...key, id: toBytes(key.id) }));
  }
  return options;
}

function toJson(credential) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const parts = names
    .filter((name) => credential.response[name])
    .map((name) => [name, toText(credential.response[name])]);
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: Object.fromEntries(parts),
  });
}

function explain(error) {
  if (error.name === "InvalidStateError") {
    return "This device already has a passkey for your account.";
  }
  if (error.name === "NotAllowedError") {
    return "No passkey was used. Try again, and unlock your device or security key when it asks.";
  }
  if (error.name === "SecurityError") {
    return "Passkeys do not work at this address. Open the site by its usual address.";
  }
  return "The browser could not use a passkey. Try again, or use another way.";
}

async function ask(form, problem) {
  problem.hidden = true;
  try {
    const publicKey = toOptions(form.dataset.options);
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
    form.elements.credential.value = toJson(credential);
    form.submit();
  } catch (error) {
    problem.textContent = explain(error);
    problem.hidden = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form, form.querySelector("[data-passkey-problem]"));
    });
  }
  for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = true;
}
