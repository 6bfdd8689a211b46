import {
  body,
  get,
  I32,
  I32_ADD,
  I32_AND,
  I32_LOAD,
  I32_LT_U,
  I32_OR,
  I32_ROTL,
  I32_ROTR,
  I32_SHR_U,
  I32_STORE,
  I32_XOR,
  i32,
  memory,
  named,
  section,
  set,
  whilst,
} from './wasm-code.ts';

/** Where the module has what: the state (8 words), the schedule of a block (64 words), the constants (64), then bytes to take. */
const [STATE, SCHEDULE, CONSTANTS] = [0, 64, 320] as const;
const BLOCK = 64;
/** Bytes of 64 words. */
const WORDS = 256;

/** Parameters and locals of `update`: T counts bytes of the schedule, A to A + 7 are the working variables. */
const [AT, END, T, A, SCRATCH] = [0, 1, 2, 3, 11] as const;
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/**
 * Puts together the WebAssembly module of SHA-256's compression (FIPS 180-4, section 6.2). It exports its `memory` and
 * `update(at, end)`, which takes the blocks between two addresses into the state: eight words at address 0, in the processor's order.
 *
 * @param constants the 64 words K of section 4.2.2
 */
export function sha256Module(constants: readonly number[]): Uint8Array<ArrayBuffer> {
  const words = new DataView(new ArrayBuffer(WORDS));
  for (const [index, word] of constants.entries()) words.setUint32(index * 4, word, true);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 2, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 1, 1, 1]),
    ...section(7, [2, ...named('memory'), 2, 0, ...named('update'), 0, 0]),
    ...section(10, [1, ...body([[10, I32]], update())]),
    ...section(11, [1, 0, ...i32(CONSTANTS), 0x0b, 0x80, 0x02, ...new Uint8Array(words.buffer)]),
  ]);
}

function update(): number[] {
  const load = EIGHT.flatMap((i) => [...i32(0), ...word(I32_LOAD, STATE + 4 * i), ...set(A + i)]);
  const add = EIGHT.flatMap((i) => [
    ...[
      ...i32(0),
      ...i32(0),
      ...word(I32_LOAD, STATE + 4 * i),
      ...get(A + i),
      I32_ADD,
      ...word(I32_STORE, STATE + 4 * i),
    ],
  ]);
  const blocks = [...takeBlock(), ...expand(), ...load, ...rounds(), ...add, ...step(AT, BLOCK)];
  return whilst([...get(AT), ...get(END), I32_LT_U], blocks);
}

/** The first sixteen words of the schedule: the block, the higher byte first. */
function takeBlock(): number[] {
  const swapped = [
    ...[...get(SCRATCH), ...i32(8), I32_ROTL, ...i32(0x00ff00ff), I32_AND],
    ...[...get(SCRATCH), ...i32(8), I32_ROTR, ...i32(0xff00ff00 | 0), I32_AND, I32_OR],
  ];
  return [
    ...[...i32(0), ...set(T)],
    ...upTo(BLOCK, [
      ...[...get(AT), ...get(T), I32_ADD, ...memory(I32_LOAD, 0, 0), ...set(SCRATCH)],
      ...[...get(T), ...swapped, ...word(I32_STORE, SCHEDULE), ...step(T, 4)],
    ]),
  ];
}

/** The other words of the schedule, each of four before it. */
function expand(): number[] {
  const before = (count: number): number[] => [...get(T), ...word(I32_LOAD, SCHEDULE - 4 * count)];
  return upTo(WORDS, [
    ...get(T),
    ...[...before(2), ...set(SCRATCH), ...sigma(17, 19, 10), ...before(7), I32_ADD],
    ...[...before(15), ...set(SCRATCH), ...sigma(7, 18, 3), I32_ADD, ...before(16), I32_ADD],
    ...[...word(I32_STORE, SCHEDULE), ...step(T, 4)],
  ]);
}

/** Eight rounds at once, so that the working variables change their names and stay where they are. */
function rounds(): number[] {
  return [...i32(0), ...set(T), ...upTo(WORDS, [...EIGHT.flatMap(round), ...step(T, 32)])];
}

function round(number: number): number[] {
  const local = (letter: number): number => A + ((letter - number + 8) % 8);
  const [a, b, c, d, e, f, g, h] = EIGHT.map(local) as [number, number, number, number, number, number, number, number];
  const choose = [...get(f), ...get(g), I32_XOR, ...get(e), I32_AND, ...get(g), I32_XOR];
  const majority = [...get(a), ...get(b), I32_AND, ...get(c), ...get(a), ...get(b), I32_OR, I32_AND, I32_OR];
  const given = (table: number): number[] => [...get(T), ...word(I32_LOAD, table + 4 * number), I32_ADD];
  return [
    ...[...get(h), ...sum(e, 6, 11, 25), I32_ADD, ...choose, I32_ADD],
    ...[...given(CONSTANTS), ...given(SCHEDULE), ...set(SCRATCH)],
    ...[...get(d), ...get(SCRATCH), I32_ADD, ...set(d)],
    ...[...get(SCRATCH), ...sum(a, 2, 13, 22), I32_ADD, ...majority, I32_ADD, ...set(h)],
  ];
}

function sum(local: number, first: number, second: number, third: number): number[] {
  return [...rotated(local, first), ...rotated(local, second), I32_XOR, ...rotated(local, third), I32_XOR];
}

/** Of SCRATCH. */
function sigma(first: number, second: number, shift: number): number[] {
  const shifted = [...get(SCRATCH), ...i32(shift), I32_SHR_U];
  return [...rotated(SCRATCH, first), ...rotated(SCRATCH, second), I32_XOR, ...shifted, I32_XOR];
}

function rotated(local: number, bits: number): number[] {
  return [...get(local), ...i32(bits), I32_ROTR];
}

function upTo(bytes: number, code: readonly number[]): number[] {
  return whilst([...get(T), ...i32(bytes), I32_LT_U], code);
}

function step(local: number, bytes: number): number[] {
  return [...get(local), ...i32(bytes), I32_ADD, ...set(local)];
}

/** A load or store of a word that lies at a multiple of four. */
function word(operation: number, offset: number): number[] {
  return memory(operation, 2, offset);
}
