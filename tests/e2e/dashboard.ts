// What the specs share: how somebody comes to a page and what they bring.

import { expect, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Opens the dashboard at a place and waits until something is open in it. */
export async function visit(page: Page, place = "#/"): Promise<void> {
  await page.goto(`/${place}`);
  await expect(page.locator(".page")).toBeVisible({ timeout: 30_000 });
}

/** The bytes of a fixture. */
export function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, "fixtures", name));
}

/** Picks a file in the dialog for opening. */
export async function pick(page: Page, name: string, bytes: Buffer): Promise<void> {
  await page.getByTitle("Open a file, an address or the simulation").click();
  const buffer = { name, mimeType: "application/octet-stream", buffer: bytes };
  await page.locator("#file-input").setInputFiles(buffer);
}

/** Picks a fixture and waits until it is open. */
export async function open(page: Page, name: string): Promise<void> {
  await pick(page, name, fixture(name));
  await expect(source(page)).toHaveText(`FILE ${name}`);
}

/** What is open, as the header says it. */
export function source(page: Page) {
  return page.locator(".header-source-name");
}

/** Goes to a page by the rail. */
export async function go(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("navigation").locator("[aria-current]")).toContainText(name);
}

/** Goes to a view by the list of views. */
export async function goToView(page: Page, name: string): Promise<void> {
  await go(page, "Views");
  await page.getByRole("main").getByRole("link", { name, exact: true }).click();
  await expect(page.locator("#view-digest")).toBeVisible();
}

/** Defines a view `shares` over orders that divides by zero at #3, and so sets that event aside. */
export async function defineShares(page: Page): Promise<void> {
  await page.goto("/#/definitions");
  const editor = page.getByLabel("Definitions of the views, in TOML");
  await expect(editor).toHaveValue(/views/);
  await editor.fill(
    '[views.shares]\nkey = "subject"\n[views.shares.on.OrderPlaced]\nset = { share = "10 / (position - 3)" }\n',
  );
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".definitions-result")).toContainText("applied to every event");
}

/** The texts of the cells on the screen, row by row. */
export async function cells(page: Page): Promise<string[][]> {
  const rows = await page.locator(".grid-row").all();
  return Promise.all(rows.map((row) => row.locator("td").allTextContents()));
}

/** The slider of the time bar. */
export function timeBar(page: Page) {
  return page.getByRole("slider", { name: "Position in the log" });
}

/** Presses a key where no control has the focus. */
export async function press(page: Page, key: string): Promise<void> {
  await page.locator("main").focus();
  await page.keyboard.press(key);
}

/** The records of NDJSON with so many events, each as small as can be. */
export function manyEvents(events: number): Buffer {
  const lines = Array.from(
    { length: events },
    (_, index) =>
      `{"id":"${index}","source":"/m","type":"T${index % 3}","subject":"s${index % 1000}","data":{}}`,
  );
  return Buffer.from(`${lines.join("\n")}\n`);
}
