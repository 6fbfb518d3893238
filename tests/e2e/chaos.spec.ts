import { expect, test } from "@playwright/test";
import { go, press, source, timeBar, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => visit(page, "#/chaos"));

test("a fault that is injected by hand is listed, drawn beside the log, and part of a script", async ({ page }) => {
  await page.getByRole("button", { name: "Kill the leader for 10 s" }).click();
  const row = page.locator("#steps tbody tr").first();
  await expect(row).toContainText("kill leader for 10 s");
  await expect(row).toContainText("until");
  await expect(page.locator("#fault-lane .lane-mark")).toHaveCount(1);
  await expect(page.getByRole("region", { name: "Effect" })).toContainText("is not served", { timeout: 20_000 });
  await expect(row).toContainText("over", { timeout: 30_000 });
  await expect(page.getByRole("region", { name: "Effect" })).toContainText("every promise is kept");

  await page.getByRole("button", { name: "Show it as a script" }).click();
  const script = await page.locator("#script-so-far").inputValue();
  expect(script).toMatch(/^seed 42\norders 4 times as fast until [\d.]+ s\nat [\d.]+ s kill leader for 10 s\nat [\d.]+ s mend\nuntil [\d.]+ s\n$/);

  const there = page.url();
  await row.getByRole("button").click();
  await expect(page.locator(".header-mode")).toContainText("REPLAY");
  await expect(page.getByRole("region", { name: "Effect" })).toContainText("looking at the past");
  await expect(page).toHaveURL(/at=\d+/);
  await page.goBack();
  await expect(page).toHaveURL(there);
  await expect(page.locator(".header-mode")).toContainText("LIVE");
});

test("what makes no sense is refused with what would", async ({ page }) => {
  await page.getByLabel("Fault", { exact: true }).selectOption("slow");
  await page.getByLabel("From").selectOption("A");
  await page.getByLabel("ms").fill("much");
  await page.getByRole("button", { name: "Inject", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: "expected a number, found `much`" })).toBeVisible();
  await page.getByLabel("ms").fill("300");
  await page.getByRole("button", { name: "Inject", exact: true }).press("Enter");
  await expect(page.locator("#steps tbody tr").first()).toContainText("slow A B by 300 for 10 s");
});

test("a scenario is played from its start, its address leads to it, and its text can be changed", async ({ page }) => {
  await page.getByLabel("Scenario", { exact: true }).selectOption({ label: "A zone is lost" });
  await expect(page.locator(".scenario-lesson")).toContainText("what is left is a majority");
  await page.getByRole("button", { name: "Play from its start" }).click();
  await expect(source(page)).toHaveText("SIM A zone is lost");
  const steps = page.locator("#steps tbody tr");
  await expect(steps).toHaveCount(2);
  await expect(steps.first()).toContainText("zone-outage 2 for 10 s");
  await expect(steps.last()).toContainText("until", { timeout: 20_000 });
  await go(page, "Cluster");
  await expect(page.locator(".zone-down")).toHaveCount(2);
  await expect(page.locator(".zone")).toHaveCount(5);

  await expect.poll(() => page.url()).toContain("src=script:");
  await page.reload();
  await expect(source(page)).toHaveText("SIM A zone is lost");

  await go(page, "Chaos");
  const text = page.getByLabel("Script of the scenario");
  await text.fill("seed 7\nat 1 s melt A\n");
  await page.getByRole("button", { name: "Play from its start" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "line 2: expected a fault or `pay`, found `melt`" })).toBeVisible();
  await expect(source(page)).toHaveText("SIM A zone is lost");
  await text.fill("# Mine\nseed 7\norders 50 times as fast\nat 1 s freeze A for 1 s\n");
  await page.getByRole("button", { name: "Play from its start" }).click();
  await expect(source(page)).toHaveText("SIM Mine");
  await expect(steps.last()).toContainText("over", { timeout: 20_000 });
  await expect.poll(() => timeBar(page).getAttribute("aria-valuemax").then(Number)).toBeGreaterThan(5);
  await press(page, "Home");
  await expect(page.locator(".header-mode")).toContainText("REPLAY");
});

test("where there is only a snapshot, the line begins behind it", async ({ page }) => {
  await page.getByLabel("Scenario", { exact: true }).selectOption({ label: "A client is away for too long" });
  await page.getByRole("button", { name: "Play from its start" }).click();
  await expect(timeBar(page)).toHaveAttribute("aria-valuemin", /^[1-9]/, { timeout: 90_000 });
  const first = await timeBar(page).getAttribute("aria-valuemin");
  await press(page, "Home");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", `${first}`);
  await go(page, "Streams");
  await expect(page.locator(".page-summary")).toContainText("only as a snapshot");
  await page.getByLabel("What the line follows").selectOption("clock");
  await expect(timeBar(page)).toHaveAttribute("aria-valuemin", `${first}`);
});
