import { expect, test } from "@playwright/test";
import { cells, go, goToView, open, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => {
  await visit(page);
  await open(page, "orders.ndjson");
});

test("a table is sorted by its titles, and the order is in the link", async ({ page }) => {
  await goToView(page, "orders");
  const column = async (index: number) => (await cells(page)).map((row) => row[index]);
  const title = page.getByRole("columnheader", { name: "total_cents" });
  await title.getByRole("button").click();
  await expect(title).toHaveAttribute("aria-sort", "ascending");
  await expect.poll(() => column(0)).toEqual(["order-1", "order-2", "order-3"]);
  await title.getByRole("button").click();
  await expect(title).toHaveAttribute("aria-sort", "descending");
  await expect.poll(() => column(0)).toEqual(["order-3", "order-2", "order-1"]);
  await expect(page).toHaveURL(/sort=-total_cents/);
});

test("rows are filtered by text", async ({ page }) => {
  await goToView(page, "orders");
  await page.getByLabel("Text in a row").fill("Cancelled");
  await expect(page.locator(".search")).toHaveText("1 of 3 rows match");
  await expect(page.locator(".grid-row")).toHaveText([/^order-2bosouthcancelled/]);
  await page.getByLabel("Text in a row").fill("nothing of the kind");
  await expect(page.locator(".grid-frame .empty")).toHaveText("None of its 3 rows has this text.");
});

test("a view is declared and at once computed over what is open", async ({ page }) => {
  await go(page, "Views");
  await page.getByRole("link", { name: "Edit the definitions" }).click();
  const editor = page.getByLabel("Definitions of the views, in TOML");
  await expect(editor).toHaveValue(/views\.orders/);
  const sold = '\n[views.sold]\nkey = "data.sku"\n[views.sold.on.ItemAdded]\nadd = { pieces = "data.quantity" }\n';
  await editor.fill((await editor.inputValue()) + sold);
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.locator(".definitions-result")).toContainText("applied to every event");
  await goToView(page, "sold");
  await expect(page.locator(".grid-row")).toHaveText([/^cup1$/, /^tea12$/]);
});

test("a text that is no definition is told with its place, and the views stay", async ({ page }) => {
  await page.goto("/#/definitions");
  const editor = page.getByLabel("Definitions of the views, in TOML");
  await expect(editor).toHaveValue(/views\.orders/);
  await editor.fill("[views.orders]\nkey = \n");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.locator(".definitions-result")).toContainText(/not applied[\s\S]*line 2, column/);
  await go(page, "Views");
  await expect(page.locator("tbody tr")).toHaveCount(6);
  await page.getByRole("link", { name: "Edit the definitions" }).click();
  await expect(editor).toHaveValue("[views.orders]\nkey = \n");
  await page.getByRole("button", { name: "Back to what is applied" }).click();
  await expect(editor).toHaveValue(/views\.revenue_by_region/);
});
