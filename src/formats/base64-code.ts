import {
  get,
  I32,
  I32_ADD,
  I32_AND,
  I32_GE_U,
  I32_LOAD,
  I32_LOAD8_U,
  I32_LOAD16_U,
  I32_MUL,
  I32_OR,
  I32_SHL,
  I32_SHR_U,
  I32_STORE,
  I32_STORE8,
  I32_SUB,
  I32X4_ADD,
  I32X4_MUL,
  I32X4_SHL,
  I32X4_SHR_U,
  I32X4_SUB,
  i32,
  memory,
  set,
  V_AND,
  V_CONST,
  V_LOAD,
  V_OR,
  V_SHUFFLE,
  V_STORE,
  V128,
  vector,
  when,
  whilst,
} from './wasm-code.ts';

/** Parameters and locals of the function. */
const [FROM, END, TO, GROUP, GROUPS] = [0, 1, 2, 3, 4];

/** Instructions on one group of three bytes, or on four of them at once, each in 32 bits. */
interface Lanes {
  readonly local: number;
  readonly number: (value: number) => number[];
  readonly and: readonly number[];
  readonly or: readonly number[];
  readonly add: readonly number[];
  readonly sub: readonly number[];
  readonly mul: readonly number[];
  readonly shl: readonly number[];
  readonly shr: readonly number[];
}

const ONE: Lanes = {
  local: GROUP,
  number: i32,
  and: [I32_AND],
  or: [I32_OR],
  add: [I32_ADD],
  sub: [I32_SUB],
  mul: [I32_MUL],
  shl: [I32_SHL],
  shr: [I32_SHR_U],
};

const FOUR: Lanes = {
  local: GROUPS,
  number: (value) => [
    ...vector(V_CONST),
    ...[0, 1, 2, 3].flatMap(() => [0, 8, 16, 24].map((by) => (value >>> by) & 0xff)),
  ],
  and: vector(V_AND),
  or: vector(V_OR),
  add: vector(I32X4_ADD),
  sub: vector(I32X4_SUB),
  mul: vector(I32X4_MUL),
  shl: vector(I32X4_SHL),
  shr: vector(I32X4_SHR_U),
};

/** What the function `(from, end, to)` of `base64Code` has for locals beside its parameters. */
export function base64Locals(vectors: boolean): readonly (readonly [number, number])[] {
  return vectors
    ? [
        [1, I32],
        [1, V128],
      ]
    : [[1, I32]];
}

/**
 * Code that writes the bytes between two addresses in base64 (RFC 4648, section 4) to a third one, and leaves where that ends on the
 * stack. It may read some bytes behind the end.
 *
 * @param vectors whether instructions on vectors may be used
 */
export function base64Code(vectors: boolean): number[] {
  // From each three bytes to four, the last of them whatever follows.
  const spread = [0, 3, 6, 9].flatMap((first) => [first, first + 1, first + 2, first + 3]);
  const twelve = [
    ...[...get(FROM), ...vector(V_LOAD), 0, 0, ...set(GROUPS)],
    ...[...get(GROUPS), ...get(GROUPS), ...vector(V_SHUFFLE), ...spread, ...set(GROUPS)],
    ...[...get(TO), ...encode(FOUR), ...vector(V_STORE), 0, 0, ...step(FROM, 12), ...step(TO, 16)],
  ];
  const three = [...take(I32_LOAD), ...put(), ...step(FROM, 3)];
  const rest = (bytes: number, load: number): number[] => [
    ...left(bytes),
    ...when([
      ...[...take(load), ...put()],
      ...[1, 2]
        .slice(0, 3 - bytes)
        .flatMap((behind) => [...[...get(TO), ...i32(behind), I32_SUB, ...i32(0x3d), ...memory(I32_STORE8, 0, 0)]]),
      ...[...get(END), ...set(FROM)],
    ]),
  ];
  return [
    ...(vectors ? whilst(left(16), twelve) : []),
    ...whilst(left(3), three),
    ...rest(2, I32_LOAD16_U),
    ...rest(1, I32_LOAD8_U),
    ...get(TO),
  ];
}

function take(load: number): number[] {
  return [...get(FROM), ...memory(load, 0, 0), ...set(GROUP)];
}

/** Four characters of the group. */
function put(): number[] {
  return [...get(TO), ...encode(ONE), ...memory(I32_STORE, 0, 0), ...step(TO, 4)];
}

/** The four characters of three bytes, the first of all in the lowest bits. */
function encode({ local, number, and, or, add, sub, mul, shl, shr }: Lanes): number[] {
  const bits = (shift: readonly number[], by: number, mask: number): number[] => [
    ...[...get(local), ...i32(by), ...shift, ...number(mask), ...and],
  ];
  const sixBits = [
    ...bits(shr, 2, 0x3f),
    ...[...bits(shl, 12, 0x3000), ...or, ...bits(shr, 4, 0x0f00), ...or],
    ...[...bits(shl, 10, 0x3c0000), ...or, ...bits(shr, 6, 0x030000), ...or],
    ...[...bits(shl, 8, 0x3f000000), ...or, ...set(local)],
  ];
  /** In each byte that is above a limit, so much. */
  const above = (limit: number, much: number): number[] => [
    ...[...get(local), ...number((127 - limit) * 0x01010101), ...add, ...number(0x80808080 | 0), ...and],
    ...[...i32(7), ...shr, ...number(much), ...mul],
  ];
  return [
    ...[...sixBits, ...get(local), ...number(0x41414141), ...add],
    ...[...above(25, 6), ...add, ...above(51, 75), ...sub, ...above(61, 15), ...sub, ...above(62, 3), ...add],
  ];
}

/** Whether so many bytes are left. */
function left(bytes: number): number[] {
  return [...get(END), ...get(FROM), I32_SUB, ...i32(bytes), I32_GE_U];
}

function step(local: number, by: number): number[] {
  return [...get(local), ...i32(by), I32_ADD, ...set(local)];
}
