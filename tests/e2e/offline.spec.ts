import { expect, test } from "@playwright/test";
import { goToView, open, source, visit } from "./dashboard.js";

test.use({ serviceWorkers: "allow" });

test("without a network the dashboard opens, with what the browser keeps", async ({ page, context }) => {
  await visit(page);
  await open(page, "orders.ndjson");
  await expect(page.getByText("kept: there again after a reload")).toBeVisible();
  await goToView(page, "orders");
  await expect(page).toHaveURL(/src=file:/);
  const digest = await page.locator("#view-digest").textContent();
  await page.evaluate(() => navigator.serviceWorker.ready);

  await context.setOffline(true);
  await page.reload();
  await expect(source(page)).toHaveText("FILE orders.ndjson");
  await expect(page.locator("#view-digest")).toHaveText(digest ?? "");
  await expect(page.locator(".page")).toHaveCSS("display", "flex");
});
