import { expect, test } from "@playwright/test";
import { cells, go, goToView, open, press, timeBar, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => {
  await visit(page);
  await open(page, "orders.ndjson");
});

test("the time bar takes the views to any position and back to the same digest", async ({ page }) => {
  await goToView(page, "orders");
  const digest = page.locator("#view-digest");
  const before = await digest.getAttribute("title");
  const line = await timeBar(page).boundingBox();
  if (!line) throw new Error("the time bar has a place");
  await page.mouse.move(line.x + line.width - 1, line.y + 10);
  await page.mouse.down();
  await page.mouse.move(line.x + line.width * 0.6, line.y + 10, { steps: 5 });
  await page.mouse.move(line.x + line.width * 0.4, line.y + 10, { steps: 5 });
  await page.mouse.up();
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "4");
  await expect(page.locator(".page-summary")).toContainText("2 rows · as of #4");
  expect(await digest.getAttribute("title")).not.toBe(before);
  await expect(page.locator(".header-mode")).toHaveText(/REPLAY −6/);
  await page.getByRole("button", { name: "Last event" }).click();
  await expect(digest).toHaveAttribute("title", before ?? "");
});

test("the slider says in words what it is at", async ({ page }) => {
  await press(page, "Home");
  await expect(timeBar(page)).toHaveAttribute("aria-valuetext", "Event 0 of 10");
  await press(page, "ArrowRight");
  await expect(timeBar(page)).toHaveAttribute("aria-valuetext", /^Event 1 of 10, OrderPlaced, 2026-01-05 09:00:00\.000 UTC/);
});

test.describe("away from Greenwich", () => {
  test.use({ timezoneId: "Asia/Kathmandu" });

  test("times are shown in UTC or as the clock has it, and say which", async ({ page }) => {
    const [utc, local] = ["2026-01-05 10:00:00.000 UTC", "2026-01-05 15:45:00.000 +05:45"];
    await go(page, "Streams");
    await page.getByRole("gridcell", { name: "#8", exact: true }).click();
    const drawer = page.getByRole("complementary", { name: "Event" });
    await drawer.getByRole("button", { name: "Go to this moment" }).click();
    const row = page.locator(".grid-row", { hasText: "#8" });
    const bar = page.locator(".time-bar-time");
    for (const place of [bar, row]) await expect(place).toContainText(utc);
    await expect(drawer).not.toContainText("local time");

    await press(page, "z");
    for (const place of [bar, row, drawer]) await expect(place).toContainText(local);
    await expect(drawer).toContainText("2026-01-05T10:00:00.000Z");
    await expect(timeBar(page)).toHaveAttribute("aria-valuetext", /15:45:00\.000 \+05:45/);

    await page.reload();
    await expect(bar).toContainText("+05:45");
    await page.getByRole("button", { name: "Times: local" }).click();
    await expect(bar).toContainText("UTC");
    await expect(page.getByRole("button", { name: "Times: UTC" })).toHaveText("UTC");
  });
});

test("keys step, jump and play", async ({ page }) => {
  const now = timeBar(page);
  await press(page, "Home");
  await expect(now).toHaveAttribute("aria-valuenow", "0");
  await press(page, ".");
  await press(page, ".");
  await expect(now).toHaveAttribute("aria-valuenow", "2");
  await press(page, ",");
  await expect(now).toHaveAttribute("aria-valuenow", "1");
  await press(page, "End");
  await expect(now).toHaveAttribute("aria-valuenow", "10");
  await press(page, "Home");
  await press(page, " ");
  await expect(now).toHaveAttribute("aria-valuenow", "10");
});

test("two steps in one breath are two steps", async ({ page }) => {
  await press(page, "Home");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "0");
  await page.evaluate(() => {
    const press = () => new KeyboardEvent("keydown", { key: ".", cancelable: true });
    window.dispatchEvent(press());
    window.dispatchEvent(press());
  });
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "2");
});

test("who goes to the head stays there, whatever was wished before", async ({ page }) => {
  await timeBar(page).evaluate((line) => {
    for (const key of ["Home", "PageUp", "f"]) {
      line.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
  });
  await expect(page.locator(".header-mode")).toContainText("REPLAY, at the end");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "10");
});

test("playing goes on at its speed until it is paused", async ({ page }) => {
  await page.getByLabel("Speed").selectOption("count:1");
  await press(page, "Home");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", /^[1-9]$/);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
});

test("steps go to the next event that the filter lets through", async ({ page }) => {
  await go(page, "Streams");
  await page.locator(".types summary").click();
  await page.getByLabel("OrderPaid").check();
  await press(page, "Home");
  await press(page, "ArrowRight");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "5");
  await press(page, "ArrowRight");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "7");
  await press(page, "ArrowLeft");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "5");
});

test("the event at the playhead is marked in the list", async ({ page }) => {
  await go(page, "Streams");
  await press(page, "Home");
  await press(page, "ArrowRight");
  await press(page, "ArrowRight");
  await expect(page.locator(".grid-row[aria-current]")).toContainText("#2");
});

test("a link to a moment of the simulation shows that moment", async ({ page }) => {
  await page.goto("about:blank");
  await visit(page, "#/views/orders?src=sim:7&at=50");
  await expect(page.locator(".page-summary")).toContainText("as of #50");
  let rows: string[][] = [];
  await expect(async () => {
    rows = await cells(page);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.flat()).not.toContain("…");
  }).toPass();
  await page.goto("about:blank");
  await visit(page, "#/views/orders?src=sim:7&at=50");
  await expect(page.locator(".page-summary")).toContainText("as of #50");
  await expect.poll(() => cells(page)).toEqual(rows);
});

test("files and the past take no commands, and say why", async ({ page }) => {
  await go(page, "Commands");
  await expect(page.getByRole("button", { name: "Send PlaceOrder" })).toBeDisabled();
  await expect(page.locator("form")).toContainText("Events from a file are what happened");
  await page.locator("form").getByRole("button", { name: "Open the simulation" }).click();
  await expect(page.getByRole("button", { name: "Send PlaceOrder" })).toBeEnabled();
  await press(page, "Home");
  await expect(page.getByRole("button", { name: "Send PlaceOrder" })).toBeDisabled();
  await expect(page.locator("form")).toContainText("You are looking at the past");
  await page.locator("form").getByRole("button", { name: "To the head" }).click();
  await expect(page.getByRole("button", { name: "Send PlaceOrder" })).toBeEnabled();
});

test("two marks show what differs in a view, by row and by cell", async ({ page }) => {
  await goToView(page, "orders");
  await page.getByRole("button", { name: "Diff" }).click();
  await expect(page.locator(".grid-frame")).toContainText("set mark A there");
  await press(page, "Home");
  for (let event = 0; event < 4; event += 1) await press(page, ".");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "4");
  await press(page, "a");
  await expect(page.getByRole("button", { name: "A #4" })).toBeVisible();
  await expect(page.locator(".grid-frame")).toContainText("No row differs");
  await press(page, "End");
  await expect(page.locator("#diff-summary")).toHaveText("from #4 to #10: + 1 added, ~ 2 changed, − 0 removed");
  const rows = () => cells(page);
  await expect.poll(async () => (await rows()).map((row) => [row[0], row[1]])).toEqual([
    ["~ changed", "order-1"],
    ["~ changed", "order-2"],
    ["+ added", "order-3"],
  ]);
  await expect.poll(async () => (await rows())[0]).toContain("placed ▸ shipped");

  await press(page, "Shift+A");
  await expect(page.getByRole("button", { name: "B #10" })).toBeVisible();
  await press(page, "Home");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "0");
  await expect(page.locator("#diff-summary")).toHaveText(/from #4 to #10/);
  await expect(page).toHaveURL(/a=4&b=10&show=diff/);

  await press(page, "d");
  await expect(page.getByLabel("Text in a row")).toBeVisible();
  await expect(page.locator("#diff-summary")).toHaveCount(0);
});

test("what differs between two fixed positions stays while events arrive", async ({ page }) => {
  await page.goto("about:blank");
  await visit(page, "#/views/orders?src=sim:7&a=10&b=60&show=diff");
  const summary = page.locator("#diff-summary");
  await expect(summary).toContainText("from #10 to #60");
  await page.evaluate(() => {
    const seen = ((globalThis as unknown as { seen: number }).seen = 0);
    const grid = document.querySelector(".grid-table tbody");
    if (!grid) throw new Error(`a grid, after ${seen}`);
    new MutationObserver(() => ((globalThis as unknown as { seen: number }).seen += 1)).observe(grid, { childList: true, subtree: true });
  });
  const head = async () => Number(await timeBar(page).getAttribute("aria-valuemax"));
  const before = await head();
  await expect.poll(head).toBeGreaterThan(before + 5);
  expect(await page.evaluate(() => (globalThis as unknown as { seen: number }).seen)).toBe(0);
  await expect(page.getByRole("button", { name: "Diff" })).toHaveAttribute("aria-pressed", "true");
});
