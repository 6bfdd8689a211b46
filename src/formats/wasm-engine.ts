declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/**
 * What a module exports that imports nothing, in a memory of its own; the types of WebAssembly come with browsers only. The same bytes are
 * compiled once for all threads. Undefined where this host has not its instructions.
 */
export function openWasm(module: Uint8Array): object | undefined {
  return WebAssembly.validate(module) ? new WebAssembly.Instance(new WebAssembly.Module(module)).exports : undefined;
}
