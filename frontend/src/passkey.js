// Passkeys: a `form[data-passkey=get|create]` asks `data-question` what the browser is to answer, and sends the answer with the form.
// Without a browser that has passkeys, `[data-passkey-part]` stays hidden and the other ways to sign in remain.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The options as `navigator.credentials` takes them. */
function read(options) {
  const found = { ...options, challenge: bytes(options.challenge) };
  if (found.user) found.user = { ...found.user, id: bytes(found.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (found[list]) found[list] = found[list].map((each) => ({ ...each, id: bytes(each.id) }));
  }
  return found;
}

/** A credential as JSON text (WebAuthn level 3, section 5.1.8). */
function written(credential) {
  const { response } = credential;
  const said = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) said[part] = text(response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said });
}

async function answer(form) {
  const name = form.elements.namedItem("name")?.value ?? "";
  const question = await fetch(`${form.dataset.question}?name=${encodeURIComponent(name)}`);
  if (!question.ok) throw new Error(question.statusText);
  const { options, sealed } = await question.json();
  const publicKey = read(JSON.parse(options));
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
  form.elements.namedItem("sealed").value = sealed;
  form.elements.namedItem("answer").value = written(credential);
}

function begin(form) {
  const button = form.querySelector("[data-passkey-button]");
  const failed = form.querySelector("[data-passkey-failed]");
  const part = form.querySelector("[data-passkey-part]") ?? form.closest("[data-passkey-part]");
  if (part) part.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (form.dataset.passkey === "create" && !form.reportValidity()) return;
    button.disabled = true;
    failed.hidden = true;
    try {
      await answer(form);
      if (button.dataset.to) form.action = button.dataset.to;
      form.submit();
    } catch {
      failed.hidden = false;
      button.disabled = false;
    }
  });
}

if (window.PublicKeyCredential) for (const form of document.querySelectorAll("form[data-passkey]")) begin(form);
