// Passkeys: asks the browser to make or use one, and sends its answer with the form it belongs to. Words come from the page.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function say(form, words) {
  const place = form.querySelector("[data-said]");
  place.textContent = words;
  place.hidden = !words;
}

async function askedOptions(form) {
  const csrf = form.elements.namedItem("csrf").value;
  const answer = await fetch("/my/passkeys/options", {
    method: "POST",
    body: new URLSearchParams({ csrf, purpose: form.dataset.passkey }),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.fault);
  told.challenge = bytes(told.challenge);
  if (told.user) told.user.id = bytes(told.user.id);
  for (const list of [told.excludeCredentials, told.allowCredentials]) {
    for (const each of list ?? []) each.id = bytes(each.id);
  }
  return told;
}

function made(credential) {
  const { response } = credential;
  return {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  };
}

function used(credential) {
  const { response } = credential;
  return {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: response.userHandle ? text(response.userHandle) : undefined,
  };
}

async function answered(form) {
  const publicKey = await askedOptions(form);
  const making = form.dataset.passkey === "make";
  const credential = await (making ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: making ? made(credential) : used(credential),
    clientExtensionResults: {},
  });
}

async function send(form) {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  say(form, "");
  try {
    form.elements.namedItem("credential").value = await answered(form);
    form.submit();
  } catch (error) {
    // What the browser says of itself is a DOMException; ours is an Error with words from the server.
    const known = error.name === "InvalidStateError" ? form.dataset.known : form.dataset.canceled;
    say(form, error instanceof DOMException ? known : error.message || form.dataset.canceled);
    button.disabled = false;
    button.focus();
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    say(form, form.dataset.unable);
    continue;
  }
  form.querySelector("button[type=submit]").disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
