import { expect, test, type Page } from "@playwright/test";
import { go, goToView, press, timeBar, visit } from "./dashboard.js";

test.beforeEach(async ({ page }) => visit(page));

/** Goes to a part of the page of the cluster. */
async function part(page: Page, name: string): Promise<void> {
  await page.getByRole("group", { name: "Parts of the cluster" }).getByRole("link", { name }).click();
  await expect(page.locator(".tab[aria-current]")).toHaveText(name);
}

/** The rows of the table of nodes: name, zone, role, epoch. */
async function nodes(page: Page): Promise<{ name: string; role: string; epoch: number }[]> {
  const rows = await page.locator("#nodes tbody tr").all();
  return Promise.all(
    rows.map(async (row) => {
      const texts = await row.locator("th, td").allTextContents();
      return { name: texts[0] ?? "", role: texts[2] ?? "", epoch: Number(texts[3]) };
    }),
  );
}

test("a killed leader is followed by another one at a higher epoch, and the digests are equal", async ({
  page,
}) => {
  await go(page, "Cluster");
  await expect(page.locator("#digest-check")).toContainText("equal ✓");
  await part(page, "Nodes");
  const before = (await nodes(page)).find((node) => node.role.includes("leader"));
  if (!before) throw new Error("a leader");
  await part(page, "Map");
  await page.getByRole("button", { name: `Kill ${before.name}` }).click();
  await part(page, "Failovers");
  const row = page.locator("#failovers tbody tr").first();
  await expect(row).toContainText(/detect .* elect .* fence .* catch up .* reroute/, { timeout: 20_000 });
  await part(page, "Nodes");
  const now = await nodes(page);
  const leader = now.find((node) => node.role.includes("leader"));
  expect(leader?.name).not.toBe(before.name);
  expect(leader?.epoch).toBeGreaterThan(before.epoch);
  expect(now.find((node) => node.name === before.name)?.role).toContain("down");
  expect(now).toHaveLength(3);
  const position = page.locator(".time-bar-position strong");
  const there = await position.textContent();
  await expect(position).not.toHaveText(there ?? "");
  await part(page, "Map");
  await expect(page.locator("#digest-check")).toContainText("equal ✓");

  await page.getByRole("button", { name: `Bring back ${before.name}` }).click();
  await expect(page.locator(".zone", { hasText: `${before.name} ` }).first()).toContainText("standby");
  await expect(page.locator("#digest-check")).toContainText("equal ✓");
});

test("without a majority nobody leads, which is said, and it mends", async ({ page }) => {
  await go(page, "Cluster");
  await page.getByRole("button", { name: "Kill A" }).click();
  await page.getByRole("button", { name: "Kill B" }).click();
  await expect(page.locator(".cluster-summary")).toContainText("Nobody leads", { timeout: 20_000 });
  await expect(page.locator(".header-leader")).toContainText("no leader");
  await expect(page.locator(".header-mode")).toContainText("STALE for");
  await page.getByRole("button", { name: "Bring back A" }).click();
  await expect(page.locator(".cluster-summary")).toContainText(/leads in epoch/, { timeout: 20_000 });
  await expect(page.locator(".header-mode")).toHaveText(/LIVE/);
  await expect(page.locator("#digest-check")).toContainText("equal ✓");
});

test("what nodes believe is shown beside each other, also when they are wrong", async ({ page }) => {
  await go(page, "Cluster");
  await part(page, "Beliefs");
  const rows = page.locator("#beliefs tbody tr");
  await expect(rows).toHaveCount(4);
  const leader = await page.locator(".header-leader").textContent();
  const name = leader?.match(/([A-C]) leads/)?.[1] ?? "";
  const others = ["A", "B", "C"].filter((node) => node !== name);
  const column = ["A", "B", "C"].indexOf(name);
  const belief = (observer: string) => rows.filter({ has: page.locator("th", { hasText: observer }) }).locator("td").nth(column);
  for (const observer of [name, ...others, "client"]) await expect(belief(observer)).toContainText(/leader e\d+/);
  // A leader that nobody reaches believes in itself, and the others do not.
  await go(page, "Chaos");
  await page.getByLabel("Fault", { exact: true }).selectOption("freeze");
  await page.getByLabel("For how many seconds").fill("20");
  await expect(page.locator("#fault-line")).toHaveText("freeze leader for 20 s");
  await page.getByRole("button", { name: "Inject", exact: true }).click();
  await go(page, "Cluster");
  await part(page, "Beliefs");
  await expect(belief(others[0] ?? "")).toContainText("suspected", { timeout: 20_000 });
  await expect(rows.filter({ hasText: "stands still" })).toContainText(/leader e\d+itself/);
});

test("commands are decided, and one that is refused leaves the form as it was", async ({ page }) => {
  await go(page, "Commands");
  await page.getByLabel("Order", { exact: true }).fill("mine");
  await page.getByRole("button", { name: "Send PlaceOrder" }).click();
  const results = page.getByRole("region", { name: "Commands sent" }).locator("tbody tr");
  await expect(results.first()).toContainText(/accepted, #/);
  await page.getByRole("button", { name: "PayOrder", exact: true }).click();
  await page.getByLabel("Paid by").fill("transfer");
  await page.getByRole("button", { name: "Send PayOrder" }).click();
  await expect(results.first()).toContainText("rejected: an order without items cannot be paid");
  await expect(page.getByLabel("Paid by")).toHaveValue("transfer");
  await page.getByRole("button", { name: "AddItem", exact: true }).click();
  await page.getByLabel("Quantity").fill("some");
  await page.getByRole("button", { name: "Send AddItem" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "whole number" })).toBeVisible();
  await page.getByLabel("Quantity").fill("3");
  await page.getByRole("button", { name: "Send AddItem" }).click();
  await expect(results.first()).toContainText(/accepted, #/);
  await goToView(page, "orders");
  await page.getByLabel("Text in a row").fill("mine");
  await expect(page.locator(".grid-row")).toHaveText([/^mineadanorthplaced.*31350$/]);
});

test("a command with a key that was used is done once", async ({ page }) => {
  await go(page, "Commands");
  const results = page.getByRole("region", { name: "Commands sent" }).locator("tbody tr");
  for (const expected of [/accepted, #/, /done before, #/]) {
    await page.getByLabel("Idempotency key").fill("the-same-key");
    await page.getByRole("button", { name: "Send PlaceOrder" }).click();
    await expect(results.first()).toContainText(expected);
  }
});

test("a worker that stops is said, with a way on", async ({ page }) => {
  await page.route("**/everview-worker.js", (route) => route.abort());
  await page.reload();
  await expect(page.getByRole("alert").filter({ hasText: "The engine has stopped" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Reload at this place" })).toBeVisible();
});

test("two regions that are parted both write, agree afterwards, and what was overruled comes back", async ({ page }) => {
  await go(page, "Cluster");
  await part(page, "Conflicts");
  await expect(page.locator(".zone")).toHaveCount(3);
  await page.getByRole("button", { name: "Part A from the others for 10 s" }).click();
  await expect(page.locator("#regions-agree")).toContainText("not come everywhere");
  const write = async (region: string, value: string): Promise<void> => {
    await page.getByLabel("In", { exact: true }).selectOption(region);
    await page.getByLabel("Row", { exact: true }).fill("mine");
    await page.getByLabel("Value, a word or a number").fill(value);
    await page.getByRole("button", { name: "Write" }).click();
  };
  await write("A", "red");
  await write("B", "blue");
  const conflict = page.locator("#conflicts tbody tr", { has: page.locator("th", { hasText: "mine, note" }) });
  await expect(conflict).toContainText("last writer wins", { timeout: 30_000 });
  await expect(conflict.locator("s")).toHaveText("red");
  await expect(conflict).toContainText("the last of 2 in the agreed order is");
  const note = page.locator("#region-rows tr", { has: page.locator("th", { hasText: "mine" }) }).locator("td").first();
  await expect(note).toHaveText("blue");
  await conflict.getByRole("button", { name: "Restore red of region 1 as a new event" }).press("Enter");
  await expect(note).toHaveText("red");
  await expect(conflict).toContainText("Written over since, knowing of all");

  await page.getByLabel("Field", { exact: true }).selectOption("price");
  await write("A", "dear");
  await expect(page.getByRole("alert").filter({ hasText: "found `dear`" })).toBeVisible();
});

test("a study is run with progress, can be given up, and tells which designs keep the promise", async ({ page }) => {
  await visit(page, "#/cluster/study");
  await page.getByRole("button", { name: "Run 100 years of each design" }).click();
  await expect(page.locator("#study-progress")).toContainText("of 400 years");
  await expect(page.locator("#study-progress")).toContainText("400 of 400 years, over", { timeout: 80_000 });
  const table = page.locator("#study");
  await expect(table.locator("thead th")).toHaveText(["design", "active-passive", "active-passive, asynchronous", "active-active", "multi-region"]);
  const verdicts = table.locator("tbody tr").first();
  await expect(verdicts).toContainText("keeps 99.99 %");
  await expect(verdicts.locator("td").last()).toContainText("yes");
  await expect(verdicts.locator("td").first()).toContainText("in most years");
  await expect(table.locator("tr", { hasText: "conflicts, median" })).toBeVisible();
});

test("a study that was given up keeps what it found", async ({ page }) => {
  await visit(page, "#/cluster/study");
  await page.getByRole("button", { name: "Run 100 years of each design" }).click();
  // It may be over before somebody can press.
  const cancel = page.getByRole("button", { name: "Cancel" });
  await cancel.click({ timeout: 5_000 }).catch(() => undefined);
  await expect(page.locator("#study-progress")).toContainText(/given up|over/);
  await expect(page.locator("#study tbody tr").first()).toContainText("keeps 99.99 %");
});

test("servers share the work, and one is killed, drained and weighed by hand", async ({ page }) => {
  await go(page, "Chaos");
  const script = "# Servers\nseed 7\nservers 1.1 1.2 1.3\norders 40 times as fast\nuntil 60 s\n";
  await page.getByLabel("Script of the scenario").fill(script);
  await page.getByRole("button", { name: "Play from its start" }).click();
  await go(page, "Cluster");
  await expect(page.getByRole("button", { name: "Kill S1" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Kill A" })).toBeVisible();
  await part(page, "Balancer");
  const row = (name: string) => page.locator("#servers tbody tr", { hasText: name });
  await expect(row("S3")).toContainText("serves");
  await page.getByRole("button", { name: "Drain S3" }).click();
  await expect(row("S3")).toContainText("drained: it can be stopped", { timeout: 20_000 });
  await page.getByRole("button", { name: "Undrain S3" }).click();
  await expect(row("S3")).toContainText("serves");
  await page.getByLabel("Weight of S3").fill("4");
  await expect(row("S3").locator("td").nth(3)).toContainText("4");
  await part(page, "Map");
  await page.getByRole("button", { name: "Kill S3" }).click();
  await part(page, "Balancer");
  await expect(row("S3")).toContainText("down");
  await expect(row("S3")).toContainText("health checks fail", { timeout: 20_000 });
});

test("the past of the cluster is as it was, down to moments at which nobody led", async ({ page }) => {
  await go(page, "Cluster");
  const before = (await page.locator(".cluster-summary").textContent())?.match(/^([A-C]) leads in epoch (\d+)/);
  await page.getByRole("button", { name: `Kill ${before?.[1]}` }).click();
  await expect(page.locator(".cluster-summary")).toContainText(`leads in epoch ${Number(before?.[2]) + 1}`, { timeout: 30_000 });
  const bands = page.locator("#leader-lane .lane-term");
  await expect.poll(() => bands.count()).toBeGreaterThanOrEqual(3);
  await expect(page.locator("#leader-lane .lane-nobody").last()).toHaveAttribute("title", /^nobody led/);
  await expect(page.locator(".past")).toHaveCount(0);

  await part(page, "Failovers");
  await expect(page.locator("#failovers tbody tr").first()).toContainText("reroute", { timeout: 20_000 });
  await page.locator("#failovers tbody tr").first().getByRole("button").click();
  await expect(page.locator("#past-words")).toContainText("The past: the cluster as it was when this page had #");
  await part(page, "Map");
  const slider = page.locator(".past input[type=range]");
  await slider.focus();
  // From the moment of the kill to the next event somebody is missed, and at first nobody leads.
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowRight");
  await expect(page.locator(".cluster-summary")).toContainText("Nobody leads");
  await expect(page.locator(".zone-down")).toHaveCount(1);
  await expect(page.getByRole("button", { name: `Bring back ${before?.[1]}` })).toBeDisabled();

  await press(page, "Home");
  for (let step = 0; step < 30; step += 1) await page.keyboard.press(".");
  await expect(page.locator("#past-words")).toContainText(/had #3\d,/);
  await expect(page.locator(".cluster-summary")).toContainText(`${before?.[1]} leads in epoch ${before?.[2]}`);
  await expect(page.locator(".zone-down")).toHaveCount(0);
  await expect(timeBar(page)).toHaveAttribute("aria-valuetext", new RegExp(`leader ${before?.[1]}$`));
  await expect(page.locator(".header-leader")).toContainText(`${before?.[1]} leads, epoch ${before?.[2]}`);

  // Playing stops where the leader was lost, if that is wished for; markers lead there too.
  await page.getByTitle("Bookmarks and breakpoints").click();
  await page.getByLabel("Playing stops at ⚡ faults and lost leaders").check();
  await page.getByTitle("Bookmarks and breakpoints").click();
  await page.getByLabel("Speed").selectOption("count:10000");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(page.locator("#time-said")).toHaveText(/^Stopped at #[\d,]+: ⚡ /);
  await expect(page.locator(".header-mode")).toContainText("REPLAY");
  const place = await timeBar(page).getAttribute("aria-valuenow");
  await press(page, "Home");
  await page.keyboard.press("]");
  await expect(timeBar(page)).toHaveAttribute("aria-valuenow", place ?? "");
  await page.getByRole("button", { name: "To the head", exact: true }).click();
  await expect(page.locator(".past")).toHaveCount(0);
  await expect(page.locator(".zone-down")).toHaveCount(1);
});
