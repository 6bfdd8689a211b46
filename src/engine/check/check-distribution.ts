import { isDigest } from '../../formats/digest.ts';
import type { Report } from './damage.ts';
import { digestIn } from './record.ts';
import type { Survey } from './survey.ts';

const LIMIT = 1 << 20;

/** What pull and push remember of blobs: `distribution/`. A cache: nothing that dockerd could not do without. */
export function checkDistribution({ reader, paths, layers }: Survey, report: Report): void {
  const known = new Set<string>([...layers.values()].flatMap((layer) => digestIn(layer.diff) ?? []));
  const blobs = `${paths.distribution}/diffid-by-digest/sha256`;
  const sources = `${paths.distribution}/v2metadata-by-diffid/sha256`;
  for (const name of reader.names(blobs)) {
    const path = `${blobs}/${name}`;
    const file = reader.small(path);
    const diffId = digestIn(file);
    const where = reader.relative(path);
    if (file.state === 'unreadable') continue;
    if (diffId === undefined || !isDigest(`sha256:${name}`)) {
      report({ id: 'distribution-invalid', where, detail: 'holds no diff_id' });
    } else if (!known.has(diffId)) {
      report({
        id: 'distribution-dangling',
        where,
        detail: `there is no layer with the diff_id ${diffId.slice(7, 19)}`,
      });
    }
  }
  for (const name of reader.names(sources)) {
    const path = `${sources}/${name}`;
    const file = reader.small(path, LIMIT);
    const where = reader.relative(path);
    if (file.state === 'unreadable') continue;
    if (!isDigest(`sha256:${name}`) || file.state !== 'text' || !isSources(file.bytes.toString('utf8'))) {
      report({ id: 'distribution-invalid', where, detail: 'holds no list of blobs' });
    } else if (!known.has(`sha256:${name}`)) {
      report({ id: 'distribution-dangling', where, detail: 'there is no layer with this diff_id' });
    }
  }
}

function isSources(text: string): boolean {
  try {
    const rows: unknown = JSON.parse(text);
    return Array.isArray(rows) && rows.every((row) => isDigest(String((row as { Digest?: unknown } | null)?.Digest)));
  } catch {
    return false;
  }
}
