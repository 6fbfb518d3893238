import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { defineShares, goToView, manyEvents, open, pick, press, timeBar, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => {
  await visit(page);
  await open(page, "orders.ndjson");
});

const now = (page: Page, position: number) =>
  expect(timeBar(page)).toHaveAttribute("aria-valuenow", `${position}`);

const condition = (page: Page) => page.getByLabel("Condition over the columns of a row");

test("the first and the last position at which something is so are found", async ({ page }) => {
  await goToView(page, "orders");
  await page.getByText("Find a position", { exact: true }).click();
  await condition(page).fill("status = 'paid'");
  await condition(page).press("Enter");
  await now(page, 5);
  await expect(page.locator("#time-said")).toHaveText("Found the first position at which it holds at #5.");
  await press(page, "End");
  await now(page, 10);
  await page.getByRole("button", { name: "Run back to last" }).click();
  await now(page, 9);
  await condition(page).fill("price > 1");
  await page.getByRole("button", { name: "First position" }).click();
  await expect(page.locator("#time-said")).toContainText("✕ Not understood: where: no column `price`");
  await condition(page).fill("total_cents < 0");
  await page.getByRole("button", { name: "First position" }).click();
  await expect(page.locator("#time-said")).toContainText("There is no such position");
  await now(page, 9);
});

test("playing stops where a breakpoint comes to hold, and markers are passed by keys", async ({ page }) => {
  await goToView(page, "orders");
  await page.locator(".grid-row", { hasText: "order-2" }).locator("td").nth(3).click();
  await page.keyboard.press("Escape");
  await press(page, "B");
  await expect(condition(page)).toBeFocused();
  await expect(condition(page)).toHaveValue(`"subject" = 'order-2' AND "status" = 'cancelled'`);
  await condition(page).fill("status = 'paid'");
  await page.getByRole("button", { name: "◆ Stop there" }).click();
  await expect(page.locator(".track-breakpoint")).toHaveCount(2);
  await expect(page).toHaveURL(/break=orders:status%20%3D%20%27paid%27/);

  await page.getByLabel("Speed").selectOption("count:20");
  await press(page, "Home");
  await press(page, " ");
  await expect(page.locator("#time-said")).toHaveText("Stopped at #5: orders: status = 'paid'.");
  await now(page, 5);
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
  await press(page, " ");
  await expect(page.locator("#time-said")).toHaveText("Stopped at #7: orders: status = 'paid'.");

  await press(page, "b");
  await expect(page.locator("#time-said")).toHaveText("Bookmark set at #7.");
  await expect(page).toHaveURL(/bookmark=7/);
  await press(page, "[");
  await now(page, 5);
  await expect(page).toHaveURL(/at=5/);
  await page.goBack();
  await now(page, 7);
  await press(page, "[");
  await now(page, 5);
  await press(page, "]");
  await now(page, 7);
  await expect(page.locator(".markers summary")).toContainText("Markers: 1 bookmark, 1 breakpoint");
  await page.locator(".markers summary").click();
  await page.getByLabel("Name of the bookmark at #7").fill("second payment");
  await expect(page).toHaveURL(/bookmark=7:second%20payment/);
  await expect(page.getByRole("group", { name: "Markers" })).toContainText("stops 2 times");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole("button", { name: /^Remove the breakpoint/ }).click();
  await page.getByRole("button", { name: "Remove the bookmark at #7" }).click();
  await expect(page.locator(".track-mark")).toHaveCount(0);
  await expect(page).not.toHaveURL(/break|bookmark/);
});

test("a link holds what is marked", async ({ page }) => {
  await page.goto("about:blank");
  await visit(page, "#/views/orders?src=sim:7&at=50&bookmark=40:before&break=orders:nothing%20%3E%201");
  await expect(page.locator(".track-bookmark")).toHaveCount(1);
  await press(page, "[");
  await now(page, 40);
  await page.locator(".markers summary").click();
  await expect(page.getByRole("group", { name: "Markers" })).toContainText("✕ stops nothing: where: no column `nothing`");
});

test("play follows the recorded time, and idle time is short", async ({ page }) => {
  await page.getByLabel("Speed").selectOption("time:5000");
  await press(page, "Home");
  await press(page, " ");
  await now(page, 10);
  await page.getByLabel("Speed").selectOption("real:10");
  await press(page, "Home");
  await press(page, " ");
  await now(page, 1);
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await press(page, "Shift+ArrowRight");
  await now(page, 2);
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
  await press(page, "Shift+ArrowLeft");
  await now(page, 1);
});

test("a long search tells how far it is and can be stopped", async ({ page }) => {
  await pick(page, "many.ndjson", manyEvents(300_000));
  await expect(page.locator(".header-source-name")).toHaveText("many.ndjson".replace(/^/, "FILE "));
  await goToView(page, "streams");
  await page.getByText("Find a position", { exact: true }).click();
  await condition(page).fill("events < 0");
  // A search that is over soon is stopped by the page itself, as soon as it says how far it is.
  const told = page.evaluate(() => new Promise<string>((resolve) => {
    const observer = new MutationObserver(() => {
      const said = document.querySelector("#time-said")?.textContent ?? "";
      const stop = [...document.querySelectorAll("button")].find((button) => button.textContent?.trim() === "Stop");
      if (/\d+ %/.test(said) && stop) {
        observer.disconnect();
        stop.click();
        resolve(said);
      }
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  }));
  await condition(page).press("Enter");
  expect(await told).toMatch(/^Looking for the first position at which it holds: \d+ %/);
  await expect(page.locator("#time-said")).toHaveText("Stopped looking.");
  await now(page, 300_000);
});

for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
  test(`markers are accessible and fit, ${viewport.width} px wide`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.goto("about:blank");
    await visit(page, "#/views/orders?src=sim:7&at=50&a=10&b=60&bookmark=40:before&break=orders:items%20%3E%203");
    await page.getByText("Find a position", { exact: true }).click();
    await page.locator(".markers summary").click();
    await expect(page.getByLabel("Name of the bookmark at #40")).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  });
}

test("playing stops at an event that a view set aside, if that is wished for, and keys lead there", async ({ page }) => {
  await defineShares(page);
  await expect(page.locator(".track-mark")).toHaveText("✕");
  await press(page, "[");
  await now(page, 3);
  await page.getByLabel("Speed").selectOption("count:100");
  await press(page, "Home");
  await press(page, " ");
  await now(page, 10);
  await page.locator(".markers summary").click();
  await page.getByLabel("Playing stops at ✕ events that views set aside").check();
  await press(page, "Home");
  await press(page, " ");
  await expect(page.locator("#time-said")).toHaveText("Stopped at #3: ✕ a view set the event aside.");
  await now(page, 3);
  await press(page, " ");
  await now(page, 10);
  await page.reload();
  await page.locator(".markers summary").click();
  await expect(page.getByLabel("Playing stops at ✕ events that views set aside")).toBeChecked();
});
