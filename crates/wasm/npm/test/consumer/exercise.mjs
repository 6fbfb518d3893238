// The same use of the package for each way to load it.

const definitions = `
  [views.orders]
  key = "subject"
  [views.orders.on.OrderPlaced]
  set = { region = "data.region", cents = "0" }
  [views.orders.on.ItemAdded]
  add = { cents = "data.quantity * data.cents" }

  [views.revenue]
  sql = "SELECT region, SUM(cents) AS cents FROM orders GROUP BY region"
`;

const events = [
  { id: "1", type: "OrderPlaced", subject: "o-1", data: { region: "north" } },
  { id: "2", type: "ItemAdded", subject: "o-1", data: { quantity: 2, cents: 450 } },
  { id: "3", type: "OrderPlaced", subject: "o-2", data: { region: "süd" } },
  { id: "4", type: "ItemAdded", subject: "o-2", data: { quantity: 3, cents: 99 } },
];

/** What the package answers, as JSON. */
export async function exercise({ Engine, Reader, init }, simulator) {
  const beforeInit = codeOf(() => new Engine());
  await init();
  await init();

  const engine = new Engine(definitions);
  const reader = new Reader();
  const lines = events.map((event) => JSON.stringify({ specversion: "1.0", source: "/s", ...event }));
  const bytes = new TextEncoder().encode(lines.join("\n"));
  for (let start = 0; start < bytes.length; start += 100) {
    engine.readChunk(reader, bytes.subarray(start, start + 100));
  }
  engine.finish(reader);

  const atHead = { position: engine.position, digest: engine.digest, revenue: revenue(engine) };
  const rehearsal = engine.rehearse(definitions.replace("data.quantity", "1 / 0"));
  engine.beginDefine(definitions.replace("data.quantity", "10 * data.quantity"));
  const begun = { ...engine.build(3), revenue: revenue(engine) };
  const built = { ...engine.build(), revenue: revenue(engine) };
  const undone = engine.undoDefine() && engine.build();
  engine.seek(2);
  const earlier = { position: engine.position, digest: engine.digest, revenue: revenue(engine) };
  return {
    beforeInit,
    unknownView: codeOf(() => engine.rows("nothing")),
    badDefinitions: codeOf(() => engine.define("views = 1")),
    atHead,
    redefined: { refused: rehearsal.refusedCount, begun, built, undone },
    earlier,
    searched: searched(engine),
    projected: projected(new Engine(), bytes),
    simulated: await simulated(simulator, new Engine(definitions)),
    restored: restored(simulator, () => new Engine(definitions), definitions),
  };
}

/** A client's views through a failover in a simulated cluster. */
async function simulated({ Simulation, init, transcript }, engine) {
  await init();
  const scenario = "seed 7\norders 50 times as fast until 60 s\nuntil 8 s\n";
  const simulation = new Simulation(scenario);
  simulation.advance(1000);
  simulation.inject("kill leader for 2 s");
  while (simulation.now < simulation.until) {
    simulation.advance(100);
    follow(engine, simulation);
  }
  const { leader, epoch, committed, followers } = simulation.status();
  const [{ from, to, phases }] = simulation.failovers();
  const isSame = transcript(simulation.scenario) === transcript(simulation.scenario);
  const refused = codeOf(() => simulation.inject("tickle leader"));
  const isFollowed = engine.head === followers[0].position;
  return { leader, epoch, committed, from, to, phases, isSame, isFollowed, refused };
}

/** Two clients of a simulated cluster, the first of which is away for too long to be sent all it lacks. */
function restored({ Simulation }, newEngine, definitions) {
  const cuts = ["A", "B", "C"].map((node) => `at 1 s cut ${node} client for 4 s\n`).join("");
  const work = "orders 50 times as fast until 300 s\n";
  const simulation = new Simulation(`clients 2\nretain 10 events\n${work}${cuts}until 9 s\n`);
  simulation.define(definitions);
  simulation.advance(simulation.until);
  const [first, second] = [0, 1].map((client) => {
    const engine = newEngine();
    return { kinds: follow(engine, simulation, client), head: engine.head, digest: engine.digest };
  });
  const isSame = first.digest === second.digest && first.head === second.head;
  const kinds = [first, second].map(({ kinds }) => [...kinds].sort());
  return { kinds, isSame, refused: codeOf(() => simulation.define("[views")) };
}

/** Does to an engine what a client's follower says, and gives what kinds of changes there were. */
function follow(engine, simulation, client) {
  const kinds = new Set();
  for (const { kind, position, line, snapshot } of simulation.drainChanges(client)) {
    kinds.add(kind);
    if (kind === "event") engine.read(new TextEncoder().encode(line));
    else if (kind === "rewind") engine.rewind(position);
    else if (kind === "resume") engine.resume(snapshot);
    else engine.clear();
  }
  return kinds;
}

/** Why a cell is what it is, and where something is so, changes or happens. */
function searched(engine) {
  engine.seek(engine.head);
  const { rest, contributions } = engine.why("revenue", ["süd"], "cents");
  return {
    why: engine.why("orders", ["o-1"], "cents").causes.map(({ position, before, after }) => [position, before, after]),
    rests: [rest, contributions.map(({ amount, rows }) => [amount, rows[0].key])],
    bisect: [engine.bisect("revenue", "cents > 500", 0, engine.head), engine.bisect("revenue", "cents < 0", 0, 4) ?? "never"],
    nextChange: engine.nextChange("orders", 1, engine.head, ["o-2"]),
    nextEvent: engine.nextEvent("data.quantity > 2", 0, engine.head),
  };
}

/** What becomes of a view whose rows are made by a function. */
function projected(engine, bytes) {
  engine.register("regions", {
    key: ["region"],
    columns: ["orders"],
    events: "*",
    project({ type, data: { region } }, rows) {
      if (region === "süd") throw new Error("not there");
      if (type === "OrderPlaced") {
        rows.set([region], { orders: (rows.get([region])?.orders ?? 0) + 1 });
      }
    },
  });
  engine.define(`
    [views.total]
    sql = "SELECT COUNT(*) AS regions, SUM(orders) AS orders FROM regions"
  `);
  engine.read(bytes);
  return {
    regions: engine.rows("regions").rows,
    total: engine.rows("total").rows,
    refused: engine.quarantine().map(({ position, error }) => `${position} ${error}`),
  };
}

function revenue(engine) {
  return engine.rows("revenue").rows;
}

/** The code of the error that is thrown. */
function codeOf(call) {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? error.code : `threw ${error}`;
  }
  return "threw nothing";
}
