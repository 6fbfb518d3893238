// Everview in WebAssembly, from the npm package: node wasm.mjs PACKAGE EVENTS ROWS

import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";

const CHUNK = 1 << 24;

const [packageFolder, events, rows] = process.argv.slice(2);
const memory = rememberMemory();
const { Engine, Reader, init } = await import(join(packageFolder, "index.node.js"));
await init();
const bytes = readFileSync(events);
const definitions = readFileSync(`${events}.views.toml`, "utf8");

const memoryBefore = memory().byteLength;
const cpu = process.cpuUsage();
const engine = new Engine(definitions);
const reader = new Reader();
for (let start = 0; start < bytes.length; start += CHUNK) {
  engine.readChunk(reader, bytes.subarray(start, start + CHUNK));
}
engine.finish(reader);
engine.rows("top_customers");
const { user, system } = process.cpuUsage(cpu);
const seconds = (user + system) / 1e6;
const grown = memory().byteLength - memoryBefore;

const file = createWriteStream(rows);
for (const { name } of engine.views()) {
  for (const row of engine.rows(name).rows) {
    file.write(`${name}\t${JSON.stringify(row)}\n`);
  }
}
const report = { events: engine.head, seconds, memory: grown };
file.end(() => console.log(JSON.stringify(report)));

/** A way to the module's memory, which the package keeps to itself. */
function rememberMemory() {
  const { instantiate } = WebAssembly;
  let instance;
  WebAssembly.instantiate = async (...input) => {
    const result = await instantiate(...input);
    instance = result.instance;
    return result;
  };
  return () => instance.exports.memory.buffer;
}
