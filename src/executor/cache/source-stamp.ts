import { createHash } from 'node:crypto';
import type { ByteString } from '../../formats/bytestring.ts';
import { type CopyFilter, sourcePlace } from '../../planner/copy-filter.ts';
import type { CopyAction } from '../../planner/step.ts';
import type { CopyFormat } from '../../profiles/copy-format.ts';
import type { FileNode, FileTree } from '../../snapshot/file-tree.ts';
import { findPlace } from '../copy/find-place.ts';
import type { FoundSource } from '../copy/find-sources.ts';
import { COARSEST_CLOCK } from './manifest.ts';

/**
 * What `lstat` says of all that a COPY takes from a folder of this host, as one digest. Where it is the same again, no file
 * was changed, made, removed or given other attributes in between, as far as the times of change can be trusted: they move
 * with every write, rename, change of mode or extended attribute, and nobody can set them.
 */
export interface SourceStamp {
  /** 64 hex digits. */
  readonly digest: string;
  /** The latest change of any of the files, nanoseconds. */
  readonly newest: bigint;
  /** How many files and folders there are. */
  readonly files: number;
}

/** Takes down what a copy looks at, in the order in which it does. */
export interface StampRecorder {
  source(word: string, found: FoundSource): void;
  /** @param path below the source; empty for the source itself */
  node(node: FileNode, path: ByteString): void;
  /** Undefined where a file told nothing of itself that could be kept. */
  finish(): SourceStamp | undefined;
}

/** Lines that are hashed in one go, characters. */
const PIECE = 16 * 1024;

/**
 * @param many how many files are many
 * @param onMany called once when there are that many
 */
export function openStampRecorder(many = Number.POSITIVE_INFINITY, onMany?: () => void): StampRecorder {
  let files = 0;
  const hash = createHash('sha256').update('layerlab stamp 1\n');
  let text = '';
  let newest = 0n;
  let isWhole = true;
  // No name and no number holds a zero byte.
  const take = (fields: readonly (ByteString | number)[]): void => {
    text += `${fields.join('\0')}\0\n`;
    if (text.length < PIECE) return;
    hash.update(text, 'latin1');
    text = '';
  };
  return {
    source: (word, { name, path, realPath }) =>
      take(['source', Buffer.from(word, 'utf8').toString('latin1'), name, path, realPath]),
    node: ({ kind, mode, size, signature }, path) => {
      files += 1;
      if (files === many) onMany?.();
      if (signature === undefined) {
        isWhole = false;
        return;
      }
      const changed = BigInt(signature.slice(signature.lastIndexOf(':') + 1));
      if (changed > newest) newest = changed;
      take([kind, path, mode, size, signature]);
    },
    finish: () => (isWhole ? { digest: hash.update(text, 'latin1').digest('hex'), newest, files } : undefined),
  };
}

/** The stamp of what a COPY would look at now. Throws as finding the sources does. */
export function stampOf(
  source: FileTree,
  action: Pick<CopyAction, 'sources' | 'parents' | 'excludes'>,
  { missingSource }: Pick<CopyFormat, 'missingSource'>,
): SourceStamp | undefined {
  const recorder = openStampRecorder();
  for (const word of action.sources) {
    const place = sourcePlace(action, word);
    for (const found of findPlace(source, place, missingSource)) {
      recorder.source(word, found);
      stampBelow(recorder, source, found.node, '', place.filter);
    }
  }
  return recorder.finish();
}

function stampBelow(
  recorder: StampRecorder,
  source: FileTree,
  node: FileNode,
  path: ByteString,
  filter: CopyFilter | undefined,
): void {
  recorder.node(node, path);
  if (node.kind !== 'dir') return;
  if (path !== '' && filter?.takes(path, true) === false && !filter.mayTakeBelow(path)) return;
  for (const name of source.names(node)) {
    const child = source.child(node, name);
    if (child !== undefined) stampBelow(recorder, source, child, path === '' ? name : `${path}/${name}`, filter);
  }
}

/**
 * Whether a stamp proves that nothing changed since files were read: the last change lies so far before that reading that no
 * later one can show the same time. A clock that was set back leaves files of the future, which prove nothing.
 *
 * @param readAt when the files began to be read, nanoseconds
 */
export function provesSame(now: SourceStamp, kept: string | undefined, readAt: bigint): boolean {
  return now.digest === kept && now.newest + COARSEST_CLOCK < readAt;
}
