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

// Below this many bytes a table walk in JavaScript is over before a WebAssembly call has been made (measured).
const SMALL = 128;

// The upper halves of the table; the lower halves are all zero for this polynomial (0xd800000000000000, reflected).
const TABLE = Int32Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index);
  for (let bit = 0; bit < 8; bit++) value = (value & 1n) === 1n ? (value >> 1n) ^ 0xd800000000000000n : value >> 1n;
  return Number(BigInt.asIntN(32, value >> 32n));
});

let loading: Promise<Crc64Factory> | undefined;

/** Loads the WebAssembly engine, once for the process; the factory it gives is synchronous from there on. */
export function loadCrc64(): Promise<Crc64Factory> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Crc64Factory> {
  const { createCRC64 } = await import('hash-wasm');
  const engine = await createCRC64('d800000000000000');
  // All instances share the one engine; its state is parked when another instance takes over.
  let owner: { parked: Uint8Array | undefined } | undefined;

  return () => {
    const self: { parked: Uint8Array | undefined } = { parked: undefined };
    const small = Buffer.alloc(SMALL);
    let length = 0;
    let running = false;

    const acquire = (): void => {
      if (owner === self) return;
      if (owner !== undefined) owner.parked = engine.save();
      owner = self;
      if (self.parked !== undefined) engine.load(self.parked);
      self.parked = undefined;
    };

    return {
      init: () => {
        length = 0;
        running = false;
        self.parked = undefined;
        if (owner === self) owner = undefined;
      },
      update: (bytes) => {
        if (!running && length + bytes.length <= SMALL) {
          small.set(bytes, length);
          length += bytes.length;
          return;
        }
        acquire();
        if (!running) {
          engine.init();
          running = true;
          if (length > 0) engine.update(small.subarray(0, length));
        }
        engine.update(bytes);
      },
      digest: () => {
        if (!running) return walk(small, length);
        acquire();
        owner = undefined;
        running = false;
        length = 0;
        return Buffer.from(engine.digest('binary'));
      },
    };
  };
}

function walk(bytes: Uint8Array, length: number): Buffer {
  let high = -1;
  let low = -1;
  for (let at = 0; at < length; at++) {
    const index = (low ^ (bytes[at] ?? 0)) & 0xff;
    low = (low >>> 8) | (high << 24);
    high = (high >>> 8) ^ (TABLE[index] ?? 0);
  }
  const sum = Buffer.allocUnsafe(8);
  sum.writeInt32BE(~high, 0);
  sum.writeInt32BE(~low, 4);
  return sum;
}
