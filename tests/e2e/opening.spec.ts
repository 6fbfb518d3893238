import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { cells, fixture, go, goToView, manyEvents, open, pick, press, source, timeBar, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => visit(page));

test("the page opens with a simulated shop that goes on by itself", async ({ page }) => {
  await expect(source(page)).toHaveText("SIM seed 42");
  await expect(page.locator(".header-mode")).toHaveText(/LIVE/);
  const position = page.locator(".time-bar-position strong");
  const before = await position.textContent();
  await expect(position).not.toHaveText(before ?? "");
});

test("a file of orders opens with the views of orders", async ({ page }) => {
  await open(page, "orders.ndjson");
  await goToView(page, "revenue_by_region");
  await expect(page.locator(".grid-row")).toHaveText([/^north1900$/]);
  await goToView(page, "orders");
  const keys = async () => (await cells(page)).map((row) => row[0]);
  await expect.poll(keys).toEqual(["order-1", "order-2", "order-3"]);
});

test("a gzipped file is unpacked", async ({ page }) => {
  await pick(page, "orders.ndjson.gz", gzipSync(fixture("orders.ndjson")));
  await expect(source(page)).toHaveText("FILE orders.ndjson.gz");
  await go(page, "Streams");
  await expect(page.locator(".page-summary")).toContainText("10 events in 3 streams");
});

test("a file that is dropped on the page is opened", async ({ page }) => {
  const text = fixture("orders.ndjson").toString();
  const files = await page.evaluateHandle((content) => {
    const data = new DataTransfer();
    data.items.add(new File([content], "dropped.ndjson"));
    return data;
  }, text);
  await page.dispatchEvent("main", "dragover", { dataTransfer: files });
  await expect(page.getByText("Drop the file to open it")).toBeVisible();
  await page.dispatchEvent("main", "drop", { dataTransfer: files });
  await expect(source(page)).toHaveText("FILE dropped.ndjson");
  await expect(page.getByText("Drop the file to open it")).toBeHidden();
});

test("an address is opened, and its link leads to the same moment", async ({ page }) => {
  await page.route("**/shop/orders.ndjson", (route) =>
    route.fulfill({ body: fixture("orders.ndjson") }),
  );
  await page.goto("about:blank");
  await visit(page, "#/views/orders?src=/shop/orders.ndjson&at=3");
  await expect(source(page)).toHaveText("FILE orders.ndjson");
  await expect(page.locator(".page-summary")).toContainText("2 rows · as of #3");
});

test("an address that answers nothing useful is said, and what was open stays", async ({ page }) => {
  await page.route("**/missing.ndjson", (route) => route.fulfill({ status: 404, body: "" }));
  await page.getByTitle("Open a file, an address or the simulation").click();
  await page.getByLabel("Address of a file").fill("/missing.ndjson");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("missing.ndjson could not be opened");
  await expect(page.getByRole("alert")).toContainText("404");
  await expect(source(page)).toHaveText("SIM seed 42");
});

test("a table asks what is what, and is read as it was corrected", async ({ page }) => {
  await pick(page, "permits.csv", fixture("permits.csv"));
  const dialog = page.getByRole("dialog", { name: "What is what in this file?" });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole("cell", { name: "Kim, A." })).toBeVisible();
  await expect(dialog.getByLabel(/^Type/)).toHaveValue("activity");
  await expect(dialog.getByLabel(/^Stream/)).toHaveValue("case");
  await expect(dialog.getByLabel(/^Time/)).toHaveValue("timestamp");
  await dialog.getByLabel(/^Stream/).selectOption("clerk");
  await dialog.getByRole("button", { name: "Read the file like this" }).click();
  await expect(source(page)).toHaveText("FILE permits.csv");
  await goToView(page, "streams");
  const keys = async () => (await cells(page)).map((row) => row[0]);
  await expect.poll(keys).toEqual(["Kim, A.", "Lee"]);
});

test("the question about a table can be declined", async ({ page }) => {
  await pick(page, "permits.csv", fixture("permits.csv"));
  const dialog = page.getByRole("dialog", { name: "What is what in this file?" });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("group", { name: "Opening a file" })).toBeHidden();
  await expect(source(page)).toHaveText("SIM seed 42");
});

test("opening can be cancelled, and what was open stays", async ({ page }) => {
  await open(page, "orders.ndjson");
  let finish = (): void => {};
  const held = new Promise<void>((resolve) => (finish = resolve));
  await page.route("**/slow.ndjson", async (route) => {
    await held;
    await route.fulfill({ body: fixture("markup.ndjson") });
  });
  await page.getByTitle("Open a file, an address or the simulation").click();
  await page.getByLabel("Address of a file").fill("/slow.ndjson");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  const progress = page.getByRole("group", { name: "Opening a file" });
  await expect(progress).toContainText("slow.ndjson");
  await progress.getByRole("button", { name: "Cancel" }).click();
  await expect(progress).toBeHidden();
  finish();
  await go(page, "Streams");
  await expect(page.locator(".page-summary")).toContainText("10 events");
  await expect(source(page)).toHaveText("FILE orders.ndjson");
});

/** Opens an address that sends these events and does not end, and returns the answer to send more. */
async function openEndless(page: Page, name: string, events: Buffer): Promise<ServerResponse> {
  const server = createServer();
  const asked = once(server, "request") as Promise<[IncomingMessage, ServerResponse]>;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await page.getByTitle("Open a file, an address or the simulation").click();
  await page.getByLabel("Address of a file").fill(`http://127.0.0.1:${port}/${name}`);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  const [, response] = await asked;
  response.writeHead(200, { "Access-Control-Allow-Origin": "*" });
  response.write(events);
  response.on("close", () => server.close());
  return response;
}

test("what has come of an endless stream is shown, and goes on until it is stopped", async ({ page }) => {
  const events = (from: number, to: number): string =>
    manyEvents(to).toString().split("\n").slice(from).join("\n");
  const stream = await openEndless(page, "live.ndjson", manyEvents(10));
  const progress = page.getByRole("group", { name: "Opening a file" });
  await progress.getByRole("button", { name: "Show what has come" }).press("Enter");
  await expect(source(page)).toHaveText("FILE live.ndjson");
  await go(page, "Streams");
  const summary = page.locator(".page-summary");
  await expect(summary).toContainText("10 events");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  stream.write(events(10, 30));
  await expect(summary).toContainText("30 events");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "30");
  await press(page, "Home");
  stream.write(events(30, 40));
  await expect(summary).toContainText("40 events");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "0");
  const closed = once(stream, "close");
  await progress.getByRole("button", { name: "Stop" }).click();
  await closed;
  await expect(progress).toBeHidden();
  await expect(source(page)).toHaveText("FILE live.ndjson");
});

test("what was shown of a stream stays when that breaks off", async ({ page }) => {
  const stream = await openEndless(page, "cut.ndjson", manyEvents(10));
  await page.getByRole("button", { name: "Show what has come" }).click();
  await expect(source(page)).toHaveText("FILE cut.ndjson");
  stream.destroy();
  await expect(page.getByRole("alert")).toContainText("cut.ndjson was not read to its end");
  await go(page, "Streams");
  await expect(page.locator(".page-summary")).toContainText("10 events");
});

test("a large file shows how far it is, and Cancel is heard in the middle of it", async ({ page }) => {
  await pick(page, "large.ndjson.gz", gzipSync(manyEvents(600_000), { level: 1 }));
  const progress = page.getByRole("group", { name: "Opening a file" });
  await expect(progress).toContainText(/[1-9][\d,]* events · [1-9][\d,]* events\/s/);
  await progress.getByRole("button", { name: "Cancel" }).click();
  await expect(progress).toBeHidden();
  await expect(source(page)).toHaveText("SIM seed 42");
});

test("a million events are listed to the last one", async ({ page }) => {
  test.setTimeout(120_000);
  await pick(page, "million.ndjson.gz", gzipSync(manyEvents(1_000_000), { level: 1 }));
  await expect(source(page)).toHaveText("FILE million.ndjson.gz", { timeout: 90_000 });
  await go(page, "Streams");
  const grid = page.getByRole("grid", { name: "Events" });
  await expect(grid.getByRole("row", { name: "#1,000,000" })).toBeVisible();
  await grid.focus();
  await page.keyboard.press("Home");
  await expect(grid.getByRole("row", { name: /^#1 / })).toBeVisible();
  await page.keyboard.press("End");
  await expect(grid.getByRole("row", { name: "#1,000,000" })).toBeVisible();
  await grid.evaluate((element) => (element.scrollTop = 0));
  await expect(grid.getByRole("row", { name: /^#1 / })).toBeVisible();
  await grid.evaluate((element) => (element.scrollTop = element.scrollHeight));
  await expect(grid.getByRole("row", { name: "#1,000,000" })).toBeVisible();
});
