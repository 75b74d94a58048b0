// The pages about groups, permissions and menus: how they look, what works by keyboard alone, what dragging does, and that all of it
// but the dragging works without scripts.

import assert from "node:assert/strict";
import { step } from "./browser.mjs";

/** Tries them with somebody who administers, and with somebody who has no scripts. */
export async function roles({ page, plain, looks, call, origin, home }) {
  const groups = {};
  await step("there are groups, permissions and people in them", async () => {
    await looks(page, `${home}/menus`, "menus-empty");
    await looks(page, `${home}/nesting`, "nesting-empty");
    for (const [codename, name] of [["approve_invoice", "Approve invoices"], ["print_invoice", "Print invoices"], ["close_month", "Close the month"]]) {
      await call("POST", 201, "permission", { codename, name });
    }
    const wanted = [
      ["interns", "Interns", ["print_invoice"], []],
      ["billing", "Billing", ["print_invoice", "approve_invoice"], ["interns"]],
      ["payroll", "Payroll", ["view_user"], []],
      ["finance", "Finance", ["close_month", "view_user"], ["billing", "payroll"]],
      ["auditors", "Auditors of everything that happens here", ["view_audit", "view_user", "view_group"], ["finance"]],
    ];
    for (const [name, label, permissions, contains] of wanted) {
      const inner = contains.map((one) => groups[one]);
      groups[name] = (await call("POST", 201, "group", { name, label, permissions, contains: inner })).id;
    }
    for (const [name, group] of [["Rosa Parks", "interns"], ["Marie Curie", "billing"], ["Lise Meitner", "billing"], ["Emmy Noether", "payroll"]]) {
      const email = `${name.replace(" ", ".").toLowerCase()}@example.com`;
      await call("POST", 201, "user", { name, email, password: "a long and quiet one", groups: [groups[group]] });
    }
  });

  await step("groups are good to look at", async () => {
    await looks(page, `${home}/groups`, "groups");
    await looks(page, `${home}/groups?search=nothing-at-all`, "groups-none-found");
    await looks(page, `${home}/groups/new`, "group-new");
    await looks(page, `${home}/groups/${groups.billing}`, "group");
    await looks(page, `${home}/groups/${groups.billing}/delete`, "group-delete");
    await looks(page, `${home}/nesting`, "nesting");
  });

  await step("a group is made and changed by keyboard alone, and a page asks before anybody loses", async () => {
    await page.goto(`${origin}${home}/groups/new`);
    await focused(page, "name");
    await page.keyboard.type("billing");
    await page.keyboard.press("Enter");
    await page.getByText("taken already").waitFor();
    await looks(page, undefined, "group-refused");
    await page.getByLabel("Name", { exact: true }).focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("couriers");
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    await page.goto(`${origin}${home}/groups/${groups.billing}`);
    await page.getByLabel("approve_invoice").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Save these changes?" }).waitFor();
    await looks(page, undefined, "group-confirm");
    await page.getByRole("button", { name: "Back" }).press("Enter");
    assert.equal(await page.getByLabel("approve_invoice").isChecked(), false);
  });

  await step("the matrix is read, ticked, asked about and saved by keyboard alone", async () => {
    await looks(page, `${home}/matrix`, "matrix");
    await page.getByLabel("interns: approve_invoice").focus();
    await page.keyboard.press("Space");
    await page.getByLabel("billing: print_invoice").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Save these changes?" }).waitFor();
    await page.getByText("Marie Curie").waitFor();
    await looks(page, undefined, "matrix-confirm");
    await page.getByRole("button", { name: "Back" }).press("Enter");
    await page.getByText("Not saved yet").waitFor();
    assert.ok(await page.getByLabel("interns: approve_invoice").isChecked());
    await page.getByRole("button", { name: "Review" }).press("Enter");
    await page.getByRole("button", { name: "Save" }).press("Enter");
    await page.getByText("Saved.").waitFor();
    assert.equal(await page.getByLabel("billing: print_invoice").isChecked(), false);
  });

  await step("permissions are good to look at, with who holds them and held them", async () => {
    const { id } = (await call("GET", 200, "permission")).find(({ codename }) => codename === "approve_invoice");
    await looks(page, `${home}/permissions`, "permissions");
    await looks(page, `${home}/permissions/new`, "permission-new");
    await looks(page, `${home}/permissions/${id}`, "permission");
    await looks(page, `${home}/permissions/1?on=2001-02-03`, "permission-then");
    await looks(page, `${home}/permissions/${id}/delete`, "permission-delete");
  });

  const menu = await step("a menu is built by keyboard alone", async () => {
    await page.goto(`${origin}${home}/menus/new`);
    await looks(page, undefined, "menu-new");
    await page.getByLabel("Name", { exact: true }).focus();
    await page.keyboard.type("main");
    await page.keyboard.press("Enter");
    await page.getByText("No items yet").waitFor();
    const address = page.url();
    for (const [label, href] of [["Orders", "/orders"], ["Today", "/orders/today"], ["People", "/people"], ["Invoices", "/invoices"]]) {
      await page.getByRole("button", { name: "Add item", exact: true }).press("Enter");
      await page.waitForFunction(() => document.activeElement?.id === "item_label" && document.activeElement.value === "");
      await page.keyboard.type(label);
      await page.keyboard.press("Tab");
      await page.keyboard.type(label.toLowerCase());
      await page.keyboard.press("Tab");
      await page.keyboard.type(href);
    }
    await looks(page, undefined, "menu-item");
    await page.getByRole("button", { name: "Today" }).press("Enter");
    await page.getByRole("button", { name: "In", exact: true }).press("Enter");
    await page.locator(".tree ol").getByRole("button", { name: "Today" }).waitFor();
    await page.getByRole("button", { name: "Invoices" }).press("Enter");
    await page.waitForFunction(() => document.querySelector("#item_label")?.value === "Invoices");
    await page.getByRole("button", { name: "Up" }).press("Enter");
    await page.waitForFunction(() => document.activeElement?.value === "up" && document.querySelector("[name=open]").value === "1");
    await page.getByLabel("Permission").fill("no_such_one");
    await page.getByRole("button", { name: "Close" }).press("Enter");
    await page.getByText("nobody sees this").waitFor();
    await page.getByText("Not saved yet").waitFor();
    await looks(page, undefined, "menu");
    await page.getByRole("button", { name: "Invoices" }).press("Enter");
    await page.getByLabel("Permission").fill("approve_invoice");
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    return address;
  });

  const order = () => page.locator(".tree .item .plain").allTextContents();
  await step("items are dragged to where they belong", async () => {
    await page.goto(menu);
    assert.deepEqual(await order(), ["Orders", "Today", "Invoices", "People"]);
    const row = (name) => page.locator(".item", { hasText: new RegExp(`^\\s*${name}`) });
    await row("People").dragTo(row("Orders"), { targetPosition: { x: 200, y: 3 } });
    await page.waitForFunction(() => document.querySelector(".tree .plain").textContent === "People");
    assert.deepEqual(await order(), ["People", "Orders", "Today", "Invoices"]);
    await page.getByRole("button", { name: "Close" }).click();
    await row("Invoices").dragTo(row("Orders"));
    await page.locator(".tree ol").getByRole("button", { name: "Invoices" }).waitFor();
    assert.deepEqual(await order(), ["People", "Orders", "Today", "Invoices"]);
    await page.getByRole("button", { name: "Save" }).last().click();
    await page.getByText("Saved.").waitFor();
  });

  await step("menus are good to look at, and seen as a given user", async () => {
    await looks(page, `${home}/menus`, "menus");
    await looks(page, `${menu.replace(origin, "")}/delete`, "menu-delete");
    const [one] = await call("GET", 200, "menu");
    await call("PATCH", 200, `group/${groups.interns}`, { menus: [one.id] });
    await page.goto(`${origin}${home}/menus/preview`);
    await page.getByRole("searchbox").pressSequentially("rosa", { delay: 20 });
    await page.getByRole("link", { name: "Rosa Parks" }).click();
    await page.getByRole("heading", { name: "Rosa Parks" }).waitFor();
    await looks(page, undefined, "menu-preview");
  });

  await step("a tree is changed and saved without scripts", async () => {
    await plain.goto(menu);
    await plain.getByRole("button", { name: "Invoices" }).click();
    await plain.getByRole("button", { name: "Out", exact: true }).click();
    await plain.getByText("Not saved yet").waitFor();
    await plain.getByLabel("Label").last().fill("Bills");
    await plain.getByRole("button", { name: "Save" }).last().click();
    await plain.getByText("Saved.").waitFor();
    assert.deepEqual(await plain.locator(".tree .item .plain").allTextContents(), ["People", "Orders", "Today", "Bills"]);
    await plain.goto(`${origin}${home}/matrix`);
    await plain.getByLabel("payroll: print_invoice").check();
    await plain.getByRole("button", { name: "Review" }).click();
    await plain.getByText("Emmy Noether").waitFor();
  });
}

/** Waits until a field has the focus: a page gives it once it is whole. */
function focused(page, id) {
  return page.waitForFunction((wanted) => document.activeElement?.id === wanted, id);
}
