import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { gzipSync } from "node:zlib";
import { cells, fixture, go, goToView, manyEvents, open, pick, press, source, timeBar, visit } from "./dashboard.js";

const badge = (page: Page) => page.getByRole("main").getByText("kept: there again after a reload");

/** Opens a fixture and waits until the browser keeps it. */
async function kept(page: Page, name: string): Promise<void> {
  await visit(page);
  await open(page, name);
  await expect(badge(page)).toBeVisible();
  await expect(page).toHaveURL(/src=file:/);
}

/** Changes the kept files of the browser. */
async function tamper(page: Page, file: "about" | "events"): Promise<void> {
  await page.evaluate(async (name) => {
    const root = await navigator.storage.getDirectory();
    const sessions = await root.getDirectoryHandle("sessions");
    for await (const folder of (sessions as unknown as { values(): AsyncIterable<FileSystemDirectoryHandle> }).values()) {
      const writer = await (await folder.getFileHandle(name)).createWritable();
      await writer.write("not what was kept");
      await writer.close();
    }
  }, file);
}

/** Runs something in the worker before its own script does. */
async function inWorker(page: Page, script: string): Promise<void> {
  await page.route("**/everview-worker_loader.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script}\n${await response.text()}` });
  });
}

test("a file is there again after a reload, at the same position", async ({ page }) => {
  await kept(page, "orders.ndjson");
  await goToView(page, "orders");
  await press(page, "Home");
  for (const _ of [1, 2, 3]) await page.keyboard.press(".");
  await expect(page).toHaveURL(/src=file:orders\.ndjson/);
  await expect(page).toHaveURL(/at=3/);
  const digest = await page.locator("#view-digest").textContent();
  await page.reload();
  await expect(source(page)).toHaveText("FILE orders.ndjson");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "3");
  await expect(page.locator(".page-summary")).toContainText("as of #3");
  await expect(page.locator("#view-digest")).toHaveText(digest ?? "");
});

test("definitions that were changed are there again too", async ({ page }) => {
  await kept(page, "orders.ndjson");
  await go(page, "Views");
  await page.getByRole("link", { name: "Edit the definitions" }).click();
  await page.getByLabel("Definitions of the views").fill(`[views.kinds]\nkey = "type"\non."*".add = { events = "1" }\n`);
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("applied to every event")).toBeVisible();
  await go(page, "Settings");
  await expect(badge(page)).toBeVisible();
  await page.reload();
  await expect(source(page)).toHaveText("FILE orders.ndjson");
  await go(page, "Views");
  await expect(page.getByRole("main").getByRole("link", { name: "kinds" })).toBeVisible();
});

test("what is kept is listed, opened and deleted", async ({ page }) => {
  await kept(page, "orders.ndjson");
  await pick(page, "markup.ndjson", fixture("markup.ndjson"));
  await expect(source(page)).toHaveText("FILE markup.ndjson");
  await go(page, "Settings");
  const list = page.getByRole("region", { name: "Kept sessions" });
  await expect(list.getByRole("row")).toHaveCount(3);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await list.getByRole("link", { name: "orders.ndjson" }).focus();
  await page.keyboard.press("Enter");
  await expect(source(page)).toHaveText("FILE orders.ndjson");
  await go(page, "Settings");
  await list.getByRole("button", { name: "Delete orders.ndjson" }).click();
  await expect(list.getByRole("row")).toHaveCount(2);
  await expect(page.getByText("no longer kept: it was deleted")).toBeVisible();
  await expect(page).toHaveURL(/src=file:orders/);
  await page.reload();
  await expect(page.getByRole("alert")).toContainText("this browser keeps no session of that name");
  await expect(source(page)).toHaveText("SIM seed 42");
});

for (const file of ["about", "events"] as const) {
  test(`a damaged session is refused by name (${file})`, async ({ page }) => {
    await kept(page, "orders.ndjson");
    await tamper(page, file);
    await page.reload();
    await expect(page.getByRole("alert")).toContainText("orders.ndjson could not be opened: th");
    await expect(source(page)).toHaveText("SIM seed 42");
    await expect(page.locator("h1")).toHaveText("Overview");
    await open(page, "orders.ndjson");
    await expect(badge(page)).toBeVisible();
  });
}

test("what is damaged takes no room for ever", async ({ page }) => {
  await kept(page, "orders.ndjson");
  await tamper(page, "about");
  await open(page, "markup.ndjson");
  await expect(page).toHaveURL(/src=file:markup/);
  await expect(badge(page)).toBeVisible();
  const folders = await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const sessions = await root.getDirectoryHandle("sessions");
    const names: string[] = [];
    for await (const name of (sessions as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
    return names.length;
  });
  expect(folders).toBe(1);
});

test("without a store all works, and the page says that nothing is kept", async ({ page }) => {
  await inWorker(page, 'Object.defineProperty(navigator, "storage", { value: undefined });');
  await visit(page);
  await open(page, "orders.ndjson");
  await expect(page.getByText("not kept: this browser keeps no files here")).toBeVisible();
  await go(page, "Settings");
  await expect(page.getByText("Nothing is kept: this browser keeps no files here")).toBeVisible();
});

test("a million events are there again", async ({ page }) => {
  test.setTimeout(150_000);
  await visit(page);
  await pick(page, "million.ndjson.gz", gzipSync(manyEvents(1_000_000), { level: 1 }));
  await expect(source(page)).toHaveText("FILE million.ndjson.gz", { timeout: 90_000 });
  await go(page, "Settings");
  await expect(badge(page)).toBeVisible();
  await page.reload();
  await expect(source(page)).toHaveText("FILE million.ndjson.gz");
  await expect(timeBar(page)).toHaveAttribute("aria-valuemax", "1000000");
});

test("the memory is told, and a budget is kept to", async ({ page }) => {
  await visit(page);
  await pick(page, "many.ndjson", manyEvents(100_000));
  await expect(source(page)).toHaveText("FILE many.ndjson");
  await go(page, "Settings");
  await expect(page.locator("#memory-total")).toHaveText(/MB/);
  await expect(page.getByText("within the budget")).toBeVisible();
  const parts = page.getByRole("region", { name: "Memory" });
  await expect(parts).toContainText(/rows at [2-9] checkpoints/);
  await page.getByLabel("Budget in MB").fill("1");
  await page.keyboard.press("Enter");
  await expect(page.getByText("over the budget, and nothing is left to give up")).toBeVisible();
  await expect(parts).toContainText(/rows at [01] checkpoints?/);
  await page.reload();
  await go(page, "Settings");
  await expect(page.getByLabel("Budget in MB")).toHaveValue("1");
});

/** Sets a budget that is too small for many events, and waits until some of them are on disk. */
async function spill(page: Page): Promise<void> {
  await go(page, "Settings");
  await expect(page.locator("#memory-total")).toHaveText(/MB/);
  await expect(page.locator("#memory-spilled")).toHaveCount(0);
  await page.getByLabel("Budget in MB").fill("1");
  await page.keyboard.press("Enter");
  await expect(page.locator("#memory-spilled")).toHaveText(/^[1-9]\d*\.\d MB$/);
}

/** What a view shows at the third event. */
async function atThird(page: Page): Promise<[string | null, string[][]]> {
  await goToView(page, "streams");
  await press(page, "Home");
  for (const _ of [1, 2, 3]) await page.keyboard.press(".");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "3");
  await expect(page.locator(".page-summary")).toContainText("as of #3");
  await expect(page.locator(".grid-row")).toHaveCount(3);
  return [await page.locator("#view-digest").textContent(), await cells(page)];
}

test("what the budget has no room for lies in the browser's files, and nothing else changes", async ({ page }) => {
  await visit(page);
  await pick(page, "many.ndjson", manyEvents(100_000));
  await expect(source(page)).toHaveText("FILE many.ndjson");
  const shown = await atThird(page);
  await press(page, "End");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "100000");
  await spill(page);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  expect(await atThird(page)).toEqual(shown);
  await go(page, "Settings");
  await expect(badge(page)).toBeVisible();
  await page.reload();
  await expect(source(page)).toHaveText("FILE many.ndjson");
  await expect(page.locator("#memory-spilled")).toHaveText(/^[1-9]\d*\.\d MB$/);
  expect(await atThird(page)).toEqual(shown);
});

test("what cannot be read back is said, and what is shown is not changed by it", async ({ page }) => {
  await inWorker(page, 'FileSystemSyncAccessHandle.prototype.read = () => { throw new Error("the disk is gone"); };');
  await visit(page);
  await pick(page, "many.ndjson", manyEvents(100_000));
  await expect(source(page)).toHaveText("FILE many.ndjson");
  await spill(page);
  await goToView(page, "streams");
  const digest = await page.locator("#view-digest").textContent();
  await press(page, "Home");
  const alert = page.getByRole("alert").filter({ hasText: "The engine has stopped" });
  await expect(alert).toContainText("the disk is gone");
  await expect(page.locator("#view-digest")).toHaveText(digest ?? "");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "100000");
});
