import { expect, test, type Page } from "@playwright/test";
import { go, goToView, manyEvents, open, pick, source, visit } from "./dashboard.js";

/** A view that takes its time over each event. */
const slow = (columns: number) => {
  const value = "length(replace(replace(subject || source || type, 's', 'xy'), 'y', 'zzz'))";
  const set = Array.from({ length: columns }, (_, at) => `c${at} = "${value} + ${at}"`);
  return `[views.slow]\nkey = "subject"\n[views.slow.on."*"]\nset = { ${set.join(", ")} }\n`;
};

const editor = (page: Page) => page.getByLabel("Definitions of the views, in TOML");
const result = (page: Page) => page.locator(".definitions-result");
const building = (page: Page) => page.getByRole("group", { name: "Building the views" });

/** Opens many events and begins to build a view that takes long over them. */
async function buildForLong(page: Page): Promise<void> {
  await visit(page);
  await pick(page, "many.ndjson", manyEvents(100_000));
  await expect(source(page)).toHaveText("FILE many.ndjson");
  await expect(page.getByRole("group", { name: "Opening a file" })).toHaveCount(0);
  await go(page, "Views");
  await page.getByRole("link", { name: "Edit the definitions" }).click();
  await expect(editor(page)).toHaveValue(/\[views\./);
  await editor(page).fill(slow(400));
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(building(page)).toBeVisible();
}

test("while views are built it is shown how far, and the ones before answer", async ({ page }) => {
  await buildForLong(page);
  await expect(result(page)).toContainText("the views before are shown until it is done");
  await expect(building(page)).toContainText(/^[\d,]+ of 100,000 events/);
  const bar = building(page).getByRole("progressbar", { name: "Built so far" });
  await expect.poll(async () => Number(await bar.getAttribute("value"))).toBeGreaterThan(0);
  await go(page, "Views");
  const names = page.getByRole("main").locator("tbody").getByRole("link");
  await expect(names).not.toHaveText([]);
  await expect(page.getByRole("main").getByRole("link", { name: "slow", exact: true })).toHaveCount(0);
});

test("views that are being built can be given up", async ({ page }) => {
  await buildForLong(page);
  await building(page).getByRole("button", { name: "Cancel" }).click();
  await expect(building(page)).toHaveCount(0);
  await expect(result(page)).toContainText("given up; the views are as they were");
  await expect(editor(page), "what was written stays").toHaveValue(/^\[views\.slow\]/);
  await page.getByRole("button", { name: "Back to what is applied" }).click();
  await expect(editor(page)).not.toHaveValue(/slow/);
  await go(page, "Views");
  await expect(page.getByRole("main").getByRole("link", { name: "slow", exact: true })).toHaveCount(0);
});

test("one can go back to the views before, and back again", async ({ page }) => {
  await visit(page);
  await open(page, "orders.ndjson");
  await page.goto("/#/definitions");
  await expect(editor(page)).toHaveValue(/views\.orders/);
  const back = page.getByRole("button", { name: "Go back to the views before" });
  await expect(back).toHaveCount(0);
  await editor(page).fill('[views.pieces]\nkey = "data.sku"\n[views.pieces.on.ItemAdded]\nadd = { pieces = "data.quantity" }\n');
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(result(page)).toContainText("applied to every event");
  await goToView(page, "pieces");
  await expect(page.locator(".grid-row")).toHaveText([/^cup1$/, /^tea12$/]);

  await page.goto("/#/definitions");
  await back.click();
  await expect(editor(page)).toHaveValue(/views\.orders/);
  await expect(result(page)).toContainText("applied to every event");
  await goToView(page, "orders");
  await expect(page.locator(".grid-row")).toHaveCount(3);

  await page.goto("/#/definitions");
  await back.click();
  await expect(editor(page)).toHaveValue(/^\[views\.pieces\]/);
});
