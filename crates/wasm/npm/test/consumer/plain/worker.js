// An engine in a worker, which spills to a file of the browser's own.

import { Engine, init } from "/node_modules/everview/index.js";

const definitions = `
  [views.stock]
  key = "subject"
  [views.stock.on.Moved]
  add = { pieces = "data.pieces" }
`;

const moved = (at) => ({ id: `${at}`, source: "/s", type: "Moved", subject: `item-${at % 1000}`, data: { pieces: at % 7 } });
const lines = Array.from({ length: 20_000 }, (_, at) => JSON.stringify({ specversion: "1.0", ...moved(at) }));

await init();
const folder = await navigator.storage.getDirectory();
const file = await folder.getFileHandle("spilled", { create: true });
const handle = await file.createSyncAccessHandle();
const [whole, spilled] = [new Engine(definitions), new Engine(definitions)];
spilled.limitMemory(0, handle);

const digests = [whole, spilled].map((engine) => {
  engine.read(new TextEncoder().encode(lines.join("\n")));
  return [9_000, 20, 20_000].map((position) => {
    engine.seek(position);
    return engine.digest;
  });
});
const bytes = spilled.memory().spilled;
const size = handle.getSize();
handle.close();
let code;
try {
  spilled.seek(20);
} catch (error) {
  code = error.code;
}
postMessage({ digests, bytes, size, code, failure: spilled.failure?.code, position: spilled.position });
