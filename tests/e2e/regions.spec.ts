import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { go, press, source, timeBar, visit } from "./dashboard.js";

/** Goes to a part of the page of the cluster. */
async function part(page: Page, name: string): Promise<void> {
  await go(page, "Cluster");
  await page.getByRole("group", { name: "Parts of the cluster" }).getByRole("link", { name }).click();
  await expect(page.locator(".tab[aria-current]")).toHaveText(name);
}

async function expectAccessible(page: Page): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
}

test("regions that are parted both write, say so, have conflicts, and agree once they are mended", async ({ page }) => {
  await visit(page, "#/chaos");
  await page.getByLabel("Scenario", { exact: true }).selectOption({ label: "Two regions write the same account" });
  await page.getByRole("button", { name: "Play from its start" }).click();
  await expect(source(page)).toHaveText("SIM Two regions write the same account");
  await expect(page.locator(".header-leader")).toHaveText(/3 regions, all accept/);
  await page.getByRole("button", { name: "Part A from the others for 10 s" }).click();
  await expect(page.locator("#steps tbody tr", { hasText: "partition A for 10 s" })).toContainText("until");

  await part(page, "Map");
  const links = page.locator("#links tbody tr");
  await expect(links.first().locator("td").nth(1)).toContainText("cut");
  await expect(links.nth(1).locator("td").nth(2)).toContainText("open");
  await expect(page.locator(".cluster-summary")).toContainText("some changes have not come everywhere yet", { timeout: 30_000 });
  await expect(page.locator("#digest-check")).toContainText("equal ✓");
  await expectAccessible(page);

  // The scenario parts them again until both have written; then somebody mends it.
  await go(page, "Chaos");
  await expect(page.locator("#steps tbody tr", { hasText: "edit B account-7 price 12" })).not.toContainText(" in ", { timeout: 30_000 });
  await page.getByRole("button", { name: "Mend everything" }).click();
  await expect(page.getByRole("region", { name: "Effect" })).toContainText("all that run know the same");
  await expect(page.getByRole("region", { name: "Effect" })).toContainText("every promise is kept");
  await expectAccessible(page);

  await part(page, "Conflicts");
  const conflict = (field: string) =>
    page.locator("#conflicts tbody tr", { has: page.locator("th", { hasText: `account-7, ${field}` }) });
  await expect(conflict("note")).toContainText("last writer wins");
  await expect(conflict("note")).toContainText("the last of 2 in the agreed order is");
  await expect(conflict("note").locator("s")).toHaveText("north");
  await expect(conflict("note").locator("strong")).toHaveText("south");
  await expect(conflict("price")).toContainText("a person has to decide between 2");
  const account = page.locator("#region-rows tr", { has: page.locator("th", { hasText: "account-7" }) }).locator("td");
  await expect(account.nth(1)).toHaveText("25");
  await conflict("note").getByRole("button", { name: "Restore north of region 1 as a new event" }).click();
  await expect(account.first()).toHaveText("north");
  await expectAccessible(page);

  await part(page, "Map");
  await expect(page.locator("#links")).not.toContainText("cut");
  await expect(page.locator("#digest-check")).toContainText("equal ✓");
  await expect
    .poll(async () => new Set(await page.locator(".zone code").allTextContents()).size)
    .toBe(1);
  await go(page, "Overview");
  await expect(page.locator(".overview")).toContainText("3 regions with a log each, and no leader");
  await expect(page.locator(".overview")).toContainText("views equal the log");

  // What was made while they were parted is looked at as they were then.
  await go(page, "Cluster");
  await press(page, "Home");
  await expect(page.locator('#fault-lane .lane-mark[title^="partition A for 12 s"]')).toHaveCount(1);
  await expect(page.locator('#fault-lane .lane-mark[title^="edit"]')).toHaveCount(0);
  for (let step = 0; step < 6; step += 1) await page.keyboard.press(".");
  await expect(page.locator("#past-words")).toContainText("was the last event made, here or there");
  await expect(page.locator("#links")).toContainText("cut");
  await expect(page.getByRole("button", { name: "Kill A" })).toBeDisabled();
  await part(page, "Conflicts");
  await expect(page.getByRole("status").filter({ hasText: "You are looking at the past" })).toBeVisible();
  await expect(timeBar(page)).toHaveAttribute("aria-valuetext", /^Event 6 of/);

  await expect(page.locator(".track-mark").first()).toHaveText("≠");
  await page.locator(".markers summary").click();
  await page.getByLabel("Playing stops at ≠ conflicts of regions").check();
  await press(page, "Home");
  await press(page, " ");
  await expect(page.locator("#time-said")).toHaveText(/^Stopped at #\d+: ≠ regions wrote without knowing of each other\.$/);
  await expectAccessible(page);
});

test("a region that is lost is said, another one is read, and it comes back", async ({ page }) => {
  const script = "# Lost\nseed 7\nplaces 1.1 2.2 3.3\nedits every 500 ms in 4 rows until 600 s\nuntil 600 s\n";
  await visit(page, `#/cluster?src=script:${encodeURIComponent(script)}`);
  await expect(page.locator(".zone", { hasText: "this page reads its log" })).toContainText("A");
  await page.getByRole("button", { name: "Kill A" }).click();
  await expect(page.locator(".header-leader")).toHaveText(/3 regions, 2 of them accept/);
  await expect(page.locator(".zone-down")).toHaveCount(1);
  await expect(page.locator(".zone", { hasText: "this page reads its log" })).toContainText("B");
  await expect(page.locator(".header-mode")).toContainText("LIVE");
  await page.getByRole("button", { name: "Bring back A" }).click();
  await expect(page.locator(".header-leader")).toHaveText(/3 regions, all accept/);
  await expect(page.locator("#digest-check")).toContainText("equal ✓");

  await part(page, "Nodes");
  await expect(page.locator("#regions tbody tr")).toHaveCount(3);
  await part(page, "Beliefs");
  await expect(page.locator("#knowledge tbody tr").first()).toContainText("all there are");
  await part(page, "Failovers");
  await expect(page.getByRole("main")).toContainText("Nothing fails over here");
  await part(page, "Conflicts");
  await expect(page.locator("#edit-region option")).toHaveText(["A", "B", "C"]);
  await go(page, "Commands");
  await expect(page.getByRole("main")).toContainText("The regions of this scenario take changes of rows");
});
