import { fromByteString } from '../../formats/bytestring.ts';
import { isDigest } from '../../formats/digest.ts';
import { type JsonValue, parseGoJson } from '../../formats/go-json.ts';
import { familiarName, familiarString, parseReference } from '../../formats/reference.ts';
import type { Report } from './damage.ts';
import type { Small } from './root-reader.ts';
import type { Survey } from './survey.ts';

/** A name as `repositories.json` has it, whether it can be used or not. */
export interface NameRow {
  readonly repository: string;
  readonly reference: string;
  readonly id: string;
}

/** The rows of `repositories.json`, or what is wrong with the file as a whole. */
export function readNames(file: Small): readonly NameRow[] | string {
  if (file.state === 'odd') return file.why;
  if (file.state !== 'text') return [];
  let document: JsonValue;
  try {
    document = parseGoJson(file.bytes);
  } catch (error) {
    return error instanceof Error ? error.message : 'is no JSON';
  }
  const outer = document instanceof Map ? (document.get('Repositories') ?? null) : undefined;
  if (outer === null) return [];
  if (!(outer instanceof Map)) return 'has no repositories';
  const rows: NameRow[] = [];
  for (const [repository, names] of outer) {
    if (!(names instanceof Map)) return `names no images for ${JSON.stringify(repository)}`;
    for (const [reference, id] of names) {
      if (typeof id !== 'string') return `has no image id for ${JSON.stringify(reference)}`;
      rows.push({ repository, reference, id });
    }
  }
  return rows;
}

/** The names of images: `repositories.json`. */
export function checkReferences({ reader, paths, images, repositories }: Survey, report: Report): void {
  const where = reader.relative(paths.repositories);
  if (repositories.state === 'absent') {
    if (images.size > 0)
      report({ id: 'repositories-missing', where, detail: `is missing, with ${images.size} images` });
    return;
  }
  if (repositories.state === 'text' && repositories.bytes.length === 0) {
    report({ id: 'repositories-empty', where, detail: 'has no bytes' });
    return;
  }
  const rows = readNames(repositories);
  if (typeof rows === 'string') {
    report({ id: 'repositories-corrupt', where, detail: rows });
    return;
  }
  for (const row of rows) {
    const name = JSON.stringify(row.reference);
    if (!isReference(row))
      report({ id: 'reference-invalid', where, detail: `${name} is no name of ${row.repository}` });
    else if (!isDigest(row.id)) {
      report({ id: 'reference-invalid', where, detail: `${name} stands for ${JSON.stringify(row.id.slice(0, 80))}` });
    } else if (!images.has(row.id.slice(7)) && !reader.hides(paths.imageContent)) {
      const detail = `${fromByteString(name)} stands for ${row.id.slice(7, 19)}, which is not there`;
      report({ id: 'reference-image-missing', where, detail });
    }
  }
}

/** Whether dockerd finds the name again: it stands under its own repository, in the form that it writes itself. */
export function isReference({ repository, reference }: NameRow): boolean {
  try {
    const parsed = parseReference(reference);
    return familiarName(parsed) === repository && familiarString(parsed) === reference;
  } catch {
    return false;
  }
}
