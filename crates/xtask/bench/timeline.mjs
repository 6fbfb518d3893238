// Going about in the past in WebAssembly, wherever that runs, in the same figures as natively.

/** How many random positions are gone to. */
const SEEKS = 300;

/** How many steps of one event are made. */
const STEPS = 20_000;

/** How many times two positions are compared. */
const DIFFS = 9;

/** How many changes of rows are compared, about. */
const CHANGES = 10_000;

/**
 * Measures going about in the past of a log of stored events with `Engine` of the package.
 * `milliseconds(run)` says how long something takes.
 */
export function timeline({ Engine, definitions, bytes, milliseconds }) {
  let engine;
  const reopen = milliseconds(() => {
    engine = new Engine(definitions);
    engine.readStored(bytes);
    engine.rows("top_customers");
  });
  const { head } = engine;

  const seeks = [];
  const pages = [];
  for (let seed = 7; seeks.length < SEEKS; ) {
    seed = (seed * 48_271) % 0x7fff_ffff;
    seeks.push(milliseconds(() => engine.seek(seed % (head + 1))));
    pages.push(milliseconds(() => engine.rows("orders", 0, 100)));
  }
  const at = (times, part) => times.sort((a, b) => a - b)[Math.floor((times.length - 1) * part)];

  const middle = Math.floor(head / 2);
  engine.seek(middle);
  const steps = milliseconds(() => {
    for (let step = 1; step <= STEPS; step += 1) engine.seek(middle + step);
  });

  engine.seek(head);
  let diff;
  let from;
  let distance = CHANGES;
  do {
    distance += distance / 4;
    from = Math.max(0, head - Math.floor(distance));
    diff = engine.diff("orders", from, head);
  } while (diff.deltas.length < CHANGES && distance < head);
  // As for the seeks: the first of them is compiled while it runs.
  const diffs = Array.from({ length: DIFFS }, () =>
    milliseconds(() => {
      engine.diff("orders", from, head);
    }),
  );

  return {
    reopen,
    "seek-p50": at(seeks, 0.5),
    "seek-p99": at(seeks, 0.99),
    "page-p50": at(pages, 0.5),
    "page-p99": at(pages, 0.99),
    step: (steps * 1000) / STEPS,
    "diff-10k": at(diffs, 0.5),
    "diff-rows": diff.deltas.length,
  };
}
