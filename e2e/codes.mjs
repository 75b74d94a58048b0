// Codes by time as another program makes them: oathtool. Enrols, signs in over both APIs, and is refused the second time. What our
// own tests cannot show: that we agree with the rest of the world. `cargo xtask e2e` runs it, and says where.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

const { OATHTOOL, ROLEBOOK, EMAIL, PASSWORD } = process.env;
const login = { email: EMAIL, password: PASSWORD };
let moment = Date.now();

const { access } = await post(200, "v2/user/login", login);
const { secret } = await post(200, "v2/second-factor/totp", {}, access);
const first = code();
const { recovery_codes: written } = await post(201, "v2/second-factor/totp/confirm", { otp: first }, access);
console.log("    enrols an app");

const { code: asked } = await post(401, "v2/user/login", login);
assert.equal(asked, "otp_required");
assert.equal((await post(401, "v2/user/login", { ...login, otp: first })).code, "invalid_otp");
const next = code();
await post(200, "v2/user/login", { ...login, otp: next });
assert.equal((await post(401, "v2/user/login", { ...login, otp: next })).code, "invalid_otp");
console.log("    a code signs in, once");

assert.equal((await post(401, "v1/login", { user: EMAIL, password: PASSWORD })).error, "totp_required");
await post(200, "v1/login", { user: EMAIL, password: PASSWORD, code: written[0] });
console.log("    the first API asks for one too");

/** The code of a step after all that were shown: one step early is early enough. */
function code() {
  const at = new Date(moment).toISOString().replace("T", " ").replace(/\..*/, " UTC");
  moment += 30_000;
  return execFileSync(OATHTOOL, ["--totp", "--base32", `--now=${at}`, secret], { encoding: "utf8" }).trim();
}

async function post(status, path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${ROLEBOOK}/api/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json();
  assert.equal(response.status, status, `${path}: ${JSON.stringify(answer)}`);
  return answer;
}
