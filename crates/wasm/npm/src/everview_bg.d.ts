/** Gives the bindings the module that they call. */
export function __wbg_set_wasm(exports: object): void;
