import type {
  ComparedRow,
  CompareResult,
  CompareRow,
  CompareSide,
  FileDifference,
} from '../../engine/compare-result.ts';
import { fromByteString } from '../../formats/bytestring.ts';
import { count, oneLine } from '../plan/words.ts';
import { humanSizeWithPrecision } from '../units.ts';

/** Rows in a run that one line stands for: neighbours of the base that are the same on both sides. */
export type RowGroup =
  | { readonly kind: 'row'; readonly row: ComparedRow }
  | { readonly kind: 'base'; readonly rows: number };

/** Folds what both sides have of one base into one line. */
export function groupRows(rows: readonly ComparedRow[]): readonly RowGroup[] {
  const groups: RowGroup[] = [];
  for (const row of rows) {
    const folds = row.status === 'same' && row.a?.base === true && row.b?.base === true;
    const last = groups.at(-1);
    if (!folds) groups.push({ kind: 'row', row });
    else if (last?.kind === 'base') groups[groups.length - 1] = { kind: 'base', rows: last.rows + 1 };
    else groups.push({ kind: 'base', rows: 1 });
  }
  return groups;
}

/** As `4 layers, 2 config steps, 12.3MB, on debian:12`. */
export function sideWords({ kind, layers, configSteps, size, base }: CompareSide): string {
  const known = layers === undefined ? 'layers of an unknown base' : count(layers, 'layer');
  const bytes = size === undefined ? (kind === 'dockerfile' ? 'not built' : '') : sizeText(size);
  const words = [known, count(configSteps, 'config step'), bytes, base === undefined ? '' : `on ${oneLine(base)}`];
  return words.filter((word) => word !== '').join(', ');
}

/** What the second side has more or less than the first; empty where that is nothing or not known. */
export function changeWords({ a, b, same }: CompareResult): string {
  // The classic builder drops layers that come out empty: a Dockerfile promises more of them.
  if (same) return '';
  const words: string[] = [];
  if (a.layers !== undefined && b.layers !== undefined && a.layers !== b.layers) {
    words.push(`${signed(b.layers - a.layers)} ${Math.abs(b.layers - a.layers) === 1 ? 'layer' : 'layers'}`);
  }
  if (a.size !== undefined && b.size !== undefined && a.size !== b.size) {
    words.push(`${b.size > a.size ? '+' : '-'}${sizeText(Math.abs(b.size - a.size))}`);
  }
  return words.join(', ');
}

/** Size of a row's layer, and what it became. */
export function rowSize(a: CompareRow | undefined, b: CompareRow | undefined): string {
  const sizes = [a?.size, b?.size].flatMap((size) => (size === undefined ? [] : [sizeText(size)]));
  return [...new Set(sizes)].join(' → ');
}

/** As `3 added (1.2MB), 1 removed (20kB), 8 changed`. */
export function filesWords(files: readonly FileDifference[]): string {
  const of = (change: FileDifference['change']) => files.filter((file) => file.change === change);
  const bytes = (list: readonly FileDifference[]): number =>
    list.reduce((sum, { sizeA, sizeB }) => sum + (sizeA ?? 0) + (sizeB ?? 0), 0);
  const [added, removed, changed] = [of('added'), of('removed'), of('changed')];
  const words = [
    ...(added.length === 0 ? [] : [`${added.length} added (${sizeText(bytes(added))})`]),
    ...(removed.length === 0 ? [] : [`${removed.length} removed (${sizeText(bytes(removed))})`]),
    ...(changed.length === 0 ? [] : [`${changed.length} changed`]),
  ];
  return words.length === 0 ? 'the same' : words.join(', ');
}

/** Files by what a reader looks for first: the largest. */
export function bySize(files: readonly FileDifference[]): readonly FileDifference[] {
  const weight = ({ sizeA, sizeB }: FileDifference): number => Math.max(sizeA ?? 0, sizeB ?? 0);
  return files.toSorted((a, b) => weight(b) - weight(a) || (a.path < b.path ? -1 : 1));
}

/** What happened to a file, in words. */
export function fileWords({ aspects, sizeA, sizeB }: FileDifference): string {
  const sizes = [sizeA, sizeB].flatMap((size) => (size === undefined ? [] : [sizeText(size)]));
  const text = [...new Set(sizes)].join(' → ');
  return aspects.length === 0 ? text : `${text}  ${aspects.join(', ')}`;
}

export function pathText({ path }: FileDifference): string {
  return `/${oneLine(fromByteString(path))}`;
}

export function valueText(value: string | undefined): string {
  return value === undefined ? '(not set)' : oneLine(value) || '(empty)';
}

function signed(number: number): string {
  return number > 0 ? `+${number}` : String(number);
}

function sizeText(bytes: number): string {
  return humanSizeWithPrecision(bytes, 3);
}
