import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { go, goToView, open, press, timeBar, visit } from "./dashboard.js";

const summary = (page: Page) => page.locator("#diff-summary");
const mode = (page: Page) => page.locator(".header-mode");

/** Opens what can be made of an event. */
async function whatIf(page: Page, position: number): Promise<void> {
  await page.goto(`/#/streams?src=file:orders.ndjson&event=${position}`);
  await expect(page.getByRole("complementary", { name: "Event" })).toBeVisible();
  await page.getByText("⋔ What if…").click();
}

test.beforeEach(async ({ page }) => {
  await visit(page);
  await open(page, "orders.ndjson");
  await expect(page.getByText("kept: there again after a reload")).toBeVisible();
});

test("an event had not happened: both futures are kept and compared", async ({ page }) => {
  await goToView(page, "orders");
  const before = await page.locator("#view-digest").textContent();
  await whatIf(page, 1);
  await page.getByRole("button", { name: "This event had not happened" }).click();
  await expect(mode(page)).toContainText("WHAT-IF w1");
  await expect(timeBar(page)).toHaveAttribute("aria-valuemax", "9");
  const bar = page.getByRole("group", { name: "Another future" });
  await expect(bar).toContainText("without #1 OrderPlaced, parted from the log at #0");
  await bar.getByRole("button", { name: "Compare" }).click();
  await expect(summary(page)).toContainText(/from the log at #10 to w1 at #9: .*[1-9]/);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await bar.getByRole("button", { name: "Keep, and back to the log" }).click();
  await expect(mode(page)).not.toContainText("WHAT-IF");
  await expect(timeBar(page)).toHaveAttribute("aria-valuemax", "10");
  await page.keyboard.press("d");
  await goToView(page, "orders");
  await expect(page.locator("#view-digest")).toHaveText(before ?? "");
});

test("an event had said something else, and one more came: futures form a tree", async ({ page }) => {
  await whatIf(page, 1);
  await page.getByLabel("It had said").fill(`{"customer":"zoe","region":"far"}`);
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(mode(page)).toContainText("WHAT-IF w1");
  await goToView(page, "orders");
  await expect(page.locator(".grid-row").first()).toContainText("zoe");

  await page.goto(`/#/streams?src=file:orders.ndjson&fork=1&event=10`);
  await page.getByText("⋔ What if…").click();
  await page.getByLabel("Another event after it, of type").fill("OrderPlaced");
  await page.getByLabel("in stream").fill("order-99");
  await page.getByLabel("saying").fill(`{"customer":"new","region":"north"}`);
  await page.getByLabel("saying").press("Tab");
  await page.keyboard.press("Enter");
  await expect(mode(page)).toContainText("WHAT-IF w2");
  await expect(timeBar(page)).toHaveAttribute("aria-valuemax", "11");

  await page.getByTitle("Other futures").click();
  const tree = page.getByRole("group", { name: "Other futures" });
  await expect(tree.locator("ul ul ul li")).toHaveCount(1);
  await expect(tree.locator("ul ul ul li")).toContainText("OrderPlaced after #10");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await tree.getByRole("button", { name: "w1", exact: true }).click();
  await expect(mode(page)).toContainText("WHAT-IF w1");
  await expect(page).toHaveURL(/fork=1/);
  await tree.getByRole("button", { name: "Discard w1" }).click();
  await expect(mode(page)).not.toContainText("WHAT-IF");
  await expect(page.getByTitle("Other futures")).toBeHidden();
});

test("a command is tried out in another future", async ({ page }) => {
  await whatIf(page, 10);
  await page.getByLabel("A command was sent after it").selectOption("PlaceOrder");
  await page.getByLabel("about order").fill("order-99");
  await expect(page.getByLabel("with", { exact: true })).toHaveValue(/"customer": "ada"/);
  await page.getByRole("button", { name: "Send it there" }).click();
  await expect(mode(page)).toContainText("WHAT-IF w1");
  await expect(timeBar(page)).toHaveAttribute("aria-valuemax", "11");
  const bar = page.getByRole("group", { name: "Another future" });
  await expect(bar).toContainText("PlaceOrder order-99 after #10");
  // It is placed already in that future.
  await page.goto(`/#/streams?src=file:orders.ndjson&fork=1&event=11`);
  await page.getByText("⋔ What if…").click();
  await page.getByRole("button", { name: "Send it there" }).click();
  await expect(page.getByRole("alert")).toContainText("rejected after #11");
});

test("what the log does not take is said, and nothing has changed", async ({ page }) => {
  await whatIf(page, 2);
  await page.getByLabel("It had said").fill("{");
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByRole("alert")).toContainText("There is no such future");
  await expect(mode(page)).not.toContainText("WHAT-IF");
});

test("other futures are there again after a reload", async ({ page }) => {
  await whatIf(page, 4);
  await page.getByRole("button", { name: "This event had not happened" }).click();
  await expect(page).toHaveURL(/fork=1/);
  await go(page, "Overview");
  await expect(page.getByText("kept: there again after a reload")).toBeVisible();
  await page.reload();
  await expect(mode(page)).toContainText("WHAT-IF w1");
  await expect(timeBar(page)).toHaveAttribute("aria-valuemax", "9");
  await page.getByRole("button", { name: "Discard", exact: true }).click();
  await expect(timeBar(page)).toHaveAttribute("aria-valuemax", "10");
});

for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
  test(`what-if is accessible and fits, ${viewport.width} px wide`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await whatIf(page, 3);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByRole("button", { name: "This event had not happened" }).click();
    await expect(mode(page)).toContainText("WHAT-IF w1");
    await press(page, "Home");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  });
}
