// The page itself: it opens, and it is never blank.

import { expect, test } from "@playwright/test";

test("it opens with live views and without an error", async ({ page }) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));

  await page.goto("/");

  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await expect(page.getByRole("link", { name: "top_customers" })).toBeVisible();
  expect(errors).toEqual([]);
});

test.describe("before its program runs", () => {
  test.use({ javaScriptEnabled: false });

  test("it says what it is and that it loads", async ({ page }) => {
    await page.goto("/");

    await expect(page.getByRole("heading", { level: 1, name: "Everview" })).toBeVisible();
    await expect(page.getByText("Loading…")).toBeVisible();
  });
});
