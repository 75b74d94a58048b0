// What only a script can do: passkeys; and what it does so that nobody has to. All else on these pages works without one.

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[data-failed]");
    failed.hidden = true;
    try {
      const body = new URLSearchParams({ csrf: form.elements.csrf.value });
      const answer = await fetch(form.dataset.passkey, { method: "POST", body });
      const asked = await answer.json();
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.public_key);
      const credential = await navigator.credentials.get({ publicKey });
      form.elements.challenge.value = asked.challenge;
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}

// What is done in pieces: the next one, until it is done.
for (const form of document.querySelectorAll("form[data-go-on]")) form.requestSubmit();
