import { type Input, loadOnce } from "./load.js";

export type { Input };
export * from "./exports.js";

/**
 * Loads the engine. Everything else in this package throws until this is done; doing it again
 * changes nothing.
 *
 * @param input where the WebAssembly comes from, when it is not beside this file
 */
export function init(input?: Input | Promise<Input>): Promise<void> {
  return loadOnce(() => input ?? new URL("./everview_bg.wasm", import.meta.url));
}
