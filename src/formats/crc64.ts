import { CRC64_ROOM, crc64Module } from './crc64-module.ts';
import { openWasm } from './wasm-engine.ts';

/**
 * CRC-64 as Go's hash/crc64 with the ISO polynomial computes it: what tar-split keeps of every file. One instance serves many
 * files, one after the other; several instances may be in use at once.
 */
export interface Crc64 {
  /** Begins a new file. */
  init(): void;
  /** Takes the next bytes of the file; they are not kept. */
  update(bytes: Uint8Array): void;
  /** The checksum of all bytes since `init`: 8 bytes big-endian, in a buffer of its own. Ends the file. */
  digest(): Buffer;
}

export type Crc64Factory = () => Crc64;

/** What is used of the engine's module. */
interface Engine {
  readonly memory: { readonly buffer: ArrayBuffer };
  update(at: number, end: number): void;
}

/** Takes bytes into a state of two words, the low one first, as it is before the final complement. */
type Update = (state: Int32Array, bytes: Uint8Array) => void;

let compiled: Update | undefined;
/** Bytes that this process has taken without a module. */
let taken = 0;
/** So many take less than the module's compilation, which is 4 to 5 ms: what commands leave behind is mostly a few small files. */
const WITHOUT_MODULE = 16 << 10;

/** A factory whose engine is compiled, once for the process, when there is enough to take: most builds from the cache have nothing. */
export async function loadCrc64(): Promise<Crc64Factory> {
  const update: Update = (state, bytes) => {
    if (compiled === undefined && taken + bytes.length <= WITHOUT_MODULE) {
      taken += bytes.length;
      updatePlainly(state, bytes);
    } else engine()(state, bytes);
  };
  return () => crc64With(update);
}

/** As what `loadCrc64` gives, compiled at once. */
export function openCrc64(): Crc64 {
  return crc64With(engine());
}

function engine(): Update {
  compiled ??= updateBy(crc64Module(true)) ?? updateBy(crc64Module(false));
  if (compiled === undefined) throw new Error('WebAssembly is not there');
  return compiled;
}

/** A factory that works with a module of `crc64Module`; undefined where this host has not its instructions. */
export function crc64Factory(module: Uint8Array): Crc64Factory | undefined {
  const update = updateBy(module);
  return update && (() => crc64With(update));
}

/** A factory that needs no module, for a few bytes. */
export const plainCrc64: Crc64Factory = () => crc64With(updatePlainly);

function updateBy(module: Uint8Array): Update | undefined {
  const engine = openWasm(module) as Engine | undefined;
  if (engine === undefined) return undefined;
  const { at, size } = CRC64_ROOM;
  const room = Buffer.from(engine.memory.buffer, at, size);
  const own = new Int32Array(engine.memory.buffer, 0, 2);
  return (state, bytes) => {
    own.set(state);
    for (let from = 0; from < bytes.length; from += size) {
      const part = bytes.length <= size ? bytes : bytes.subarray(from, from + size);
      room.set(part);
      engine.update(at, at + part.length);
    }
    state.set(own);
  };
}

/** A byte at the high end of the state, times x^64: the polynomial's low powers are 4, 3, 1 and 0, so that all stays in the high word. */
function updatePlainly(state: Int32Array, bytes: Uint8Array): void {
  let [low = 0, high = 0] = state;
  for (const byte of bytes) {
    const over = (low ^ byte) & 0xff;
    low = (low >>> 8) | (high << 24);
    high = (high >>> 8) ^ (over << 24) ^ (over << 23) ^ (over << 21) ^ (over << 20);
  }
  state[0] = low;
  state[1] = high;
}

function crc64With(update: Update): Crc64 {
  const state = Int32Array.of(-1, -1);
  return {
    init: () => void state.fill(-1),
    update: (bytes) => update(state, bytes),
    digest: () => {
      const [low = 0, high = 0] = state;
      const sum = Buffer.allocUnsafe(8);
      sum.writeInt32BE(~high, 0);
      sum.writeInt32BE(~low, 4);
      state.fill(-1);
      return sum;
    },
  };
}
