// Loading the WebAssembly module, once. Until then every use of it throws.

import * as bindings from "./everview_bg.js";

/** Where the module can come from: an address, an answer, its bytes, or itself when compiled. */
export type Input = string | URL | Request | Response | BufferSource | WebAssembly.Module;

const notInitialised = new Proxy(
  {},
  {
    get() {
      throw coded("not-initialised", "everview is not initialised: call `await init()` first");
    },
  },
);
bindings.__wbg_set_wasm(notInitialised);

let loading: Promise<void> | undefined;

/** Loads the module from what `find` finds, unless that was done or is being done. */
export function loadOnce(find: () => Promise<Input> | Input): Promise<void> {
  loading ??= load(find).catch((cause) => {
    loading = undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw coded("not-loaded", `everview's WebAssembly cannot be loaded: ${reason}`, cause);
  });
  return loading;
}

async function load(find: () => Promise<Input> | Input): Promise<void> {
  const instance = await instantiate(await find());
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
}

async function instantiate(input: Input): Promise<WebAssembly.Instance> {
  const imports = { "./everview_bg.js": bindings as unknown as WebAssembly.ModuleImports };
  if (input instanceof WebAssembly.Module) {
    return WebAssembly.instantiate(input, imports);
  }
  if (ArrayBuffer.isView(input) || input instanceof ArrayBuffer) {
    return (await WebAssembly.instantiate(input, imports)).instance;
  }
  const response = input instanceof Response ? input : await fetch(input);
  if (!response.ok) {
    throw new Error(`${response.url} answered ${response.status}`);
  }
  // Compiling while it arrives is faster, but refused when the server names another type.
  const isWasm = response.headers.get("Content-Type")?.startsWith("application/wasm");
  const { instance } = isWasm
    ? await WebAssembly.instantiateStreaming(response, imports)
    : await WebAssembly.instantiate(await response.arrayBuffer(), imports);
  return instance;
}

function coded(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}
