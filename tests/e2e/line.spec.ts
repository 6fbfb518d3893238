import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { manyEvents, pick, press, timeBar, visit } from "./dashboard.js";

const minimap = (page: Page) => page.getByRole("slider", { name: "Part of the log that is shown" });

const shows = (page: Page, words: string | RegExp) => expect(minimap(page)).toHaveAttribute("aria-valuetext", words);

const now = (page: Page, position: number | RegExp) =>
  expect(timeBar(page)).toHaveAttribute("aria-valuenow", typeof position === "number" ? `${position}` : position);

/** The pixel of the page at a share of an element. */
async function pixel(locator: ReturnType<typeof timeBar>, share: number) {
  const box = await locator.boundingBox();
  if (!box) throw new Error("it has a place");
  return { x: box.x + box.width * share, y: box.y + box.height / 2 };
}

async function openMany(page: Page, events: number) {
  await pick(page, "many.ndjson", manyEvents(events));
  await expect(page.locator(".header-source-name")).toHaveText("FILE many.ndjson");
  await now(page, events);
}

test("the wheel zooms at the pointer, and a click goes to what is drawn there", async ({ page }) => {
  await visit(page);
  await openMany(page, 10_000);
  await shows(page, "All of 10,000");
  const { x, y } = await pixel(timeBar(page), 0.25);
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -500);
  await shows(page, /^(1,7\d\d|1,8\d\d) to (4,\d\d\d|5,\d\d\d) of 10,000$/);
  await page.mouse.click(x, y);
  await now(page, /^2(49\d|50\d)$/);
  // Twice as close, the same place is the same event.
  await page.mouse.wheel(0, -300);
  await page.mouse.click(x, y);
  await now(page, /^2(49\d|50\d)$/);
  await expect(page).toHaveURL(/zoom=\d+\.\.\d+/);
  await page.mouse.dblclick(x, y);
  await shows(page, "All of 10,000");
  await expect(page).not.toHaveURL(/zoom=/);
});

test("keys and buttons zoom around the playhead and move on", async ({ page }) => {
  await visit(page);
  await openMany(page, 1_000);
  await press(page, "Home");
  await now(page, 0);
  await press(page, "+");
  await shows(page, "0 to 500 of 1,000");
  await press(page, "=");
  await shows(page, "0 to 250 of 1,000");
  await press(page, "}");
  await shows(page, "63 to 313 of 1,000");
  await press(page, "{");
  await shows(page, "0 to 250 of 1,000");
  await page.getByRole("button", { name: "Show more of the log" }).click();
  await shows(page, "0 to 500 of 1,000");
  await minimap(page).focus();
  await page.keyboard.press("End");
  await shows(page, "500 to 1,000 of 1,000");
  await now(page, 0);
  await page.keyboard.press("PageDown");
  await shows(page, "0 to 500 of 1,000");
  await press(page, "0");
  await shows(page, "All of 1,000");
  await expect(page.getByRole("button", { name: "Show all of the log" })).toBeDisabled();
});

test("the window of the minimap is dragged, and somebody who moves the playhead sees it", async ({ page }) => {
  await visit(page);
  await openMany(page, 1_000);
  await press(page, "Home");
  await press(page, "+");
  await press(page, "+");
  const from = await pixel(minimap(page), 0.1);
  const to = await pixel(minimap(page), 0.6);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await shows(page, "500 to 750 of 1,000");
  await expect(page.locator(".track-playhead")).toBeHidden();
  await press(page, ".");
  await shows(page, "0 to 250 of 1,000");
  await expect(page.locator(".track-playhead")).toBeVisible();
  // Beside the window, it comes to the pointer.
  const aside = await pixel(minimap(page), 0.5);
  await page.mouse.click(aside.x, aside.y);
  await shows(page, "375 to 625 of 1,000");
});

test("what plays stays on the line, and a link shows the same part of it", async ({ page }) => {
  await page.goto("about:blank");
  await visit(page, "#/?src=sim:7&at=20&zoom=10..30");
  await shows(page, /^10 to 30 of /);
  // How dense the events are is drawn on the line and on the minimap.
  for (const drawn of ["track", "minimap"]) {
    await expect(page.locator(`.${drawn} path`)).toHaveAttribute("d", /(L\d+\.\d\d [1-8]\d\.\d){4}/);
  }
  await page.getByLabel("Speed").selectOption("count:20");
  await press(page, " ");
  await expect(page.locator(".time-bar-position strong")).toHaveText(/^#(3[5-9]|[4-9]\d)$/);
  await press(page, " ");
  await expect(page.locator(".track-playhead")).toBeVisible();
  await expect(page).toHaveURL(/zoom=(1[1-9]|[2-9]\d)\.\./);
});

test("an empty lane is dragged to what comes before", async ({ page }) => {
  await page.goto("about:blank");
  await visit(page, "#/?src=sim:7&at=200&zoom=100..200");
  const lane = page.locator("#leader-lane");
  const from = await pixel(lane, 0.2);
  const to = await pixel(lane, 0.7);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await shows(page, /^50 to 150 of /);
});

for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
  test(`a part of the log is accessible and fits, ${viewport.width} px wide`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.goto("about:blank");
    await visit(page, "#/streams?src=sim:7&at=120&zoom=100..200&a=110&b=130");
    await shows(page, /^100 to 200 of /);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  });
}
