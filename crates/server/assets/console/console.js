// What only a script can do: passkeys, and keys that mean something else than a browser thinks. All else works without one.

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

// Enter in a field that looks for things presses its own button, not the form's.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-find]")) return;
  event.preventDefault();
});

// One box for all boxes of a page.
document.addEventListener("htmx:load", () => {
  for (const all of document.querySelectorAll("[data-all]")) all.hidden = false;
});
document.addEventListener("change", ({ target }) => {
  const name = target.dataset?.all;
  if (!name) return;
  for (const box of target.form.querySelectorAll(`input[name="${name}"]`)) box.checked = target.checked;
});
