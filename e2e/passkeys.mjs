// Passkeys in a real browser, with Chromium's virtual authenticator: registers one, signs in by it alone and behind the
// password, and is refused where it must be. What unit tests with an authenticator of our own cannot show: that browsers
// understand what they are asked, and that what they answer is understood. `cargo xtask e2e` runs it, and says where.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { launch, plugIn, step } from "./browser.mjs";

const { ROLEBOOK, EMAIL, PASSWORD } = process.env;
const browser = await launch();
try {
  // Scripts that a test puts into a page are not those that the page's own policy lets in.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  const authenticator = await plugIn(page);
  await page.goto(`${ROLEBOOK}/healthz`);

  await step("registers a passkey", async () => {
    const { access } = await signInByPassword(page, 200);
    const asked = await call(page, 200, "/second-factor/passkey", {}, access);
    const credential = await create(page, asked.public_key);
    const answer = { challenge: asked.challenge, credential, name: "Chromium" };
    const { factor } = await call(page, 201, "/second-factor/passkey/confirm", answer, access);
    assert.equal(factor.kind, "passkey");
    assert.equal(factor.name, "Chromium");
    const [held] = await authenticator.credentials();
    assert.ok(held.isResidentCredential);
    assert.equal(held.rpId, "localhost");
  });

  const own = await step("signs in by the passkey alone", async () => {
    const asked = await call(page, 200, "/user/login/passkey", {});
    const passkey = { challenge: asked.challenge, credential: await get(page, asked.public_key) };
    const session = await call(page, 200, "/user/login", { passkey });
    assert.equal(session.email, EMAIL);
    return { passkey, session };
  });

  await step("an answer counts once", async () => {
    await refused(page, { passkey: own.passkey });
  });

  await step("signs in by the password and the passkey", async () => {
    await call(page, 204, "/user/logout", undefined, own.session.access);
    const { token, methods } = await signInByPassword(page, 401);
    assert.ok(methods.includes("passkey"), methods);
    const asked = await call(page, 200, "/user/login/passkey", {}, token);
    assert.equal(asked.public_key.allowCredentials.length, 1);
    const passkey = { challenge: asked.challenge, credential: await get(page, asked.public_key) };
    const session = await call(page, 200, "/session/second-factor", { passkey }, token);
    assert.equal(session.email, EMAIL);
  });

  await step("the same authenticator is not asked for a second one", async () => {
    const asked = await call(page, 200, "/user/login/passkey", {});
    const passkey = { challenge: asked.challenge, credential: await get(page, asked.public_key) };
    const { access } = await call(page, 200, "/user/login", { passkey });
    const again = await call(page, 200, "/second-factor/passkey", {}, access);
    await assert.rejects(create(page, again.public_key), /InvalidStateError/);
  });

  await step("whoever is not verified gets no answer to send", async () => {
    await authenticator.verifies(false);
    const asked = await call(page, 200, "/user/login/passkey", {});
    await assert.rejects(get(page, asked.public_key), /NotAllowedError/);
    await authenticator.verifies(true);
  });

  await step("a page of another origin is refused", async () => {
    // The same host, so the browser lets it use the passkey; another port, so the server must not believe it.
    const elsewhere = createServer((_, response) => response.end("elsewhere"));
    await new Promise((listening) => elsewhere.listen(0, "localhost", listening));
    const { token } = await signInByPassword(page, 401);
    for (const bearer of [undefined, token]) {
      const asked = await call(page, 200, "/user/login/passkey", {}, bearer);
      await page.goto(`http://localhost:${elsewhere.address().port}`);
      const passkey = { challenge: asked.challenge, credential: await get(page, asked.public_key) };
      await page.goto(`${ROLEBOOK}/healthz`);
      await refused(page, { passkey }, bearer);
    }
    elsewhere.close();
  });
} finally {
  await browser.close();
}

/** The login's answer. */
function signInByPassword(page, status) {
  return call(page, status, "/user/login", { email: EMAIL, password: PASSWORD });
}

/** What the page's browser makes of `navigator.credentials.create`, as JSON. */
function create(page, options) {
  return page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return (await navigator.credentials.create({ publicKey })).toJSON();
  }, options);
}

/** What the page's browser makes of `navigator.credentials.get`, as JSON. */
function get(page, options) {
  return page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }, options);
}

/** Posts from within the page, and returns the answer's body. */
async function call(page, status, path, body, token) {
  const request = { url: `${ROLEBOOK}/api/v2${path}`, body, token };
  const answer = await page.evaluate(async ({ url, body, token }) => {
    const headers = { ...(body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }) };
    const response = await fetch(url, { method: "POST", headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : undefined };
  }, request);
  assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Shows a passkey that must not be believed: alone, or to go on with a login whose password was right. */
async function refused(page, body, token) {
  const [path, expected] = token ? ["/session/second-factor", "invalid_otp"] : ["/user/login", "invalid_credentials"];
  const { code } = await call(page, 401, path, body, token);
  assert.equal(code, expected);
}
