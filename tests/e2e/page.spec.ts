// The page itself: it opens, and it is never blank.

import { expect, test } from "@playwright/test";
import { visit } from "./dashboard.js";

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

test("a link is followed though the address bar was about to be written", async ({ page }) => {
  await page.addInitScript(() => {
    const later = window.setTimeout.bind(window);
    const held: (() => void)[] = [];
    // The page's own lag is held until the test lets it end, in the same breath as the link.
    const lag = 250;
    window.setTimeout = ((act: () => void, ms: number) =>
      ms === lag ? held.push(act) : later(act, ms)) as typeof window.setTimeout;
    (window as unknown as { endLag: () => number }).endLag = () => {
      const acts = held.splice(0);
      acts.forEach((act) => act());
      return acts.length;
    };
  });
  await visit(page);
  await page.getByRole("navigation").getByRole("link", { name: "Views", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Views");
  const written = await page.evaluate(() => {
    location.hash = "#/streams";
    return (window as unknown as { endLag: () => number }).endLag();
  });
  expect(written).toBe(1);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Streams");
  await expect(page).toHaveURL(/#\/streams$/);
});
