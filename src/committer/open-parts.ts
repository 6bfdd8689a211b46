import { closeSync } from 'node:fs';
import { LayerlabError } from '../errors/layerlab-error.ts';
import { fromByteString } from '../formats/bytestring.ts';
import { openFile } from '../host/open-file.ts';
import type { PartSource } from '../snapshot/change-node.ts';
import { fileStamp } from './part-reader.ts';

/** Files that contents are parts of, opened for as long as somebody reads them by their numbers. */
export class OpenParts {
  readonly #open = new Map<PartSource, number>();

  /** The number of a file. Throws LL_CONTEXT where it is not the one any more that was looked into. */
  numberOf(source: PartSource): number {
    const there = this.#open.get(source);
    if (there !== undefined) return there;
    const file = openFile(source.path);
    this.#open.set(source, file);
    check(source, file);
    return file;
  }

  /** Call it when all is read. Throws LL_CONTEXT where a file was altered meanwhile. */
  check(): void {
    for (const [source, file] of this.#open) check(source, file);
  }

  close(): void {
    for (const file of this.#open.values()) closeSync(file);
    this.#open.clear();
  }
}

function check(source: PartSource, file: number): void {
  if (fileStamp(file) !== source.stamp) throw changed(source);
}

/** What is said of a source whose bytes are not those any more that were read before. */
export function changed({ path }: PartSource): LayerlabError {
  return new LayerlabError('LL_CONTEXT', `${fromByteString(path)} changed while it was read`);
}
