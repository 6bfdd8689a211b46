import { isFloat, JsonNumber, type TemplateValue } from './value.ts';

type Kind = 'bool' | 'string' | 'int' | 'float' | 'nil';

/** Go template's `eq`: values of one basic kind. Throws Error for others. */
export function equalValues(a: TemplateValue, b: TemplateValue): boolean {
  const [left, right] = [kindOf(a), kindOf(b)];
  if (left === 'nil' || right === 'nil') return left === right;
  if (left !== right) throw new Error('incompatible types for comparison');
  return left === 'int' ? BigInt(a as number | bigint) === BigInt(b as number | bigint) : plain(a) === plain(b);
}

/** Go template's order of two values, below, at or above 0. Throws Error for kinds that have none. */
export function compareValues(a: TemplateValue, b: TemplateValue): number {
  const [left, right] = [kindOf(a), kindOf(b)];
  if (left !== right) throw new Error('incompatible types for comparison');
  if (left === 'bool' || left === 'nil') throw new Error('invalid type for comparison');
  if (left === 'string') return Buffer.compare(Buffer.from(String(plain(a))), Buffer.from(String(plain(b))));
  const [x, y] = [plain(a) as number | bigint, plain(b) as number | bigint];
  return x < y ? -1 : x > y ? 1 : 0;
}

function kindOf(value: TemplateValue): Kind {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'string' || value instanceof JsonNumber) return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return isFloat(value) ? 'float' : 'int';
  throw new Error('non-comparable type');
}

function plain(value: TemplateValue): TemplateValue {
  return value instanceof JsonNumber ? value.text : value;
}
