import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { goToView, open, press, timeBar, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => {
  await visit(page);
  await open(page, "orders.ndjson");
});

/** A cell of the grid by its row's first text and its column's title. */
function cell(page: Page, row: string, column: number) {
  return page.locator(".grid-row", { hasText: row }).locator("td").nth(column);
}

const drawer = (page: Page) => page.getByRole("complementary", { name: "Row" });

test("a cell tells which events made it, and each leads to its moment", async ({ page }) => {
  await goToView(page, "orders");
  await cell(page, "order-1", 3).click();
  await expect(drawer(page).getByRole("heading", { level: 2 })).toHaveText("orders order-1");
  await expect(page.locator("#why-value")).toHaveText("shipped");
  const causes = page.locator("#why-causes li");
  await expect(causes).toHaveCount(3);
  await expect(causes.nth(0)).toContainText(/#6OrderShippedpaid ▸ shipped2026-01-05 09:30:00\.000 UTCon\.OrderShipped\.set\.status/);
  await expect(causes.nth(2)).toContainText("– ▸ placed");
  await expect(page).toHaveURL(/sel=row:order-1&cell=status&tab=why/);

  await causes.nth(1).getByRole("button", { name: "#5" }).click();
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "5");
  await expect(page.locator("#why-value")).toHaveText("paid");
  await expect(drawer(page)).toContainText("as of #5");

  await causes.nth(0).getByRole("button", { name: "OrderPaid" }).click();
  await expect(page.getByRole("complementary", { name: "Event" })).toContainText("amount_cents");
  await page.keyboard.press("Escape");
  await expect(page.locator("#why-value")).toHaveText("paid");
  await page.keyboard.press("Escape");
  await expect(drawer(page)).toHaveCount(0);
});

test("a cell is chosen and asked about with the keyboard alone", async ({ page }) => {
  await goToView(page, "orders");
  await expect(page.locator(".grid-row")).toHaveCount(3);
  await page.getByRole("grid", { name: "Rows" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  for (let column = 0; column < 6; column += 1) await page.keyboard.press("ArrowRight");
  await expect(page.locator("td[aria-selected=true]")).toHaveText("1200");
  await page.keyboard.press("w");
  await expect(page.locator("#drawer")).toBeFocused();
  await expect(page.locator("#why-value")).toHaveText("1200");
  await page.getByLabel("Cell", { exact: true }).selectOption("region");
  await expect(page.locator("#why-value")).toHaveText("south");
  await expect(page).toHaveURL(/sel=row:order-2&cell=region&tab=why/);
  await press(page, "N");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "7");
  for (const position of ["4", "3"]) {
    await press(page, "N");
    await expect(timeBar(page)).toHaveAttribute("aria-valuenow", position);
  }
  await press(page, "N");
  await expect(page.locator("#time-said")).toContainText("was not found");
  await press(page, "n");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "4");
});

test("who asks for the change before three times at once gets to the third", async ({ page }) => {
  await goToView(page, "orders");
  await cell(page, "order-2", 0).click();
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "10");
  // Within one task, so that no answer comes between them.
  await page.evaluate(() => {
    const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "N", shiftKey: true, bubbles: true }));
    [press, press, press].forEach((ask) => ask());
  });
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", "3");
});

test("a sum tells the rows it rests on, which lead on to their events", async ({ page }) => {
  await goToView(page, "revenue_by_region");
  await cell(page, "north", 2).click();
  await expect(page.locator("#why-value")).toHaveText("900");
  await expect(page.locator("#why-contributions li")).toHaveText([/^900orders order-1/]);
  await page.locator("#why-contributions").getByRole("link", { name: "orders order-1" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("orders");
  await expect(drawer(page).getByRole("heading", { level: 2 })).toHaveText("orders order-1");
  await expect(page.locator("#why-value")).toHaveText("900");
  await expect(page.locator("td[aria-selected=true]")).toHaveText("900");
});

test("a row tells what became of it, also in a derived view", async ({ page }) => {
  await goToView(page, "orders");
  await cell(page, "order-2", 0).click();
  await drawer(page).getByRole("button", { name: "History" }).click();
  await expect(page.locator("#history-words")).toHaveText("4 changes back to the start, as of #10");
  const versions = page.locator("#history-versions > li");
  await expect(versions).toHaveText([
    /#10OrderCancelled~ changed.*statuspaid ▸ cancelled/,
    /#7OrderPaid~ changed.*statusplaced ▸ paid/,
    /#4ItemAdded~ changed.*items0 ▸ 1total_cents0 ▸ 1200/,
    /#3OrderPlaced\+ added.*subjectorder-2customerbo/,
  ]);
  await versions.nth(2).getByRole("button", { name: "#4" }).click();
  await expect(page.locator("#history-words")).toHaveText("2 changes back to the start, as of #4");

  await press(page, "End");
  await goToView(page, "revenue_by_region");
  await cell(page, "north", 0).click();
  await drawer(page).getByRole("button", { name: "History" }).click();
  await expect(versions).toHaveText([/#5OrderPaid\+ added.*revenue_cents900/]);
  await expect(page).toHaveURL(/tab=history/);
});

test("a link leads to the cell, and a row that is not there yet is said not to be", async ({ page }) => {
  await page.goto("about:blank");
  await visit(page, "#/views/orders?src=sim:7&sel=row:no-such&tab=why");
  await expect(drawer(page)).toContainText("has no such row at");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    test(`what is told of a row is accessible and fits: ${colorScheme}, ${viewport.width}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      await goToView(page, "revenue_by_region");
      await cell(page, "north", 0).click();
      await expect(page.locator("#why-causes li").first()).toBeVisible();
      for (const tab of ["Why", "History"]) {
        await drawer(page).getByRole("button", { name: tab }).click();
        await expect(drawer(page).locator("li").first()).toBeVisible();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
      }
    });
  }
}
