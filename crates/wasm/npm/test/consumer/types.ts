// Compiled, never run: a program that uses the declared types.

import { type Decider, type Input, type Projector, Engine, Reader, guessMapping, init } from "everview";
import { Simulation } from "everview/simulator";

const input: Input = new URL("https://example.com/everview_bg.wasm");
const done: Promise<void> = init(input);

const engine = new Engine("[views]");
const reader = new Reader({ name: "/orders", format: "csv", mapping: { type: "kind" } });
engine.readChunk(reader, new Uint8Array());
const mapping = guessMapping(new Uint8Array());
const type: string | undefined = mapping?.type;
const progress: { done: number; total: number } = engine.build(100);
const behind: number | undefined = engine.quarantine()[0]?.behind;
const clause: string | undefined = engine.why("orders", ["o-1"], "cents", 5).causes[0]?.clause;
const found: number | undefined = engine.bisect("orders", "cents < 0", 0, engine.head);
const changed: number | undefined = engine.nextChange("orders", 0, engine.head, ["o-1"]);
const happened: number | undefined = engine.nextEvent("type = 'Paid'", engine.head, 0);
const full: string | undefined = engine.memory().full;
const code: string | undefined = engine.failure?.code;
const columns: string[] = engine.rows("orders").columns;

const orders: Projector = {
  key: ["customer"],
  columns: ["orders"],
  on: {
    OrderPlaced: (event, rows) => {
      const key = [event.subject];
      rows.set(key, { orders: Number(rows.get(key)?.orders ?? 0) + 1 });
    },
  },
};
engine.register("orders", orders);
engine.register("all", { key: ["id"], columns: [], events: "*", project: ({ id }, rows) => rows.set([id], {}) });

const seats: Decider<string | undefined> = {
  source: "/seats",
  initial: () => undefined,
  evolve: (by, { type, data }) => (type === "SeatTaken" ? data.by : by),
  decide: { TakeSeat: (by, data) => (by ? { rejected: by } : [{ type: "SeatTaken", data }]) },
};
engine.registerDecider(seats);
const outcome = engine.dispatch({ type: "TakeSeat", stream: "1a", data: "{}", key: "k" }, Date.now());
const reason: string | undefined = outcome.status === "rejected" ? outcome.reason : undefined;

const change = new Simulation("until 1 s").drainChanges()[0];
const line: string | undefined = change?.kind === "event" ? change.line : undefined;
if (change?.kind === "resume") engine.resume(change.snapshot);

// @ts-expect-error: a view has handlers
engine.register("none", { key: ["id"], columns: [] });

// @ts-expect-error: a file answers at once
engine.limitMemory(1e6, { read: async () => 1, write: async () => 1 });

// @ts-expect-error: a position is a number
engine.seek("1");

export { behind, changed, clause, code, columns, done, found, full, happened, line, progress, reason, type };
