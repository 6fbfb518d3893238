import { readFile } from "node:fs/promises";

import { type Input, loadOnce } from "./load.js";

export type { Input };
export * from "./exports.js";

/** The same as in `index.ts`: here the WebAssembly is read from the disk. */
export function init(input?: Input | Promise<Input>): Promise<void> {
  return loadOnce(() => input ?? readFile(new URL("./everview_bg.wasm", import.meta.url)));
}
