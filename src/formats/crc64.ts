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

let factory: Crc64Factory | undefined;

/** A factory whose engine is compiled, once for the process, when the first file begins: a build from the cache has none. */
export async function loadCrc64(): Promise<Crc64Factory> {
  return () => {
    let made: Crc64 | undefined;
    const crc = (): Crc64 => {
      made ??= engine()();
      return made;
    };
    return { init: () => crc().init(), update: (bytes) => crc().update(bytes), digest: () => crc().digest() };
  };
}

/** As what `loadCrc64` gives, at once. */
export function openCrc64(): Crc64 {
  return engine()();
}

function engine(): Crc64Factory {
  factory ??= crc64Factory(crc64Module(true)) ?? crc64Factory(crc64Module(false));
  if (factory === undefined) throw new Error('WebAssembly is not there');
  return factory;
}

/** A factory that works with a module of `crc64Module`; undefined where this host has not its instructions. */
export function crc64Factory(module: Uint8Array): Crc64Factory | undefined {
  const engine = openWasm(module) as Engine | undefined;
  if (engine === undefined) return undefined;
  const { at, size } = CRC64_ROOM;
  const room = Buffer.from(engine.memory.buffer, at, size);
  const state = new Int32Array(engine.memory.buffer, 0, 2);

  return () => {
    let low = -1;
    let high = -1;
    return {
      init: () => {
        low = -1;
        high = -1;
      },
      update: (bytes) => {
        state[0] = low;
        state[1] = high;
        for (let from = 0; from < bytes.length; from += size) {
          const part = bytes.length <= size ? bytes : bytes.subarray(from, from + size);
          room.set(part);
          engine.update(at, at + part.length);
        }
        low = state[0];
        high = state[1];
      },
      digest: () => {
        const sum = Buffer.allocUnsafe(8);
        sum.writeInt32BE(~high, 0);
        sum.writeInt32BE(~low, 4);
        low = -1;
        high = -1;
        return sum;
      },
    };
  };
}
