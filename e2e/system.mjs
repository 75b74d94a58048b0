// The pages about the system: the home page's pictures, the audit trail, webhooks, service accounts, environments. How they look,
// what works by keyboard alone, and that all of it works without scripts.

import assert from "node:assert/strict";
import { step } from "./browser.mjs";

/** Tries them with somebody who administers, with an operator, and with somebody who has no scripts. */
export async function system({ page, plain, operator, looks, origin, home }) {
  await step("the audit trail is good to look at, and is verified", async () => {
    await looks(page, `${home}/audit`, "audit");
    await page.getByText("Details").first().click();
    await page.getByLabel("Done by").fill("nobody");
    await page.getByLabel("Done by").press("Enter");
    await page.getByText("Give an e-mail address").waitFor();
    await looks(page, undefined, "audit-refused");
    await looks(page, `${home}/audit?request=none`, "audit-nothing");
    await page.goto(`${origin}${home}/audit?verb=user.created`);
    await page.getByRole("button", { name: "Verify" }).press("Enter");
    await page.getByText("It is whole").waitFor();
    await looks(page, undefined, "audit-verified");
  });

  await step("a webhook is made by keyboard alone, and shows its secret once", async () => {
    await looks(page, `${home}/webhooks`, "webhooks-empty");
    await page.goto(`${origin}${home}/webhooks/new`);
    await page.locator(":focus").waitFor();
    await page.keyboard.type("ftp://nowhere");
    await page.keyboard.press("Enter");
    await page.getByText("Use an address such as").waitFor();
    await looks(page, undefined, "webhook-new-refused");
    await page.getByRole("textbox", { name: "Address" }).fill("https://hooks.example.com/rolebook");
    await page.keyboard.press("Enter");
    await page.getByText("The webhook is made").waitFor();
    await looks(page, undefined, "webhook-secret");
    await page.getByRole("link", { name: "I have copied it" }).press("Enter");
    await page.getByRole("button", { name: "Send a ping" }).press("Enter");
    await page.getByText("ping", { exact: false }).first().waitFor();
    await looks(page, undefined, "webhook");
    await looks(page, `${home}/webhooks`, "webhooks");
  });

  await step("a service account is made, and its token shown once", async () => {
    await looks(page, `${home}/service-accounts`, "services-empty");
    await page.goto(`${origin}${home}/service-accounts/new`);
    await page.locator(":focus").waitFor();
    await page.keyboard.type("HR sync");
    await page.getByLabel("accounting").check();
    await page.getByLabel("Name").press("Enter");
    await page.getByRole("heading", { name: "HR sync" }).waitFor();
    await page.getByLabel("Name of the token").fill("nightly");
    await page.getByLabel("view_user").check();
    await page.getByLabel("Name of the token").press("Enter");
    await page.getByText("The token is made").waitFor();
    await looks(page, undefined, "service-token");
    await page.getByRole("link", { name: "I have copied it" }).press("Enter");
    await page.getByText("nightly").first().waitFor();
    await looks(page, undefined, "service");
    await looks(page, `${home}/service-accounts`, "services");
  });

  await step("an operator manages environments, without scripts too", async () => {
    await looks(operator, "/console/system/environments", "system");
    await operator.goto(`${origin}/console/system/environments/new`);
    await operator.getByLabel("Key").fill("no key");
    await operator.getByLabel("A session may go unused for").fill("soon");
    await operator.getByRole("button", { name: "Make the environment" }).click();
    await operator.getByText("Give a number and a unit").waitFor();
    await looks(operator, undefined, "system-new-refused");
    await operator.getByLabel("Key").fill("passing");
    await operator.getByLabel("A session may go unused for").fill("30 min");
    await operator.getByRole("button", { name: "Make the environment" }).click();
    await operator.getByRole("heading", { name: "passing" }).waitFor();
    await looks(operator, undefined, "system-environment");
    await operator.getByLabel("Type its key to confirm").fill("else");
    await operator.getByRole("button", { name: "Delete for good" }).click();
    await operator.getByText("This is not its key").waitFor();
    await operator.getByLabel("Type its key to confirm").fill("passing");
    await operator.getByRole("button", { name: "Delete for good" }).click();
    await operator.waitForURL("**/console/system/environments");
  });

  await step("the trail, webhooks and programs work without scripts", async () => {
    await plain.goto(`${origin}${home}/audit`);
    await plain.getByRole("button", { name: "Verify" }).click();
    await plain.getByText("It is whole").waitFor();
    await plain.goto(`${origin}${home}/webhooks`);
    await plain.getByRole("link", { name: "hooks.example.com" }).click();
    await plain.getByRole("button", { name: "Pause" }).click();
    await plain.getByRole("button", { name: "Resume" }).waitFor();
    await plain.getByLabel("Yes, delete it").check();
    await plain.getByRole("button", { name: "Delete" }).click();
    await plain.waitForURL("**/webhooks");
    await plain.goto(`${origin}${home}/service-accounts`);
    await plain.getByRole("link", { name: "HR sync" }).click();
    await plain.getByRole("button", { name: "Revoke" }).click();
    await plain.getByText("It has no token yet").waitFor();
    assert.equal(await plain.getByRole("heading", { name: "HR sync" }).count(), 1);
  });
}
