import { expect, test, type Page } from "@playwright/test";
import { gzipSync } from "node:zlib";
import { cells, defineShares, fixture, go, goToView, open, pick, source, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => visit(page));

/** The list of refused records, line and reason. */
async function refused(page: Page): Promise<string[]> {
  await go(page, "Streams");
  await page.getByRole("button", { name: /refused/ }).click();
  const dialog = page.getByRole("dialog", { name: "Refused records" });
  await expect(dialog).toBeVisible();
  const rows = await dialog.locator("tbody tr").all();
  const texts = await Promise.all(rows.map((row) => row.locator("td").allTextContents()));
  await page.keyboard.press("Escape");
  return texts.map(([line, , reason]) => `${line}: ${reason}`);
}

/** A file that cannot be opened is said to be so, and the page lives on. */
async function isNotOpened(page: Page, reason: RegExp): Promise<void> {
  await expect(page.getByRole("alert")).toContainText(reason, { timeout: 20_000 });
  await expect(source(page)).toHaveText("SIM seed 42");
  const position = page.locator(".time-bar-position strong");
  const before = await position.textContent();
  await expect(position).not.toHaveText(before ?? "");
}

test("half a line at the end, a line of nonsense and a duplicate are counted", async ({ page }) => {
  await open(page, "broken.ndjson");
  await expect(page.locator(".overview")).toContainText("1 duplicate dropped · 2 records refused");
  const [nonsense, half] = await refused(page);
  expect(nonsense).toMatch(/^2: not JSON: .* at byte 0$/);
  expect(half).toMatch(/^5: .*(end|not JSON)/);
  await expect(page.locator(".page-summary")).toContainText("2 events");
});

test("a broken CSV quote costs one record", async ({ page }) => {
  const csv = 'case,activity\n1,Began\n2,Be"gan\n3,Ended\n';
  await pick(page, "quote.csv", Buffer.from(csv));
  await page.getByRole("button", { name: "Read the file like this" }).click();
  await expect(source(page)).toHaveText("FILE quote.csv");
  const [quote] = await refused(page);
  expect(quote).toMatch(/^3: .*quote/);
  await expect(page.locator(".page-summary")).toContainText("2 events");
});

test("nesting ten thousand deep is refused", async ({ page }) => {
  const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  const record = `{"id":"9","source":"/t","type":"Deep","subject":"s","data":${deep}}\n`;
  const good = fixture("markup.ndjson");
  await pick(page, "deep.ndjson", Buffer.concat([good, Buffer.from(record)]));
  await expect(source(page)).toHaveText("FILE deep.ndjson");
  expect(await refused(page)).toEqual([expect.stringMatching(/^2: not JSON: nested deeper than/)]);
});

test("invalid UTF-8 is refused", async ({ page }) => {
  const bad = Buffer.from('{"id":"9","source":"/t","type":"\xff","subject":"s"}\n', "latin1");
  await pick(page, "latin.ndjson", Buffer.concat([fixture("markup.ndjson"), bad]));
  await expect(source(page)).toHaveText("FILE latin.ndjson");
  expect(await refused(page)).toEqual([expect.stringMatching(/^2: not UTF-8 at byte 32/)]);
});

test("a line that is far too long is refused", async ({ page }) => {
  const long = Buffer.from(`{"id":"9","source":"/t","type":"${"x".repeat(20 << 20)}"}\n`);
  await pick(page, "long.ndjson.gz", gzipSync(Buffer.concat([fixture("markup.ndjson"), long])));
  await expect(source(page)).toHaveText("FILE long.ndjson.gz");
  expect(await refused(page)).toEqual([expect.stringMatching(/^2: longer than/)]);
});

test("an empty file is not opened", async ({ page }) => {
  await pick(page, "empty.ndjson", Buffer.alloc(0));
  await isNotOpened(page, /empty\.ndjson could not be opened: it is empty/);
});

test("a file of something else is not opened", async ({ page }) => {
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2, 0xff, 0x0a, 0xfe]);
  await pick(page, "picture.png", bytes);
  await isNotOpened(page, /picture\.png could not be opened/);
});

test("a page is not taken for a table", async ({ page }) => {
  await pick(page, "orders", Buffer.from("<!doctype html>\n<title>Orders</title>\n"));
  await isNotOpened(page, /orders could not be opened: it is HTML or XML; events are read from NDJSON/);
});

test("half a gzip is said to be damaged", async ({ page }) => {
  const packed = gzipSync(fixture("orders.ndjson"));
  await pick(page, "half.ndjson.gz", packed.subarray(0, packed.length / 2));
  await isNotOpened(page, /half\.ndjson\.gz could not be opened: it is gzipped and damaged/);
});

test("a gzip bomb is given up", async ({ page }) => {
  // One gzip after the other is one gzip: a gigabyte of nothing in about a megabyte.
  const member = gzipSync(Buffer.alloc(64 << 20));
  await pick(page, "bomb.ndjson.gz", Buffer.concat(Array.from({ length: 16 }, () => member)));
  await isNotOpened(page, /bomb\.ndjson\.gz could not be opened: it unpacks to more than 500 times/);
});

test("markup in an event is only ever text", async ({ page }) => {
  await open(page, "markup.ndjson");
  await go(page, "Streams");
  await expect(page.getByRole("gridcell", { name: "<img src=x" })).toBeVisible();
  await page.locator(".grid-row").click();
  const drawer = page.getByRole("complementary", { name: "Event" });
  await expect(drawer).toContainText('<b onmouseover="window.hit=1">bold</b>');
  await drawer.getByText("<u>name</u>").click();
  await drawer.getByRole("button", { name: "Raw" }).click();
  await expect(drawer.locator("pre")).toContainText("</pre><script>window.hit=1</script>");
  await goToView(page, "streams");
  await expect.poll(async () => (await cells(page))[0]?.[0]).toBe("<script>window.hit=1</script>");
  expect(await page.evaluate(() => "hit" in window)).toBe(false);
});

test("a view of a column that does not exist is not applied", async ({ page }) => {
  await open(page, "orders.ndjson");
  await go(page, "Views");
  await page.getByRole("link", { name: "Edit the definitions" }).click();
  const editor = page.getByLabel("Definitions of the views, in TOML");
  await expect(editor).toHaveValue(/views\.orders/);
  await editor.fill(`${await editor.inputValue()}\n[views.odd]\nsql = "SELECT colour FROM orders"\n`);
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.locator(".definitions-result")).toContainText(/not applied[\s\S]*odd[\s\S]*colour/);
  await goToView(page, "orders");
  await expect(page.locator(".page-summary")).toContainText("3 rows");
});

test("a view that divides by zero on one event puts that event into quarantine", async ({ page }) => {
  await open(page, "orders.ndjson");
  await defineShares(page);
  await goToView(page, "shares");
  const banner = page.getByRole("region", { name: "Quarantine" });
  await expect(banner).toContainText("event #3: on.OrderPlaced.set.share: `/` by zero");
  await expect(page.locator(".page-summary")).toContainText("2 rows");
  await banner.getByRole("button", { name: "#3" }).click();
  await expect(page.getByRole("complementary", { name: "Event" })).toContainText("order-2");
});
