import {
  body,
  call,
  get,
  I32,
  I32_ADD,
  I32_GE_U,
  I32_SUB,
  I64,
  I64_LOAD,
  I64_LOAD8_U,
  I64_SHL,
  I64_SHR_U,
  I64_STORE,
  I64_XOR,
  I64X2_LANE,
  I64X2_REPLACE,
  i32,
  i64,
  memory,
  named,
  section,
  set,
  V_LOAD,
  V_SHUFFLE,
  V_XOR,
  V128,
  vector,
  when,
  whilst,
} from './wasm-code.ts';

/**
 * Puts together the WebAssembly module of CRC-64/ISO. It exports its `memory` and `update(at, end)`, which takes the bytes
 * between two addresses into the state (8 bytes little-endian at address 0, before the final complement).
 *
 * The polynomial is x^64 + x^4 + x^3 + x + 1, so x^64 = x^4 + x^3 + x + 1: eight bytes are taken by shifts instead of tables.
 * Its eighth power is as sparse (squaring doubles the exponents), x^512 = x^32 + x^24 + x^8 + 1, and made of whole bytes:
 * 64 bytes are folded into the next 64 by moving bytes within vectors. In the reflected form of this CRC the first byte of a
 * message, and the lowest bit of a byte, have the highest power.
 *
 * @param vectors whether instructions on vectors may be used
 */
export function crc64Module(vectors: boolean): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [2, 0x60, 1, I64, 1, I64, 0x60, 2, I32, I32, 0]),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 1, PAGES, PAGES]),
    ...section(7, [2, ...named('memory'), 2, 0, ...named('update'), 0, 1]),
    ...section(10, [2, ...crc64Functions(vectors)]),
  ]);
}

/**
 * The code of two functions, for modules whose first functions they are: one from i64 to i64 that the other needs, and `update(at, end)`
 * of `crc64Module`.
 */
export function crc64Functions(vectors: boolean): number[] {
  return [...body([[1, I64]], timesX64()), ...body(vectors ? LOCALS : LOCALS.slice(0, 1), update(vectors))];
}

/** Where the bytes to take may lie, and how many: the state and a margin come first. */
export const CRC64_ROOM = { at: 64, size: 64 * 1024 } as const;
const PAGES = 2;

const LOCALS: readonly (readonly [number, number])[] = [
  [1, I64],
  [5, V128],
];
/** Locals of `update`. */
const [AT, END, STATE, ZERO, V0] = [0, 1, 2, 3, 4];

/** v -> v * x^64, modulo the polynomial. */
function timesX64(): number[] {
  const [value, over] = [0, 1];
  const high = (bits: number): number[] => [...get(value), ...i64(bits), I64_SHL];
  const down = (local: number, bits: number): number[] => [...get(local), ...i64(bits), I64_SHR_U, I64_XOR];
  return [
    // The four bits that leave the word come in again, multiplied once more.
    ...[...high(60), ...high(61), I64_XOR, ...high(63), I64_XOR, ...set(over)],
    ...[...get(value), ...down(value, 1), ...down(value, 3), ...down(value, 4)],
    ...[...get(over), I64_XOR, ...down(over, 1), ...down(over, 3), ...down(over, 4)],
  ];
}

function update(vectors: boolean): number[] {
  return [
    ...[...i32(0), ...memory(I64_LOAD, 3, 0), ...set(STATE)],
    ...(vectors
      ? [...spare(64), ...when([...loadBlock(), ...whilst(spare(64), [...fold(), ...next(64)]), ...reduce()])]
      : []),
    ...whilst(spare(8), [...takeWord(), ...next(8)]),
    ...whilst(spare(1), [...takeByte(), ...next(1)]),
    ...[...i32(0), ...get(STATE), ...memory(I64_STORE, 3, 0)],
  ];
}

/** The first block, the state added to its first eight bytes. */
function loadBlock(): number[] {
  const state = [...get(ZERO), ...get(STATE), ...vector(I64X2_REPLACE), 0];
  const first = [...state, ...block(0), ...vector(V_XOR), ...set(V0)];
  return [...first, ...[1, 2, 3].flatMap((part) => [...block(part), ...set(V0 + part)]), ...next(64)];
}

/** Multiplies the block by x^512 and adds the next one. */
function fold(): number[] {
  const carried = [4, 3, 1].flatMap((bytes) => [...get(ZERO), ...get(V0), ...shuffle(bytes), ...vector(V_XOR)]);
  const parts = [0, 1, 2, 3].flatMap((part) => [
    ...[...get(V0 + part), ...block(part), ...vector(V_XOR)],
    ...[4, 3, 1].flatMap((bytes) => [
      ...[...get(V0 + part), ...get(part === 3 ? ZERO : V0 + part + 1), ...shuffle(bytes), ...vector(V_XOR)],
    ]),
    ...set(V0 + part),
  ]);
  return [...get(V0 + 3), ...carried, ...set(V0 + 3), ...parts];
}

/** The block's eight words, one after the other, into the state. */
function reduce(): number[] {
  const words = [0, 1, 2, 3].flatMap((part) =>
    [0, 1].flatMap((lane) => [
      ...get(STATE),
      ...get(V0 + part),
      ...vector(I64X2_LANE),
      lane,
      I64_XOR,
      ...call(0),
      ...set(STATE),
    ]),
  );
  return [...i64(0), ...set(STATE), ...words];
}

function takeWord(): number[] {
  return [...get(STATE), ...get(AT), ...memory(I64_LOAD, 0, 0), I64_XOR, ...call(0), ...set(STATE)];
}

function takeByte(): number[] {
  const low = [...get(STATE), ...get(AT), ...memory(I64_LOAD8_U, 0, 0), I64_XOR, ...i64(56), I64_SHL, ...call(0)];
  return [...get(STATE), ...i64(8), I64_SHR_U, ...low, I64_XOR, ...set(STATE)];
}

/** Whether so many bytes are left. */
function spare(bytes: number): number[] {
  return [...get(END), ...get(AT), I32_SUB, ...i32(bytes), I32_GE_U];
}

function next(bytes: number): number[] {
  return [...get(AT), ...i32(bytes), I32_ADD, ...set(AT)];
}

function block(part: number): number[] {
  return [...get(AT), ...vector(V_LOAD), 0, part * 16];
}

/** Of two vectors on the stack, 16 bytes from `bytes` on. */
function shuffle(bytes: number): number[] {
  return [...vector(V_SHUFFLE), ...Array.from({ length: 16 }, (_, i) => bytes + i)];
}
