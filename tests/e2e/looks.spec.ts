import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { open, visit } from "./dashboard.js";

const servers = encodeURIComponent("# Servers\nseed 7\nservers 1.1 1.2 1.3\norders 40 times as fast\nat 1 s kill S1\nat 2 s drain S2\nuntil 60 s\n");
const regions = encodeURIComponent("# Regions\nseed 7\nplaces 1.1 2.2 3.3\nedits every 200 ms in 4 rows until 60 s\nat 1 s partition A for 40 s\nat 2 s kill C\nuntil 60 s\n");
const regional = ["#/", "#/cluster", "#/cluster/nodes", "#/cluster/beliefs", "#/cluster/conflicts", "#/chaos"].map((place) => `${place}?src=script:${regions}`);
const places = [...regional, "#/", "#/streams", "#/streams?event=5", "#/views", "#/views/orders", "#/definitions", "#/commands", "#/cluster", "#/cluster/nodes", "#/cluster/beliefs", "#/cluster/failovers", "#/cluster/conflicts", "#/cluster/study", "#/cluster/sla", `#/cluster/balancer?src=script:${servers}`, `#/cluster?src=script:${servers}`, "#/chaos", "#/settings"];
const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

for (const colorScheme of ["light", "dark"] as const) {
  for (const [name, viewport] of Object.entries(sizes)) {
    test.describe(`${colorScheme}, ${name}`, () => {
      test.use({ colorScheme, viewport, contextOptions: { reducedMotion: "reduce" } });

      for (const place of places) {
        test(`${place} is accessible and fits`, async ({ page }) => {
          await visit(page, place);
          await expect(page.locator("h1")).toBeVisible();
          const { violations } = await new AxeBuilder({ page }).analyze();
          const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
          expect(found).toEqual([]);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          expect(width).toBeLessThanOrEqual(viewport.width);
        });
      }
    });
  }
}

test("the colours can be chosen, and stay chosen", async ({ page }) => {
  await visit(page);
  await page.getByRole("button", { name: "Colours: as the system" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await background()).toBe("rgb(15, 20, 27)");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "Colours: dark" }).click();
  expect(await background()).toBe("rgb(255, 255, 255)");
});

test("dialogs are accessible, and the keys are explained", async ({ page }) => {
  await visit(page);
  await open(page, "broken.ndjson");
  await page.locator("main").focus();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toContainText("play or pause");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByTitle("Open a file, an address or the simulation").click();
  await expect(page.getByRole("dialog", { name: "Open events" })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

test("everything is reached with the keyboard alone", async ({ page }) => {
  await visit(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Skip to the page" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Events", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Streams" })).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByLabel("Text in the event")).toBeFocused();
});
