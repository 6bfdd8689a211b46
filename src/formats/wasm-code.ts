/**
 * The few words of WebAssembly's binary format that are used here (WebAssembly core specification, chapter 5). Each gives
 * bytes to put one behind the other.
 */

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;
export const V128 = 0x7b;

export const I32_LOAD = 0x28;
export const I32_LOAD8_U = 0x2d;
export const I32_LOAD16_U = 0x2f;
export const I32_STORE = 0x36;
export const I32_STORE8 = 0x3a;
export const I32_EQ = 0x46;
export const I32_LT_U = 0x49;
export const I32_AND = 0x71;
export const I32_OR = 0x72;
export const I32_XOR = 0x73;
export const I32_SHR_U = 0x76;
export const I32_ROTL = 0x77;
export const I32_ROTR = 0x78;
export const I32_ADD = 0x6a;
export const I32_SUB = 0x6b;
export const I32_MUL = 0x6c;
export const I32_DIV_U = 0x6e;
export const I32_REM_U = 0x70;
export const I32_SHL = 0x74;
export const I32_GE_U = 0x4f;
export const I64_ADD = 0x7c;
export const I64_MUL = 0x7e;
export const I64_AND = 0x83;
export const I64_XOR = 0x85;
export const I64_SHL = 0x86;
export const I64_SHR_U = 0x88;
export const I64_LOAD = 0x29;
export const I64_LOAD8_U = 0x31;
export const I64_STORE = 0x37;
export const I64_STORE8 = 0x3c;
export const I64_EXTEND_I32_U = 0xad;
export const I64_TRUNC_F64_S = 0xb0;
export const F64_LT = 0x63;
export const F64_GE = 0x66;

export const V_LOAD = 0x00;
export const V_STORE = 0x0b;
export const V_CONST = 0x0c;
export const V_SHUFFLE = 0x0d;
export const V_AND = 0x4e;
export const V_OR = 0x50;
export const V_XOR = 0x51;
export const I64X2_LANE = 0x1d;
export const I64X2_REPLACE = 0x1e;
export const I32X4_SHL = 0xab;
export const I32X4_SHR_U = 0xad;
export const I32X4_ADD = 0xae;
export const I32X4_SUB = 0xb1;
export const I32X4_MUL = 0xb5;

const [BLOCK, LOOP, IF, END, BR, BR_IF, RETURN, CALL] = [0x02, 0x03, 0x04, 0x0b, 0x0c, 0x0d, 0x0f, 0x10];
/** What instructions on many bytes begin with. */
const BULK = 0xfc;
const NOTHING = 0x40;

/** A section of a module. */
export function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** A function: its locals as count and type, its code. */
export function body(locals: readonly (readonly [number, number])[], code: readonly number[]): number[] {
  const bytes = [...unsigned(locals.length), ...locals.flat(), ...code, END];
  return [...unsigned(bytes.length), ...bytes];
}

/** A name of ASCII. */
export function named(name: string): number[] {
  return [name.length, ...Buffer.from(name, 'latin1')];
}

export function get(local: number): number[] {
  return [0x20, local];
}

export function set(local: number): number[] {
  return [0x21, local];
}

export function call(index: number): number[] {
  return [CALL, index];
}

export function i32(value: number): number[] {
  return [0x41, ...signed(value)];
}

export function i64(value: number | bigint): number[] {
  return [0x42, ...(typeof value === 'bigint' ? signedBig(value) : signed(value))];
}

export function f64(value: number): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return [0x44, ...bytes];
}

/** Ends the function with what is on the stack. */
export function giveBack(): number[] {
  return [RETURN];
}

/** Copies bytes; where to, where from and how many are on the stack. */
export function copyBytes(): number[] {
  return [BULK, 0x0a, 0, 0];
}

/** Fills bytes; where, with what and how many are on the stack. */
export function fillBytes(): number[] {
  return [BULK, 0x0b, 0];
}

/** A load or store, the address being on the stack. */
export function memory(operation: number, alignment: number, offset: number): number[] {
  return [operation, alignment, ...unsigned(offset)];
}

/** An instruction on vectors; what it needs beside the stack follows it. */
export function vector(operation: number): number[] {
  return [0xfd, ...unsigned(operation)];
}

/** Code that runs where the number on the stack is not 0. */
export function when(code: readonly number[]): number[] {
  return [IF, NOTHING, ...code, END];
}

/** Code that runs as long as a condition gives a number that is not 0. */
export function whilst(condition: readonly number[], code: readonly number[]): number[] {
  const IS_ZERO = 0x45;
  return [BLOCK, NOTHING, LOOP, NOTHING, ...condition, IS_ZERO, BR_IF, 1, ...code, BR, 0, END, END];
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const rest = value >> 7;
  const done = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0);
  return done ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}

function signedBig(value: bigint): number[] {
  const [low, rest] = [Number(value & 0x7fn), value >> 7n];
  const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signedBig(rest)];
}
