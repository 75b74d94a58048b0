// What only a script can do: passkeys, what a mailed link carries, and keys that mean something else than a browser thinks. All
// else works without one.

// It stands behind the address, where no server sees it: from there it goes into the form. Whoever has no script puts the link there.
for (const form of document.querySelectorAll("form[data-link]")) {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) continue;
  form.elements.link.value = token;
  form.elements.link.closest(".field").hidden = true;
  history.replaceState(null, "", location.pathname);
  if (form.dataset.link === "open") form.submit();
}

for (const form of document.querySelectorAll("form[data-new-passkey]")) {
  ceremony(form, form.dataset.newPasskey, "parseCreationOptionsFromJSON", (publicKey) => navigator.credentials.create({ publicKey }));
}
for (const form of document.querySelectorAll("form[data-passkey]")) {
  ceremony(form, form.dataset.passkey, "parseRequestOptionsFromJSON", (publicKey) => navigator.credentials.get({ publicKey }));
}

/** Asks for a challenge, has the browser answer it, and sends the answer with the form. */
function ceremony(form, challenge, read, answer) {
  if (!window.PublicKeyCredential?.[read]) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[data-failed]");
    failed.hidden = true;
    try {
      const body = new URLSearchParams({ csrf: form.elements.csrf.value });
      const asked = await (await fetch(challenge, { method: "POST", body })).json();
      const credential = await answer(PublicKeyCredential[read](asked.public_key));
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
// What is done in pieces: the next one, until it is done.
for (const form of document.querySelectorAll("form[data-go-on]")) form.requestSubmit();
