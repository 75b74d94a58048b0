// The pages about users: how they look, what is found by typing, what works by keyboard alone, and that all of it but the typing
// works without scripts.

import assert from "node:assert/strict";
import { step } from "./browser.mjs";

/** Tries them with somebody who administers, and with somebody who has no scripts. */
export async function users({ page, plain, looks, call, origin, home }) {
  const list = `${home}/users`;
  const found = await call("GET", 200, "user?search=lovelace");
  const user = `${list}/${found.results[0].id}`;
  await step("groups and menus are there to choose from", async () => {
    for (let n = 1; n <= 60; n += 1) await call("POST", 201, "group", { name: `shift ${String(n).padStart(2, "0")}` });
    const group = await call("POST", 201, "group", { name: "zoo keepers", permissions: ["view_user", "view_menu"] });
    await call("POST", 201, "menu", { name: "kitchen" });
    const held = found.results[0].groups.map(({ id }) => id);
    await call("PATCH", 200, `user/${found.results[0].id}`, { groups: [...held, group.id] });
  });

  await step("a user's pages are good to look at", async () => {
    await looks(page, user, "user");
    await looks(page, `${user}/edit`, "user-edit");
    await looks(page, `${user}/permissions`, "user-permissions");
    await looks(page, `${user}/permissions?permission=delete_user`, "user-permission-lacking");
    await looks(page, `${user}/sessions`, "user-sessions-none");
    const { id } = await call("GET", 200, "user/me");
    await looks(page, `${list}/${id}/sessions`, "user-sessions");
    await looks(page, `${list}/${id}/permissions`, "user-permissions-all");
    await looks(page, `${user}/audit`, "user-audit");
    await looks(page, `${user}?at=${new Date().toISOString().slice(0, 10)}`, "user-then");
    await looks(page, `${list}?group=zoo+keepers`, "users-filtered");
  });

  await step("somebody is added by keyboard alone, and a refused form has lost nothing", async () => {
    await page.goto(`${origin}${list}/new`);
    await page.locator(":focus").waitFor();
    await page.keyboard.type("Maria");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Mirzakhani");
    await page.keyboard.press("Enter");
    await page.getByText("Fill this in.").waitFor();
    await looks(page, undefined, "user-new-refused");
    assert.equal(await page.getByLabel("First name").inputValue(), "Maria");
    await page.getByLabel("E-mail address").fill("maria@example.com");
    await page.keyboard.press("Enter");
    await page.getByText("A mail is on its way").waitFor();
    await page.getByRole("heading", { name: "Maria Mirzakhani" }).waitFor();
    await looks(page, undefined, "user-invited");
  });

  await step("groups are found by typing, and what was ticked stays", async () => {
    await page.goto(`${origin}${user}/edit`);
    await page.getByLabel("Shift 07", { exact: false }).first().check();
    await page.getByLabel("Find groups").pressSequentially("zoo", { delay: 20 });
    await page.keyboard.press("Enter");
    await page.getByLabel("zoo keepers").waitFor();
    await page.waitForFunction(() => document.querySelectorAll("#groups li").length < 10);
    assert.ok(await page.getByLabel("shift 07").isChecked());
    await looks(page, undefined, "user-edit-found");
    await page.getByRole("button", { name: "Save", exact: true }).last().click();
    await page.getByText("Saved.").waitFor();
    await page.getByText("shift 07").waitFor();
  });

  await step("a selection is deactivated, and that taken back", async () => {
    await page.goto(`${origin}${list}?status=active&search=example.com`);
    await page.getByLabel("Select all of this page").check();
    await looks(page, undefined, "users-selected");
    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("heading", { name: "Deactivate" }).waitFor();
    await looks(page, undefined, "users-done");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("heading", { name: "Activate" }).waitFor();
    await page.goto(`${origin}${list}?status=active`);
    await page.getByText("Ada Lovelace").waitFor();
  });

  await step("all of it works without scripts", async () => {
    await plain.goto(`${origin}${user}/edit`);
    await plain.getByLabel("Phone").fill("0123");
    await plain.getByLabel("Find groups").fill("shift 33");
    await plain.getByRole("button", { name: "Find", exact: true }).first().click();
    await plain.getByLabel("shift 33").check();
    assert.equal(await plain.getByLabel("Phone").inputValue(), "0123");
    await plain.getByRole("button", { name: "Save", exact: true }).last().click();
    await plain.getByText("shift 33").waitFor();
    await plain.getByRole("button", { name: "Deactivate" }).click();
    await plain.getByText("signed out everywhere here").waitFor();
    await plain.getByRole("button", { name: "Undo" }).click();
    await plain.getByText("Activated.").waitFor();
    await plain.goto(`${origin}${list}`);
    await plain.getByLabel("Grace Hopper").check();
    await plain.getByRole("button", { name: "Add to group" }).last().click();
    await plain.getByText("Name a group.").waitFor();
    await plain.getByLabel("Group", { exact: true }).fill("shift 01");
    await plain.getByRole("button", { name: "Go on" }).click();
    await plain.getByRole("heading", { name: "Done" }).waitFor();
  });
}
