import { base64Code, base64Locals } from './base64-code.ts';
import { crc64Functions } from './crc64-module.ts';
import { BLOCK } from './tar-block.ts';
import {
  body,
  call,
  copyBytes,
  F64,
  F64_GE,
  F64_LT,
  f64,
  fillBytes,
  get,
  giveBack,
  I32,
  I32_ADD,
  I32_AND,
  I32_DIV_U,
  I32_EQ,
  I32_GE_U,
  I32_LOAD8_U,
  I32_LT_U,
  I32_REM_U,
  I32_SHR_U,
  I32_STORE,
  I32_STORE8,
  I32_SUB,
  I32_XOR,
  I64,
  I64_ADD,
  I64_AND,
  I64_EXTEND_I32_U,
  I64_LOAD,
  I64_MUL,
  I64_SHR_U,
  I64_STORE,
  I64_STORE8,
  I64_TRUNC_F64_S,
  I64_XOR,
  i32,
  i64,
  memory,
  named,
  section,
  set,
  when,
  whilst,
} from './wasm-code.ts';

/** Functions by their index in the module. */
const [UPDATE, SUM, OCTAL, DECIMAL, BASE64, PUT] = [1, 2, 3, 4, 5, 6] as const;

/** Parameters of `put`, then its locals. */
const [AT, NAME, LENGTH, PADDING, MODE, UID, GID, SIZE, POSITION, CRC, LINES, MTIME] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
] as const;
const [SCAN, WORDS] = [12, 13] as const;

/** Where the state of CRC-64 is; what is below `TAR_FILES_ROOM` is the module's own. */
const STATE = 0;
export const TAR_FILES_ROOM = 64;

/**
 * Puts together the WebAssembly module that makes what surrounds the content of a plain file in a layer: its header, its padding and
 * its lines of tar-split. It exports its `memory`, which may grow, and two functions; all places are addresses in the memory.
 *
 * - `sum(at, end, crc)`: the CRC-64 of the bytes between two addresses, 8 bytes big-endian at a third one.
 * - `put(at, name, length, padding, mode, uid, gid, size, position, crc, lines, mtime)`: the file begins at `at`, its content stands
 *   a block behind. Makes zero bytes of the `padding` in front of it, the header, and zero bytes up to the block behind the
 *   content, then the two lines, the first with the number `position`, of which the CRC-64 at `crc` goes into the second. Gives where the
 *   lines end; 0 where the header is not one block without a prefix, or the name is to be escaped in JSON: what is there by then does not matter.
 *
 * @param vectors whether instructions on vectors may be used
 * @param pages of 64 KiB that the memory has at first
 */
export function tarFilesModule(vectors: boolean, pages: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [
      ...[7, 0x60, 1, I64, 1, I64],
      ...[0x60, 2, I32, I32, 0],
      ...[0x60, 3, I32, I32, I32, 0],
      ...[0x60, 3, I32, I32, I64, 0],
      ...[0x60, 2, I32, I32, 1, I32],
      ...[0x60, 3, I32, I32, I32, 1, I32],
      ...[0x60, 12, ...Array.from({ length: 11 }, () => I32), F64, 1, I32],
    ]),
    ...section(3, [7, 0, 1, 2, 3, 4, 5, 6]),
    ...section(5, [1, 0, pages]),
    ...section(7, [3, ...named('memory'), 2, 0, ...named('sum'), 0, SUM, ...named('put'), 0, PUT]),
    ...section(10, [
      7,
      ...crc64Functions(vectors),
      ...body([[1, I64]], sum()),
      ...body([], octal()),
      ...body([[2, I32]], decimal()),
      ...body(base64Locals(vectors), base64Code(vectors)),
      ...body(
        [
          [1, I32],
          [1, I64],
        ],
        put(),
      ),
    ]),
  ]);
}

function sum(): number[] {
  const [at, end, crc, state] = [0, 1, 2, 3];
  const bytes = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((index) => [
    ...[...get(crc), ...get(state), ...i64(56 - 8 * index), I64_SHR_U, ...memory(I64_STORE8, 0, index)],
  ]);
  return [
    ...[...i32(STATE), ...i64(-1), ...memory(I64_STORE, 3, 0)],
    ...[...get(at), ...get(end), ...call(UPDATE)],
    ...[...i32(STATE), ...memory(I64_LOAD, 3, 0), ...i64(-1), I64_XOR, ...set(state), ...bytes],
  ];
}

/** The last digits of a number, from behind. */
function octal(): number[] {
  const [at, digits, value] = [0, 1, 2];
  return whilst(get(digits), [
    ...[...get(digits), ...i32(1), I32_SUB, ...set(digits)],
    ...[...get(at), ...get(digits), I32_ADD],
    ...[...get(value), ...i64(7), I64_AND, ...i64(0x30), I64_ADD, ...memory(I64_STORE8, 0, 0)],
    ...[...get(value), ...i64(3), I64_SHR_U, ...set(value)],
  ]);
}

/** A number without a sign in decimal digits; gives where it ends. */
function decimal(): number[] {
  const [at, value, end, rest] = [0, 1, 2, 3];
  return [
    ...[...get(value), ...set(rest), ...get(at), ...i32(1), I32_ADD, ...set(end)],
    ...whilst(
      [...get(rest), ...i32(10), I32_GE_U],
      [...get(rest), ...i32(10), I32_DIV_U, ...set(rest), ...step(end, 1)],
    ),
    ...[...get(end), ...set(rest)],
    ...whilst(
      [...get(rest), ...get(at), I32_SUB],
      [
        ...step(rest, -1),
        ...[...get(rest), ...get(value), ...i32(10), I32_REM_U, ...i32(0x30), I32_ADD, ...memory(I32_STORE8, 0, 0)],
        ...[...get(value), ...i32(10), I32_DIV_U, ...set(value)],
      ],
    ),
    ...get(end),
  ];
}

function put(): number[] {
  return [...refuse(), ...header(), ...zerosBehind(), ...lines(), ...get(LINES)];
}

/** Fields of octal digits with a zero byte behind: where, how many digits, and what; undefined is 0. */
const FIELDS: readonly (readonly [number, number, number | undefined])[] = [
  [100, 7, MODE],
  [108, 7, UID],
  [116, 7, GID],
  [124, 11, SIZE],
  [136, 11, MTIME],
  [329, 7, undefined],
  [337, 7, undefined],
];
const [TYPE_AT, SUM_AT, MAGIC_AT] = [156, 148, 257] as const;
const LONGEST_NAME = 100;
/** One above what seven octal digits can say, and eleven. */
const [SEVEN, ELEVEN] = [8 ** 7, 8 ** 11] as const;

/** Gives 0 where this is not for a plain header, or the name is not its own JSON. */
function refuse(): number[] {
  const character = [...get(NAME), ...get(SCAN), I32_ADD, ...memory(I32_LOAD8_U, 0, 0)];
  const fromBlank = [...character, ...i32(0x20), I32_SUB];
  /** `"`, `&`, `<` and `>`, as bits from the blank on. */
  const escaped = (1 << 2) | (1 << 6) | (1 << 28) | (1 << 30);
  return [
    ...refuseIf([...get(LENGTH), ...i32(1), I32_SUB, ...i32(LONGEST_NAME), I32_GE_U]),
    ...[MODE, UID, GID].flatMap((field) => refuseIf([...get(field), ...i32(SEVEN), I32_GE_U])),
    // What is no number is in no range.
    ...refuseIf([...get(MTIME), ...f64(0), F64_GE, ...get(MTIME), ...f64(ELEVEN), F64_LT, I32_AND, ...i32(1), I32_XOR]),
    ...[...i32(0), ...set(SCAN)],
    ...whilst(
      [...get(SCAN), ...get(LENGTH), I32_LT_U],
      [
        ...refuseIf([...fromBlank, ...i32(0x5f), I32_GE_U]),
        ...refuseIf([...character, ...i32(0x5c), I32_EQ]),
        ...refuseIf([...fromBlank, ...i32(32), I32_LT_U, ...i32(escaped), ...fromBlank, I32_SHR_U, I32_AND]),
        ...step(SCAN, 1),
      ],
    ),
    ...[...step(SCAN, -1), ...refuseIf([...character, ...i32(0x2f), I32_EQ])],
  ];
}

/** USTAR's header of a regular file, as `putPlainHeader` makes it, and the zero bytes in front of it. */
function header(): number[] {
  const magic = Buffer.from('ustar\x0000', 'latin1');
  const fields = FIELDS.flatMap(([at, digits, field]) => [
    ...[...get(AT), ...i32(at), I32_ADD, ...i32(digits)],
    ...(field === undefined
      ? i64(0)
      : field === MTIME
        ? [...get(field), I64_TRUNC_F64_S]
        : [...get(field), I64_EXTEND_I32_U]),
    ...call(OCTAL),
  ]);
  return [
    ...[...get(AT), ...get(PADDING), I32_SUB, ...i32(0), ...get(PADDING), ...i32(BLOCK), I32_ADD, ...fillBytes()],
    ...[...get(AT), ...get(NAME), ...get(LENGTH), ...copyBytes(), ...fields],
    ...text(AT, MAGIC_AT, magic),
    ...text(AT, TYPE_AT, Buffer.from('0')),
    ...checksum(magic),
  ];
}

/** The sum of all bytes, those of its own field counted as blanks: what is in no field but those of numbers and the name is known. */
function checksum(magic: Buffer): number[] {
  const known = [...magic, ...Buffer.from('0'.repeat(15)), ...Buffer.from(' '.repeat(8))].reduce(
    (sum, byte) => sum + byte,
    0,
  );
  const LANES = 0x00ff00ff00ff00ffn;
  const word = [...get(AT), ...get(SCAN), I32_ADD, ...memory(I64_LOAD, 0, 0)];
  return [
    ...[...i64(0), ...set(WORDS), ...i32(0), ...set(SCAN)],
    // The field itself, at the end of the last word, is still zero.
    ...whilst(
      [...get(SCAN), ...i32(SUM_AT), I32_LT_U],
      [
        ...[...get(WORDS), ...word, ...i64(LANES), I64_AND, I64_ADD],
        ...[...word, ...i64(8), I64_SHR_U, ...i64(LANES), I64_AND, I64_ADD, ...set(WORDS), ...step(SCAN, 8)],
      ],
    ),
    ...[...get(AT), ...i32(SUM_AT), I32_ADD, ...i32(6)],
    ...[
      ...get(WORDS),
      ...i64(0x0001000100010001n),
      I64_MUL,
      ...i64(48),
      I64_SHR_U,
      ...i64(known),
      I64_ADD,
      ...call(OCTAL),
    ],
    ...text(AT, SUM_AT + 7, Buffer.from(' ')),
  ];
}

function zerosBehind(): number[] {
  const missing = [...i32(0), ...get(SIZE), I32_SUB, ...i32(BLOCK - 1), I32_AND];
  return [...get(AT), ...i32(BLOCK), I32_ADD, ...get(SIZE), I32_ADD, ...i32(0), ...missing, ...fillBytes()];
}

/** The two lines of tar-split (see tar-split-lines). */
function lines(): number[] {
  const number = (value: readonly number[]): number[] => [...get(LINES), ...value, ...call(DECIMAL), ...set(LINES)];
  const base64 = (from: readonly number[], end: readonly number[]): number[] => [
    ...[...from, ...end, ...get(LINES), ...call(BASE64), ...set(LINES)],
  ];
  return [
    ...line('{"type":2,"payload":"'),
    ...base64([...get(AT), ...get(PADDING), I32_SUB], [...get(AT), ...i32(BLOCK), I32_ADD]),
    ...line('","position":'),
    ...number(get(POSITION)),
    ...line('}\n{"type":1,"name":"'),
    ...[
      ...get(LINES),
      ...get(NAME),
      ...get(LENGTH),
      ...copyBytes(),
      ...get(LINES),
      ...get(LENGTH),
      I32_ADD,
      ...set(LINES),
    ],
    ...line('","size":'),
    ...number(get(SIZE)),
    ...line(',"payload":"'),
    ...base64(get(CRC), [...get(CRC), ...i32(8), I32_ADD]),
    ...line('","position":'),
    ...number([...get(POSITION), ...i32(1), I32_ADD]),
    ...line('}\n'),
  ];
}

function line(words: string): number[] {
  return [...text(LINES, 0, Buffer.from(words)), ...step(LINES, words.length)];
}

/** Writes known bytes `offset` behind an address. */
function text(local: number, offset: number, bytes: Buffer): number[] {
  const code: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const isWord = bytes.length - at >= 4;
    const value = isWord ? bytes.readInt32LE(at) : bytes.readUInt8(at);
    code.push(...get(local), ...i32(value), ...memory(isWord ? I32_STORE : I32_STORE8, 0, offset + at));
    at += isWord ? 4 : 1;
  }
  return code;
}

function refuseIf(condition: readonly number[]): number[] {
  return [...condition, ...when([...i32(0), ...giveBack()])];
}

function step(local: number, by: number): number[] {
  return [...get(local), ...i32(by), I32_ADD, ...set(local)];
}
