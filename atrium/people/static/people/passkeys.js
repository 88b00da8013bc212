/* A form that a passkey fills. The browser asks its owner; the form carries the answer. What to sign
   stands in data-options, or is fetched from data-from when the button is pressed. */
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function asked({ publicKey }) {
  const key = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
  if (key.excludeCredentials) key.excludeCredentials = known(key.excludeCredentials);
  if (key.allowCredentials) key.allowCredentials = known(key.allowCredentials);
  return { publicKey: key };
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

class TooOften extends Error {}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.from, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
  if (answer.status === 429) throw new TooOften();
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).request_options;
}

async function run(form) {
  const button = form.querySelector("button");
  const said = form.querySelector("[role=alert]");
  said.hidden = true;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    const options = asked(await optionsOf(form));
    const made = form.dataset.passkey === "create" ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
    form.elements.credential.value = JSON.stringify(answered(made));
    form.submit();
  } catch (error) {
    const words = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };
    said.textContent = form.dataset[error instanceof TooOften ? "tooOften" : (words[error.name] ?? "failed")];
    said.hidden = false;
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  // A passkey is for our public address; at another one the browser would refuse it.
  if (!window.PublicKeyCredential || location.origin !== form.dataset.address) continue;
  form.hidden = false;
  form.querySelector("[data-without-passkeys]")?.remove();
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form);
  });
}
