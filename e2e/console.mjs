// The console in a real browser: what needs its scripts, what must work by keyboard alone, and how it looks. On every page axe
// finds nothing, in both themes and on a telephone, and the page's own policy refuses nothing that the page needs. Screenshots are
// kept in SHOTS. `cargo xtask e2e` runs it, and says where.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import axe from "axe-core";
import { account } from "./account.mjs";
import { launch, plugIn, step } from "./browser.mjs";
import { roles } from "./roles.mjs";
import { users } from "./users.mjs";
import { system } from "./system.mjs";

const { OATHTOOL, ROLEBOOK, EMAIL, PASSWORD, ENVIRONMENT, SHOTS, OPERATOR_EMAIL, OPERATOR_PASSWORD } = process.env;
const HOME = `/console/environments/${ENVIRONMENT}`;
const LOOKS = [
  { name: "light", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "narrow", colorScheme: "light", viewport: { width: 360, height: 740 } },
  { name: "wide", colorScheme: "dark", viewport: { width: 2560, height: 1200 } },
];

mkdirSync(SHOTS, { recursive: true });
const browser = await launch();
const refused = [];
try {
  const session = await post(200, "user/login", { email: EMAIL, password: PASSWORD });
  await step("people are there to be shown", () => people(session.access));

  const anybody = await visitor();
  await step("the sign-in page is good to look at", () => looks(anybody, "/console/sign-in", "sign-in"));

  await step("signs in by keyboard alone", async () => {
    await anybody.goto(`${ROLEBOOK}${HOME}/users?status=active`);
    await anybody.locator(":focus").waitFor();
    await anybody.keyboard.type(EMAIL);
    await anybody.keyboard.press("Tab");
    await anybody.keyboard.type("wrong");
    await anybody.keyboard.press("Enter");
    await anybody.getByRole("alert").first().waitFor();
    await looks(anybody, undefined, "sign-in-refused");
    assert.equal(await anybody.getByLabel("E-mail").inputValue(), EMAIL);
    await anybody.keyboard.type(PASSWORD);
    await anybody.keyboard.press("Enter");
    await anybody.waitForURL(`**${HOME}/users?status=active`);
  });

  await step("the pages are good to look at", async () => {
    await looks(anybody, HOME, "home");
    await looks(anybody, `${HOME}/users`, "users");
    await looks(anybody, `${HOME}/users?search=nobody-at-all`, "users-empty");
    await looks(anybody, "/console?all=true", "environments");
    await looks(anybody, "/console/environments/nowhere", "error");
  });

  await step("searches as one types", async () => {
    await anybody.goto(`${ROLEBOOK}${HOME}/users`);
    await anybody.getByRole("searchbox").pressSequentially("lovelace", { delay: 20 });
    await anybody.waitForURL("**search=lovelace**");
    await anybody.getByText("Ada Lovelace").waitFor();
    assert.equal(await anybody.locator("tbody tr").count(), 1);
    await anybody.goBack();
    await anybody.waitForURL(`**${HOME}/users`);
    await anybody.getByText("Grace Hopper").first().waitFor();
    assert.equal(await anybody.getByRole("searchbox").inputValue(), "");
  });

  const plain = await visitor({ javaScriptEnabled: false });
  await signIn(plain, `${HOME}/users`);
  const call = (method, status, path, body) => send(method, status, path, body, session.access);
  await users({ page: anybody, plain, looks, call, origin: ROLEBOOK, home: HOME });
  const operator = await visitor();
  await signIn(operator, "/console/system/environments", undefined, OPERATOR_EMAIL, OPERATOR_PASSWORD);
  await system({ page: anybody, plain, operator, looks, origin: ROLEBOOK, home: HOME });
  await roles({ page: anybody, plain, looks, call, origin: ROLEBOOK, home: HOME });

  await step("works without scripts", async () => {
    const page = await visitor({ javaScriptEnabled: false });
    await signIn(page, `${HOME}/users`);
    await page.getByRole("searchbox").fill("lovelace");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("Ada Lovelace").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/console/sign-in");
  });

  await account({ looks, post, token: session.access, visitor });

  await step("a code is asked for, and a passkey will do", async () => {
    const { secret } = await post(200, "second-factor/totp", {}, session.access);
    const code = (later) => {
      const at = new Date(Date.now() + later).toISOString().replace("T", " ").replace(/\..*/, " UTC");
      return execFileSync(OATHTOOL, ["--totp", "--base32", `--now=${at}`, secret], { encoding: "utf8" }).trim();
    };
    await post(201, "second-factor/totp/confirm", { otp: code(0) }, session.access);
    const page = await visitor();
    const authenticator = await plugIn(page);
    await signIn(page, HOME, /second-factor/);
    await looks(page, undefined, "second-factor");
    await page.getByLabel("Code").fill("000000");
    await page.keyboard.press("Enter");
    await page.getByText("This code is wrong").waitFor();
    await looks(page, undefined, "second-factor-refused");
    await page.getByLabel("Code").fill(code(30_000));
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${HOME}`);

    const asked = await post(200, "second-factor/passkey", {}, session.access);
    const credential = await page.evaluate(async (options) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      return (await navigator.credentials.create({ publicKey })).toJSON();
    }, asked.public_key);
    await post(201, "second-factor/passkey/confirm", { challenge: asked.challenge, credential }, session.access);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "passkey" }).click();
    await page.waitForURL(`**${HOME}`);
    await page.getByRole("button", { name: "Sign out" }).click();

    await signIn(page, HOME, /second-factor/);
    await page.getByRole("button", { name: "passkey" }).click();
    await page.waitForURL(`**${HOME}`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await authenticator.verifies(false);
    await page.getByRole("button", { name: "passkey" }).click();
    await page.getByText("The passkey was not accepted").waitFor();
  });

  assert.deepEqual(refused, [], "what a page's policy refused, or its scripts fell over");
} finally {
  await browser.close();
}

/** A page of somebody new; what its console complains of is kept. */
async function visitor(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    const expected = /status of (403|422)/.test(message.text());
    if (message.type() === "error" && !expected) refused.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => refused.push(`${page.url()}: ${error}`));
  return page;
}

async function signIn(page, path, then = path, email = EMAIL, password = PASSWORD) {
  await page.goto(`${ROLEBOOK}${path}`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(typeof then === "string" ? `**${then}` : then);
}

/** Looks at a page, or at the one that is open, in every theme and width. */
async function looks(page, path, name) {
  if (path) await page.goto(`${ROLEBOOK}${path}`);
  for (const look of LOOKS) {
    await page.emulateMedia({ colorScheme: look.colorScheme });
    await page.setViewportSize(look.viewport);
    await page.screenshot({ path: `${SHOTS}/${name}-${look.name}.png` });
    await page.evaluate(axe.source);
    const found = await page.evaluate(() => globalThis.axe.run());
    const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
    assert.deepEqual(told, [], `axe at ${name}, ${look.name}`);
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${name}, ${look.name}: ${content} px do not fit`);
  }
  await page.setViewportSize(LOOKS[0].viewport);
}

async function people(token) {
  const group = await post(201, "group", { name: "accounting" }, token);
  const named = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Katherine Johnson", "Edsger Dijkstra", "Barbara Liskov",
    "Donald Knuth", "Margaret Hamilton", "Niklaus Wirth", "Radia Perlman", "Tony Hoare", "Frances Allen", "Ken Thompson"];
  for (const [index, name] of named.entries()) {
    const [first_name, last_name] = name.split(" ");
    const email = `${first_name}.${last_name}@example.com`.toLowerCase();
    const groups = index % 3 === 0 ? [group.id] : [];
    const person = { name, first_name, last_name, email, password: "a long and quiet one", groups };
    const { id } = await post(201, "user", person, token);
    if (index % 5 === 2) await send("PATCH", 200, `user/${id}`, { is_active: false }, token);
  }
}

function post(status, path, body, token) {
  return send("POST", status, path, body, token);
}

async function send(method, status, path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${ROLEBOOK}/api/v2/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.equal(response.status, status, `${path}: ${JSON.stringify(answer)}`);
  return answer;
}
