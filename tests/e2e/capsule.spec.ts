import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { go, goToView, manyEvents, open, pick, press, source, timeBar, visit } from "./dashboard.js";

const said = (page: Page) => page.locator("#capsule-said");

/** Makes a capsule of what is open, and saves it. */
async function saved(page: Page): Promise<Buffer> {
  await page.getByTitle("Hand on what is open as a capsule").click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the file" }).click();
  return readFileSync(await (await download).path());
}

test.beforeEach(async ({ page }) => {
  await visit(page);
  await open(page, "orders.ndjson");
});

test("a capsule file opens as it was made, in a browser that never saw the events", async ({ page, browser }) => {
  await goToView(page, "orders");
  await press(page, "Home");
  for (const _ of [1, 2, 3]) await page.keyboard.press(".");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "3");
  await press(page, "a");
  await press(page, "b");
  const digest = await page.locator("#view-digest").textContent();
  const bytes = await saved(page);
  expect(bytes.length).toBeLessThan(20_000);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  const other = await (await browser.newContext()).newPage();
  await visit(other);
  await pick(other, "any-name.bin", bytes);
  await expect(source(other)).toHaveText("FILE capsule of orders.ndjson");
  await expect(said(other)).toContainText(/reproduced, hash [0-9a-f]+…/);
  await expect(said(other)).toContainText("the same at 10 positions");
  await expect(timeBar(other)).toHaveAttribute("aria-valuenow", "3");
  await expect(other.locator(".track-bookmark")).toHaveCount(1);
  await expect(other).toHaveURL(/a=3/);
  expect((await new AxeBuilder({ page: other }).analyze()).violations).toEqual([]);
  await goToView(other, "orders");
  await expect(other.locator("#view-digest")).toHaveText(digest ?? "");
});

test("a small one is a link, which opens by the keyboard alone", async ({ page, browser }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByTitle("Hand on what is open as a capsule").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Copy the link" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Copied.")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link.length).toBeLessThanOrEqual(6_000);

  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await expect(source(other)).toHaveText("FILE capsule of orders.ndjson");
  await expect(said(other)).toContainText("reproduced");
  await expect(other).toHaveURL(/src=file:capsule/);
  await other.getByRole("button", { name: "Dismiss" }).click();
  await expect(said(other)).toBeEmpty();
});

test("a damaged capsule is refused by name, and a link that is cut too", async ({ page, browser }) => {
  const bytes = await saved(page);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  await pick(page, "orders.everview", bytes);
  await expect(page.getByRole("alert")).toContainText("orders.everview could not be opened: the capsule is damaged");
  await expect(source(page)).toHaveText("FILE orders.ndjson");

  const other = await (await browser.newContext()).newPage();
  await visit(other, "#/?src=capsule:ZXZjYXBzdWwBAAAA");
  await expect(other.getByRole("alert")).toContainText("the capsule could not be opened");
  await expect(source(other)).toHaveText("SIM seed 42");
});

test("where events are too many it opens over those that the browser keeps, and says where they differ", async ({ page }) => {
  const kept = page.getByRole("main").getByText("kept: there again");
  await pick(page, "many.ndjson", manyEvents(100_001));
  await expect(source(page)).toHaveText("FILE many.ndjson");
  await expect(kept).toBeVisible();
  const bytes = await saved(page);
  expect(bytes.length).toBeLessThan(10_000);
  await page.keyboard.press("Escape");
  await pick(page, "many.everview", bytes);
  await expect(source(page)).toHaveText("FILE capsule of many.ndjson");
  await expect(said(page)).toContainText("the same at 64 positions");

  const changed = manyEvents(100_001).toString().replace(`"subject":"s7"`, `"subject":"other"`);
  await pick(page, "many.ndjson", Buffer.from(changed));
  await expect(source(page)).toHaveText("FILE many.ndjson");
  await expect(kept).toBeVisible();
  await pick(page, "many.everview", bytes);
  await expect(said(page)).toContainText("diverged between events #1 and #1,562");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await go(page, "Settings");
  await page.getByRole("button", { name: "Delete many.ndjson", exact: true }).click();
  await expect(page.getByRole("button", { name: "Delete many.ndjson", exact: true })).toBeHidden();
  await pick(page, "many.everview", bytes);
  await expect(page.getByRole("alert")).toContainText("its events are not in it, but in many.ndjson");
});
