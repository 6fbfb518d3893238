// Going about in the past in Chromium: CHROMIUM=… node timeline-chromium.mjs PACKAGE BATCHES PLAYWRIGHT
//
// BATCHES are stored events, PLAYWRIGHT is a folder that has playwright-core. What it measured is printed
// as JSON; times are by the clock, since a page cannot see its CPU time.

import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";

const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

const [packageFolder, batches, playwright] = process.argv.slice(2);
const { chromium } = createRequire(join(playwright, "package.json"))("playwright-core");

const files = {
  "/": undefined,
  "/timeline.mjs": join(import.meta.dirname, "timeline.mjs"),
  "/views": `${batches.replace(".batches", "")}.views.toml`,
  "/batches": batches,
};
const server = createServer((request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  const file = path in files ? files[path] : join(packageFolder, path);
  // A page that shares nothing with others has a clock that is exact to some microseconds.
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  response.setHeader("Content-Type", TYPES[extname(file ?? ".html")] ?? "text/html");
  if (!file) return response.end("<!doctype html>");
  return createReadStream(file)
    .on("error", () => response.writeHead(404).end())
    .pipe(response);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const figures = await page.evaluate(async () => {
    const { Engine, init } = await import("/index.js");
    const { timeline } = await import("/timeline.mjs");
    await init();
    const definitions = await (await fetch("/views")).text();
    const bytes = await (await fetch("/batches")).bytes();
    const milliseconds = (run) => {
      const start = performance.now();
      run();
      return performance.now() - start;
    };
    return timeline({ Engine, definitions, bytes, milliseconds });
  });
  console.log(JSON.stringify(figures));
} finally {
  await browser.close();
  server.close();
}
