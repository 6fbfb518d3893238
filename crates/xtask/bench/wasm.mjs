// Everview in WebAssembly, from the npm package: node --expose-gc wasm.mjs PACKAGE EVENTS ROWS LIVE
//
// EVENTS are NDJSON or, if the name ends so, stored batches.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { measure } from "./measure.mjs";

const CHUNK = 1 << 20;

const [packageFolder, events] = process.argv.slice(2);
const memory = rememberMemory();
const { Engine, Reader, init } = await import(join(packageFolder, "index.node.js"));
await init();
const isStored = events.endsWith(".batches");
const definitions = readFileSync(`${events.replace(".batches", "")}.views.toml`, "utf8");

let engine;
let tail;
// A live reader follows its view, and reads the rows again when something changed there.
let followed;
let best;

await measure({
  takesBytes: true,
  memory: () => memory().byteLength,
  kept() {
    const { log, duplicates } = engine.memory();
    return log + duplicates;
  },
  replay(bytes) {
    engine = new Engine(definitions);
    if (isStored) engine.readStored(bytes);
    else readInChunks(bytes);
    tail = new Reader();
    return engine.head;
  },
  apply: (line) => engine.readChunk(tail, line),
  top() {
    followed ??= engine.subscribe({ view: "top_customers" });
    if (engine.poll(followed)) best = engine.rows("top_customers").rows;
    return best;
  },
  views: () => Object.fromEntries(engine.views().map(({ name }) => [name, engine.rows(name).rows])),
});

function readInChunks(bytes) {
  const reader = new Reader();
  for (let start = 0; start < bytes.length; start += CHUNK) {
    engine.readChunk(reader, bytes.subarray(start, start + CHUNK));
  }
  engine.finish(reader);
}

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
