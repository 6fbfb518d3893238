// Going about in the past in Node.js: node timeline-node.mjs PACKAGE BATCHES
//
// BATCHES are stored events. What it measured is printed as JSON; times are CPU time.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { timeline } from "./timeline.mjs";

const [packageFolder, batches] = process.argv.slice(2);
const { Engine, init } = await import(join(packageFolder, "index.node.js"));
await init();
const definitions = readFileSync(`${batches.replace(".batches", "")}.views.toml`, "utf8");
const bytes = readFileSync(batches);
console.log(JSON.stringify(timeline({ Engine, definitions, bytes, milliseconds })));

function milliseconds(run) {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
