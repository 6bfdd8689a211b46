import { LayerlabError } from '../errors/layerlab-error.ts';
import type { TarEntry } from './tar-entry.ts';
import { TarReader } from './tar-reader.ts';
import type { TarSplitEntry } from './tar-split-entry.ts';

/**
 * The headers of a layer's tar, read from its tar-split alone: owners, device numbers and attributes are there even where the
 * disk could not hold them. Throws LL_CORRUPT where the lines and the headers in them do not fit together.
 */
export function* tarSplitHeaders(entries: Iterable<TarSplitEntry>): Generator<TarEntry> {
  let found: (TarEntry | string)[] = [];
  const reader = new TarReader({
    header: (entry) => found.push(entry),
    globalHeader: (name) => found.push(name),
    data: () => {},
    end: () => {},
    padding: () => {},
    trailing: () => {},
  });
  for (const entry of entries) {
    if (entry.kind === 'segment') {
      feed(reader, entry.bytes);
    } else {
      const [header] = found;
      const name = typeof header === 'string' ? header : header?.name;
      if (found.length !== 1 || name !== entry.name) throw mismatch();
      const skipped = reader.skipContent();
      if (typeof header === 'object') {
        if (header.type === '0' && skipped !== entry.size) throw mismatch();
        yield header;
      }
      found = [];
    }
  }
  if (found.length > 0) throw mismatch();
}

function feed(reader: TarReader, bytes: Buffer): void {
  try {
    reader.push(bytes);
  } catch (cause) {
    throw mismatch(cause);
  }
}

function mismatch(cause?: unknown): LayerlabError {
  return new LayerlabError('LL_CORRUPT', 'the tar headers in tar-split.json.gz do not fit its list of files', {
    cause,
  });
}
