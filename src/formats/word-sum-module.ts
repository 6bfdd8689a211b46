import {
  body,
  get,
  I32,
  I32_ADD,
  I32_LT_U,
  I64,
  I64_LOAD,
  I64_MUL,
  I64_SHR_U,
  I64_STORE,
  I64_XOR,
  i32,
  i64,
  memory,
  named,
  section,
  set,
  whilst,
} from './wasm-code.ts';

const LANES = [0, 1, 2, 3] as const;
/** An odd number: multiplying by it loses nothing. */
const FACTOR = 0x5bd1e995;
const [AT, END, FIRST] = [0, 1, 2];

/**
 * Puts together the WebAssembly module of a sum that is quick even where V8 has had no time to compile it well. It exports its `memory`,
 * which may grow, and `update(at, end)`, which takes the bytes between two addresses, 32 at once, into four words at address 0.
 *
 * Each of four lanes takes every fourth word of eight bytes: x = (x ^ word) * factor, then x ^= x >> 32. Both can be undone, so two
 * texts that differ in one word of a lane never have the same sum. It is against damage, not against those who mean it.
 */
export function wordSumModule(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 2, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...named('memory'), 2, 0, ...named('update'), 0, 0]),
    ...section(10, [1, ...body([[LANES.length, I64]], update())]),
  ]);
}

function update(): number[] {
  const next = [...get(AT), ...i32(8 * LANES.length), I32_ADD, ...set(AT)];
  return [
    ...LANES.flatMap((lane) => [...i32(0), ...memory(I64_LOAD, 3, 8 * lane), ...set(FIRST + lane)]),
    ...whilst([...get(AT), ...get(END), I32_LT_U], [...LANES.flatMap(takeWord), ...next]),
    ...LANES.flatMap((lane) => [...i32(0), ...get(FIRST + lane), ...memory(I64_STORE, 3, 8 * lane)]),
  ];
}

function takeWord(lane: number): number[] {
  const local = FIRST + lane;
  return [
    ...[...get(local), ...get(AT), ...memory(I64_LOAD, 3, 8 * lane), I64_XOR, ...i64(FACTOR), I64_MUL, ...set(local)],
    ...[...get(local), ...get(local), ...i64(32), I64_SHR_U, I64_XOR, ...set(local)],
  ];
}
