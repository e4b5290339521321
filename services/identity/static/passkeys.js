// Passkeys need a script: nothing else on these pages does. What the browser made goes into an ordinary form.
"use strict";

const canUse = window.PublicKeyCredential
  && PublicKeyCredential.parseRequestOptionsFromJSON
  && PublicKeyCredential.parseCreationOptionsFromJSON;

async function askOptions(form) {
  const answer = await fetch(form.dataset.ask, {
    method: "POST",
    body: new URLSearchParams({ form: form.elements.form.value }),
  });
  if (!answer.ok) throw new Error("no options");
  return answer.json();
}

async function credentialFor(form) {
  if (form.dataset.kind === "create") {
    const asked = await askOptions(form);
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.options);
    return navigator.credentials.create({ publicKey });
  }
  let options;
  if (form.dataset.options) {
    options = JSON.parse(form.dataset.options);
  } else {
    const asked = await askOptions(form);
    form.elements.challenge.value = asked.challenge;
    options = asked.options;
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

for (const form of document.querySelectorAll("form[data-kind]")) {
  if (!canUse) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[role=alert]");
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify((await credentialFor(form)).toJSON());
    } catch {
      failed.hidden = false;
      return;
    }
    HTMLFormElement.prototype.submit.call(form);
  });
}
for (const shown of document.querySelectorAll("[data-without-script]")) shown.hidden = Boolean(canUse);
