import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { goToView, manyEvents, open, pick, press, timeBar, visit } from "./dashboard.js";

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
    await expect(page.locator(`.${drawn} path`)).toHaveAttribute("d", /(L[\d.]+ \d\d?\.\d.*){8}/);
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

for (const [width, height] of [[1280, 800], [900, 700], [390, 844]] as const) {
  test(`a part of the log is accessible and fits, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto("about:blank");
    await visit(page, "#/streams?src=sim:7&at=120&zoom=100..200&a=110&b=130");
    await shows(page, /^100 to 200 of /);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}

/** Two hundred events a second apart, three hours of nothing, and as many again. */
function shifts(): Buffer {
  const begin = Date.UTC(2026, 0, 5, 9);
  const line = (index: number) => {
    const time = new Date(begin + index * 1000 + (index < 200 ? 0 : 3 * 3_600_000)).toISOString();
    return `{"specversion":"1.0","id":"${index}","source":"/s","type":"T","subject":"s","time":"${time}","data":{}}`;
  };
  return Buffer.from(Array.from({ length: 400 }, (_, index) => `${line(index)}\n`).join(""));
}

test("the line follows the clock, with idle time short, or shows gaps", async ({ page }) => {
  await visit(page);
  await pick(page, "shifts.ndjson", shifts());
  await now(page, 400);
  await expect(page.locator(".track-idle")).toHaveCount(0);
  const axis = page.getByLabel("What the line follows");
  await axis.selectOption("clock");
  await expect(page).toHaveURL(/axis=clock/);
  await expect(page.locator(".track-idle")).toHaveText("┊┊ 3 h ┊┊");
  const share = async () => {
    const [idle, line] = [await page.locator(".track-idle").boundingBox(), await timeBar(page).boundingBox()];
    return { at: ((idle?.x ?? 0) - (line?.x ?? 0)) / (line?.width ?? 1), width: (idle?.width ?? 0) / (line?.width ?? 1) };
  };
  const { at, width } = await share();
  expect(at).toBeGreaterThan(0.46);
  expect(at + width).toBeLessThan(0.54);
  // What is under the pointer is what was recorded then.
  const quarter = await pixel(timeBar(page), 0.24);
  await page.mouse.click(quarter.x, quarter.y);
  await now(page, /^(9\d|10\d)$/);
  await press(page, "+");
  await press(page, "+");
  await expect(page.locator(".track-idle")).toHaveCount(0);
  await press(page, "0");
  await expect(page.locator(".track-idle")).toHaveCount(1);

  await press(page, "m");
  await expect(page).toHaveURL(/axis=gap/);
  await expect(page.locator(".track-idle")).toHaveCount(0);
  await expect(page.locator(".time-bar-time")).toHaveText("+1.0 s");
  const second = await pixel(timeBar(page), 0.5);
  await page.mouse.click(second.x, second.y);
  await now(page, 200);
  await press(page, ".");
  await expect(page.locator(".time-bar-time")).toHaveText("+3 h 0 m");
  await press(page, "m");
  await expect(page).not.toHaveURL(/axis=/);
  await expect(page.locator(".time-bar-time")).toHaveText("2026-01-05 12:03:20.000 UTC (+3 h 0 m)");
});

test("what lies between the marks is listed, shown alone, and played again and again", async ({ page }) => {
  await visit(page);
  await openMany(page, 500);
  const from = await pixel(timeBar(page), 0.2);
  const to = await pixel(timeBar(page), 0.3);
  // Backwards is the same range, and the playhead stays.
  await page.keyboard.down("Shift");
  await page.mouse.move(to.x, to.y);
  await page.mouse.down();
  await page.mouse.move(from.x, from.y, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await now(page, 500);
  await expect(page).toHaveURL(/a=100&b=150/);
  const range = page.getByRole("group", { name: "Range" });
  await expect(range.getByRole("heading")).toHaveText("#100 to #150: 51 events");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await range.getByRole("button", { name: "Show only them on the line" }).click();
  await expect(range).toBeHidden();
  await shows(page, "100 to 150 of 500");

  await page.locator("#range summary").click();
  await range.getByRole("button", { name: "List these events" }).click();
  await expect(page.getByRole("heading", { name: "Streams" })).toBeVisible();
  await expect(page.getByLabel("Text in the event")).toHaveValue("pos:100..150");
  await expect(page.locator(".search")).toHaveText("51 of 500 match");
  await page.getByLabel("Text in the event").fill("pos:100..150 s120");
  await expect(page.locator(".search")).toHaveText("1 of 500 match");
  await page.getByLabel("Text in the event").fill("");

  await press(page, "l");
  await expect(page.locator("#time-said")).toHaveText("Playing goes from #100 to #150 again and again.");
  await page.getByLabel("Speed").selectOption("count:100");
  const places = page.evaluate(() => new Promise<number[]>((resolve) => {
    const seen: number[] = [];
    const line = document.querySelector("[aria-label='Position in the log']");
    if (!line) throw new Error("there is a line");
    new MutationObserver(() => {
      seen.push(Number(line.getAttribute("aria-valuenow")));
      const turns = seen.filter((place, index) => 0 < index && place < (seen[index - 1] ?? 0)).length;
      if (3 <= turns) resolve(seen);
    }).observe(line, { attributes: true, attributeFilter: ["aria-valuenow"] });
  }));
  await press(page, " ");
  const seen = (await places).slice(1);
  expect(Math.min(...seen)).toBe(100);
  expect(Math.max(...seen)).toBeLessThanOrEqual(150);
  await press(page, "l");
  await now(page, 500);
});

test("the events between the marks are saved, and open as what they are", async ({ page }) => {
  await visit(page);
  await open(page, "orders.ndjson");
  await press(page, "Home");
  await press(page, "a");
  await press(page, "End");
  await now(page, 10);
  await press(page, "A");
  const digest = page.locator("#view-digest");
  await goToView(page, "orders");
  const before = await digest.getAttribute("title");
  await page.locator("#range summary").click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save them as NDJSON" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe("orders-0-10.ndjson");
  await expect(page.locator("#time-said")).toHaveText("Saved 10 events as orders-0-10.ndjson.");
  await pick(page, "again.ndjson", await readFile(await saved.path()));
  await expect(page.locator(".header-source-name")).toHaveText("FILE again.ndjson");
  await expect(digest).toHaveAttribute("title", before ?? "");
});
