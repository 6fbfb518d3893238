import { expect, test } from "@playwright/test";
import { cells, go, open, press, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => visit(page));

test("the list is narrowed by type, by text and by stream", async ({ page }) => {
  await open(page, "orders.ndjson");
  await go(page, "Streams");
  const positions = async () => (await cells(page)).map((row) => row[0]);
  await page.locator(".types summary").click();
  await page.getByLabel("OrderPaid").check();
  await expect(page.locator(".search")).toHaveText("2 of 10 match");
  await expect.poll(positions).toEqual(["#5", "#7"]);
  await page.getByLabel("OrderPaid").uncheck();
  await page.keyboard.press("Escape");
  await page.getByLabel("Text in the event").fill("TEA");
  await expect(page.locator(".search")).toHaveText("2 of 10 match");
  await expect.poll(positions).toEqual(["#2", "#9"]);
  await page.getByLabel("Text in the event").fill("");
  await page.locator(".grid-row", { hasText: "#3" }).click();
  await page.getByRole("complementary", { name: "Event" }).getByRole("link", { name: "order-2" }).click();
  await expect(page.locator(".search")).toHaveText("4 of 10 match");
  await expect.poll(positions).toEqual(["#3", "#4", "#7", "#10"]);
  await page.getByRole("button", { name: /every stream/ }).click();
  await expect(page.locator(".grid-row")).toHaveCount(10);
});

test("an empty list says why and offers a way out", async ({ page }) => {
  await open(page, "orders.ndjson");
  await go(page, "Streams");
  await page.getByLabel("Text in the event").fill("nowhere");
  await expect(page.locator(".grid-frame .empty")).toContainText("0 of 10 events match the filter.");
  await page.getByRole("button", { name: "Show every event" }).click();
  await expect(page.locator(".grid-row")).toHaveCount(10);
  await expect(page.getByLabel("Text in the event")).toHaveValue("");
});

test("an event is shown as a tree and as raw text, and its neighbours are a press away", async ({ page }) => {
  await open(page, "orders.ndjson");
  await go(page, "Streams");
  await expect(page.locator(".grid-row", { hasText: "#2" })).toBeVisible();
  await page.getByRole("grid", { name: "Events" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("complementary", { name: "Event" });
  await expect(drawer.locator(".json-tree")).toHaveText(/sku: tea\s*quantity: 2\s*price_cents: 450/);
  await drawer.getByRole("button", { name: "after" }).click();
  await expect(drawer.locator(".json-tree")).toContainText("customer: bo");
  await drawer.getByRole("button", { name: "Raw" }).click();
  await expect(drawer.locator("pre")).toContainText('"sequence": "3"');
  await drawer.getByRole("button", { name: "Go to this moment" }).click();
  await expect(page.locator(".time-bar-position strong")).toHaveText("#3");
  await press(page, "Escape");
  await expect(drawer).toBeHidden();
});

test("new events do not move whoever reads, and a pill tells of them", async ({ page }) => {
  await go(page, "Streams");
  const grid = page.getByRole("grid", { name: "Events" });
  await expect(grid.getByRole("row").nth(1)).toContainText("#");
  await grid.focus();
  await page.keyboard.press("Home");
  await expect(grid.getByRole("row").nth(1)).toContainText("#1");
  const pill = page.getByRole("button", { name: /new ↓/ });
  await expect(pill).toBeVisible();
  await expect(grid.getByRole("row").nth(1)).toContainText("#1");
  await pill.click();
  await expect(pill).toBeHidden();
  await expect(grid.locator(".grid-row-playhead")).toBeVisible();
});
