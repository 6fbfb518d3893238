// The package as somebody has it who installed it: CONSUMER is a project that did nothing else.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";
import { build } from "vite";

const consumer = process.env.CONSUMER;
const site = "http://localhost";

let browser;

before(async () => {
  cpSync(join(import.meta.dirname, "consumer"), consumer, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
});

after(() => browser?.close());

/** What `exercise` comes to on a page of a site whose files are in `folder`. */
async function resultOnPage(folder, path) {
  const page = await browser.newPage();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.route(`${site}/**`, (route) => {
    const file = join(folder, new URL(route.request().url()).pathname);
    return route.fulfill({ path: file }).catch(() => route.abort());
  });
  await page.goto(`${site}${path}`, { waitUntil: "load" });
  assert.deepEqual(failures, []);
  const result = await page.evaluate(() => globalThis.result);
  await page.close();
  return result;
}

function runInNode(script) {
  return execFileSync(process.execPath, [script], { cwd: consumer, encoding: "utf8" });
}

function resultInNode() {
  return JSON.parse(runInNode("node.mjs"));
}

test("it works in Node.js", () => {
  const { digest: atHead, ...head } = resultInNode().atHead;
  const { digest: atTwo, ...two } = resultInNode().earlier;

  assert.deepEqual(head, { position: 4, revenue: [["north", 900], ["süd", 297]] });
  assert.deepEqual(two, { position: 2, revenue: [["north", 900]] });
  assert.notEqual(atHead, atTwo);
});

test("views are written in JavaScript too", () => {
  const { regions, total, refused } = resultInNode().projected;

  assert.deepEqual(regions, [["north", 1]]);
  assert.deepEqual(total, [[1, 1]]);
  assert.deepEqual(refused, ["3 Error: not there", "4 it waits behind the event at #3"]);
});

test("views are built beside those that answer, and given back", () => {
  const { refused, begun, built, undone } = resultInNode().redefined;

  assert.equal(refused, 2);
  assert.deepEqual(begun, { done: 3, total: 4, revenue: [["north", 900], ["süd", 297]] });
  assert.deepEqual(built, { done: 4, total: 4, revenue: [["north", 9000], ["süd", 2970]] });
  assert.deepEqual(undone, { done: 4, total: 4 });
});

test("it says why a cell is what it is, and where something becomes so, changes or happens", () => {
  const { why, rests, bisect, nextChange, nextEvent } = resultInNode().searched;

  assert.deepEqual(why, [[1, null, 0], [2, 0, 900]]);
  assert.deepEqual(rests, [0, [[297, ["o-2"]]]]);
  assert.deepEqual(bisect, [2, "never"]);
  assert.deepEqual([nextChange, nextEvent], [3, 4]);
});

test("a client's views go on from a snapshot of a simulated cluster", () => {
  const { kinds, isSame, refused } = resultInNode().restored;
  assert.deepEqual(kinds, [["event", "resume"], ["event"]]);
  assert.equal(isSame, true);
  assert.equal(refused, "definitions-invalid");
});

test("a client's views go through a failover of a simulated cluster", () => {
  const { leader, epoch, from, to, phases, isSame, isFollowed, refused } = resultInNode().simulated;

  assert.equal(leader, to);
  assert.notEqual(from, to);
  assert.equal(epoch, 2);
  assert.equal(phases.length, 5);
  assert.deepEqual([isSame, isFollowed, refused], [true, true, "scenario-invalid"]);
});

test("its errors have codes, also when init was forgotten", () => {
  const { beforeInit, unknownView, badDefinitions } = resultInNode();

  assert.equal(beforeInit, "not-initialised");
  assert.equal(unknownView, "view-unknown");
  assert.equal(badDefinitions, "definitions-invalid");
});

test("it works on a plain page, and comes to the same as in Node.js", async () => {
  assert.deepEqual(await resultOnPage(consumer, "/plain/index.html"), resultInNode());
});

test("in a worker it spills to a file of the browser's own, and says so when that is closed", async () => {
  const { digests, bytes, size, code, failure, position } = await resultOnPage(consumer, "/plain/worker.html");
  const [whole, spilled] = digests;

  assert.deepEqual(spilled, whole);
  assert.equal(new Set(whole).size, 3);
  assert.ok(0 < bytes && bytes <= size, `${bytes} of ${size} bytes`);
  assert.deepEqual([code, failure], ["storage-failed", "storage-failed"]);
  assert.ok(20 < position);
});

test("it works in a bundle, and comes to the same as in Node.js", async () => {
  const outDir = join(consumer, "dist");
  const root = join(consumer, "bundler");
  await build({ root, build: { outDir, emptyOutDir: true }, logLevel: "warn" });

  assert.deepEqual(await resultOnPage(outDir, "/index.html"), resultInNode());
});

test("its types are declared", () => {
  const compiler = join(import.meta.dirname, "../node_modules/typescript/bin/tsc");
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"];
  for (const [library, file] of [["dom", "types.ts"], ["webworker", "worker.ts"]]) {
    const libraries = ["--lib", `es2022,esnext.disposable,${library}`, file];
    const compilation = [compiler, ...options, ...libraries];
    const { stdout } = spawnSync(process.execPath, compilation, { cwd: consumer, encoding: "utf8" });

    assert.equal(stdout, "");
  }
});

test("the examples in its README print what they say", () => {
  const readme = readFileSync(join(consumer, "node_modules/everview/README.md"), "utf8");
  const examples = [...readme.matchAll(/```js\n(.*?)```.*?```text\n(.*?)```/gs)];

  assert.equal(examples.length, readme.split("```js").length - 1);
  for (const [, example, output] of examples) {
    writeFileSync(join(consumer, "readme.mjs"), example);
    assert.equal(runInNode("readme.mjs"), output);
  }
});

test("the example in the project's README prints what its comments say", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../../../README.md"), "utf8");
  const [, example] = readme.match(/```js\n(.*?)```/s);
  const comments = [...example.matchAll(/console\.log\(.*\); \/\/ (\[.*)/g)];
  writeFileSync(join(consumer, "project.mjs"), example);

  const output = runInNode("project.mjs").split("\n");

  assert.ok(comments.length > 0);
  assert.deepEqual(output.slice(0, comments.length), comments.map(([, comment]) => comment));
});
