// One's own account, and what mailed links lead to: what needs a script there, and how it looks. `console.mjs` runs it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { plugIn, step } from "./browser.mjs";

const { OATHTOOL, ROLEBOOK, ENVIRONMENT } = process.env;
const HOME = `/console/environments/${ENVIRONMENT}`;
const ACCOUNT = `${HOME}/account`;
const PASSWORD = "a long and quiet one";

/** With what the console's scripts share; `token` is an administrator's. */
export async function account({ looks, post, token, visitor }) {
  await step("a mailed link's end reaches no server but in a form", async () => {
    const page = await visitor();
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await looks(page, "/console/invitation", "invitation");
    await page.goto(`${ROLEBOOK}/console/reset#token=${"A".repeat(43)}`);
    await page.getByText("not good any more").waitFor();
    await looks(page, undefined, "link-gone");
    await page.goto(`${ROLEBOOK}/console/address#token=${"A".repeat(43)}`);
    await page.getByRole("button", { name: "Confirm" }).waitFor();
    assert.ok(!(await page.getByLabel("Link from the mail").isVisible()));
    assert.ok(asked.every((url) => !url.includes("?")), "in no address");
    assert.ok(!page.url().includes("#"), "nor in the history");
    await looks(page, "/console/forgot", "forgot");
    await page.getByLabel("E-mail").fill("nobody@example.com");
    await page.keyboard.press("Enter");
    await page.getByText("Look into your mail").waitFor();
    await looks(page, undefined, "forgot-sent");
  });

  const ida = await visitor();
  await step("one's own account is good to look at", async () => {
    const group = await post(201, "group", { name: "Hiring", permissions: ["view_user", "add_user"] }, token);
    const person = { name: "Ida", first_name: "Ida", last_name: "Rhodes", email: "ida@example.com", password: PASSWORD, groups: [group.id] };
    await post(201, "user", person, token);
    await signIn(ida, ACCOUNT);
    await looks(ida, ACCOUNT, "account");
    await ida.getByLabel("Numbers and dates").fill("no tag");
    await ida.getByRole("button", { name: "Save" }).click();
    await ida.getByText("Use a BCP 47 language tag").waitFor();
    await looks(ida, undefined, "account-refused");
    await looks(ida, `${ACCOUNT}/sessions`, "account-sessions");
    await looks(ida, `${ACCOUNT}/permissions`, "account-permissions");
    await looks(ida, `${ACCOUNT}/tokens`, "account-tokens-none");
    await looks(ida, `/console/prove?next=${ACCOUNT}`, "prove");
    await looks(ida, `/console/password?next=${ACCOUNT}`, "password");
  });

  await step("an API token is shown once", async () => {
    await ida.goto(`${ROLEBOOK}${ACCOUNT}/tokens`);
    await ida.getByLabel("What it is for").fill("Nightly sync");
    await ida.getByLabel("view_user").check();
    await ida.getByRole("button", { name: "Make the token" }).click();
    await ida.getByText("Copy it now").waitFor();
    await looks(ida, undefined, "account-token");
    await ida.getByRole("link", { name: "Back" }).click();
    await looks(ida, undefined, "account-tokens");
  });

  await step("an app is enrolled, and then a passkey", async () => {
    await plugIn(ida);
    await ida.goto(`${ROLEBOOK}${ACCOUNT}/security`);
    await looks(ida, undefined, "account-security-none");
    await ida.getByRole("link", { name: "Add a second factor" }).click();
    await looks(ida, undefined, "enrol");
    await ida.getByRole("button", { name: "Use an app" }).click();
    const secret = (await ida.locator(".secret").innerText()).replaceAll(" ", "");
    await looks(ida, undefined, "enrol-totp");
    await ida.getByLabel("six digits").fill("000000");
    await ida.keyboard.press("Enter");
    await ida.getByText("This code is wrong").waitFor();
    const code = execFileSync(OATHTOOL, ["--totp", "--base32", secret], { encoding: "utf8" }).trim();
    await ida.getByLabel("six digits").fill(code);
    await ida.keyboard.press("Enter");
    await ida.getByText("Your recovery codes").first().waitFor();
    await looks(ida, undefined, "recovery-codes");
    await ida.getByRole("link", { name: "I have kept them" }).click();
    await ida.getByRole("link", { name: "Add a second factor" }).click();
    await ida.getByRole("button", { name: "Make a passkey" }).click();
    await ida.waitForURL(`${ROLEBOOK}${ACCOUNT}/security`);
    await ida.getByText("Passkey").first().waitFor();
    await looks(ida, undefined, "account-security");
    await ida.goto(`${ROLEBOOK}/console/prove?next=${ACCOUNT}/security`);
    await ida.getByRole("button", { name: "passkey" }).click();
    await ida.waitForURL(`${ROLEBOOK}${ACCOUNT}/security`);
  });

  await step("one's own language decides", async () => {
    await ida.goto(`${ROLEBOOK}${ACCOUNT}`);
    await ida.getByLabel("Language").selectOption("de");
    await ida.getByRole("button", { name: "Save" }).click();
    await ida.getByText("Gespeichert.").waitFor();
    await looks(ida, undefined, "account-german");
  });
}

async function signIn(page, path) {
  await page.goto(`${ROLEBOOK}${path}`);
  await page.getByLabel("E-mail").fill("ida@example.com");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`**${path}`);
}
