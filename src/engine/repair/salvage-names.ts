import { isDigest } from '../../formats/digest.ts';
import { encodeGoJson, goStruct } from '../../formats/go-json.ts';
import { familiarName, parseReference } from '../../formats/reference.ts';
import { isReference, type NameRow, readNames } from '../check/check-references.ts';
import type { Small } from '../check/root-reader.ts';

const PAIR = /"([^"\\\s]{1,512})"\s*:\s*"(sha256:[0-9a-f]{64})"/g;

/** The names that can be used: of a whole file those that fit, of a damaged one whatever still reads as a name and an id. */
export function usableNames(file: Small, hasImage: (id: string) => boolean): readonly NameRow[] {
  const rows = readNames(file);
  const found = typeof rows === 'string' ? salvage(file) : rows;
  return found.filter((row) => isReference(row) && isDigest(row.id) && hasImage(row.id.slice(7)));
}

/** `repositories.json` as dockerd writes it. */
export function encodeNames(rows: readonly NameRow[]): string {
  const repositories = new Map<string, Map<string, string>>();
  for (const { repository, reference, id } of rows) {
    const names = repositories.get(repository) ?? new Map<string, string>();
    repositories.set(repository, names.set(reference, id));
  }
  return encodeGoJson(goStruct([['Repositories', repositories]]));
}

function salvage(file: Small): readonly NameRow[] {
  if (file.state !== 'text') return [];
  return [...file.text.matchAll(PAIR)].flatMap(([, reference = '', id = '']) => {
    try {
      return [{ repository: familiarName(parseReference(reference)), reference, id }];
    } catch {
      return [];
    }
  });
}
