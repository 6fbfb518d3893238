// The files that the project is tried on by hand. They are not in the repository: where they are
// absent, these tests say that they are skipped.

import { expect, test } from "@playwright/test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { go, pick, source, visit } from "./dashboard.js";

const folder = process.env.EVERVIEW_DATA ?? join(import.meta.dirname, "../../../shared/data");

for (const name of ["receipt.cloudevents.ndjson.gz", "orders.cloudevents.ndjson.gz"]) {
  test(`${name} has the types and streams that a plain count finds`, async ({ page }) => {
    const file = join(folder, name);
    test.skip(!existsSync(file), `${file} is absent`);
    const bytes = readFileSync(file);
    const lines = gunzipSync(bytes).toString().trim().split("\n");
    const events = lines.map((line) => JSON.parse(line) as { type: string; subject: string });
    const types = new Map<string, number>();
    for (const { type } of events) types.set(type, (types.get(type) ?? 0) + 1);
    const streams = new Set(events.map((event) => event.subject)).size;

    await visit(page);
    await pick(page, name, bytes);
    await expect(source(page)).toHaveText(`FILE ${name}`);
    await go(page, "Streams");
    const grouped = (count: number) => count.toLocaleString("en-US");
    await expect(page.locator(".page-summary")).toContainText(
      `${grouped(events.length)} events in ${grouped(streams)} streams`,
    );
    await page.locator(".types summary").click();
    for (const [type, count] of types) {
      const box = page.locator(".type-box", { has: page.getByText(type, { exact: true }) });
      await expect(box.locator(".type-count")).toHaveText(grouped(count));
    }
  });
}
