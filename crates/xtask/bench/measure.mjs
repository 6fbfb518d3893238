// Runs one contender in JavaScript: node --expose-gc CONTENDER EVENTS ROWS LIVE
//
// It folds the file EVENTS, writes the rows it comes to into the file ROWS, then takes the first LIVE
// events of EVENTS.live one at a time, reading the ten best customers after each. What it measured is
// printed as JSON.

import { readFileSync, writeFileSync } from "node:fs";

const CHUNK = 1 << 20;

/** Nobody waits longer than this for the live events: a slow contender takes fewer of them. */
const LIVE_SECONDS = 5;

/**
 * Measures a contender:
 * - `replay(bytes)` folds all events and returns how many; every view is up to date after it;
 * - `views()` are the rows of the four views, those of `top_customers` in order;
 * - `top()` are the rows of `top_customers`;
 * - `apply(line)` folds one event from its text or, if `takesBytes`, from its bytes; without it the
 *   contender has no way to take one;
 * - `memory()` is how many bytes it holds; without it, the growth of JavaScript's heap counts;
 * - `kept()` is how many of these are not for the views; without it, all are.
 */
export async function measure(contender) {
  const [events, rows, live] = process.argv.slice(-3);
  const memory = contender.memory ?? heap;
  const bytes = readFileSync(events);
  const memoryBefore = memory();
  const start = process.cpuUsage();
  const count = await contender.replay(bytes);
  await contender.top();
  const { user, system } = process.cpuUsage(start);
  const report = { events: count, seconds: (user + system) / 1e6, memory: memory() - memoryBefore };
  report.memory_views = report.memory - (contender.kept?.() ?? 0);
  writeRows(rows, await contender.views());
  if (contender.apply && Number(live) > 0) {
    Object.assign(report, await latencies(contender, readFileSync(`${events}.live`), Number(live)));
  }
  console.log(JSON.stringify(report));
}

/** Calls `apply` with each event of NDJSON bytes, parsed, and returns how many there were. */
export function eachEvent(bytes, apply) {
  const decoder = new TextDecoder();
  let events = 0;
  let rest = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    const text = rest + decoder.decode(bytes.subarray(start, start + CHUNK), { stream: true });
    let from = 0;
    for (let end; (end = text.indexOf("\n", from)) !== -1; from = end + 1) {
      apply(JSON.parse(text.slice(from, end)));
      events += 1;
    }
    rest = text.slice(from);
  }
  return events;
}

/** The same for contenders that are quicker when they are given many events at once. */
export function eachBatch(bytes, size, take) {
  let batch = [];
  const events = eachEvent(bytes, (event) => {
    batch.push(event);
    if (batch.length === size) {
      take(batch);
      batch = [];
    }
  });
  if (batch.length > 0) take(batch);
  return events;
}

function heap() {
  globalThis.gc();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

async function latencies(contender, bytes, count) {
  const lines = [];
  for (let from = 0; lines.length < count && from < bytes.length; ) {
    const end = bytes.indexOf(10, from) + 1;
    const line = bytes.subarray(from, end);
    lines.push(contender.takesBytes ? Uint8Array.from(line) : line.toString());
    from = end;
  }
  const times = [];
  const until = performance.now() + LIVE_SECONDS * 1000;
  for (const line of lines) {
    const start = process.hrtime.bigint();
    const applied = contender.apply(line);
    if (applied instanceof Promise) await applied;
    const top = contender.top();
    if (top instanceof Promise) await top;
    times.push(Number(process.hrtime.bigint() - start) / 1000);
    if (performance.now() > until) break;
  }
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  return { live: times.length, p50: at(0.5), p99: at(0.99) };
}

function writeRows(path, views) {
  const lines = [];
  for (const name of ["orders", "revenue_by_region", "top_customers", "orders_per_minute"]) {
    const rows = [...views[name]];
    if (name !== "top_customers") rows.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const row of rows) lines.push(`${name}\t${JSON.stringify(row)}\n`);
  }
  writeFileSync(path, lines.join(""));
}
