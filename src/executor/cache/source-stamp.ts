import type { ByteString } from '../../formats/bytestring.ts';
import { CTIME, type FileFacts, isFolder, secondsFact, timeFact } from '../../host/file-facts.ts';
import { type CopyFilter, sourcePlace } from '../../planner/copy-filter.ts';
import type { CopyAction } from '../../planner/step.ts';
import type { CopyFormat } from '../../profiles/copy-format.ts';
import { entriesOf, type FileNode, type FileTree } from '../../snapshot/file-tree.ts';
import { findPlace } from '../copy/find-place.ts';
import type { FoundSource } from '../copy/find-sources.ts';
import type { CacheRecord } from './build-cache.ts';
import { COARSEST_CLOCK } from './manifest.ts';
import { openStampHash, type SourceStamp } from './stamp-hash.ts';

export type { SourceStamp } from './stamp-hash.ts';

/** Takes down what a copy looks at, in the order in which it does. */
export interface StampRecorder {
  source(word: string, found: FoundSource): void;
  /** @param path below the source; empty for the source itself */
  node(node: FileNode, path: ByteString): void;
  /** As `node`, of what is known of a node. */
  file(path: ByteString, facts: FileFacts): void;
  /** Undefined where a file told nothing of itself that could be kept. */
  finish(): SourceStamp | undefined;
}

/**
 * @param many how many files are many
 * @param onMany called once when there are that many
 */
export function openStampRecorder(many = Number.POSITIVE_INFINITY, onMany?: () => void): StampRecorder {
  const hash = openStampHash(many, onMany);
  let isWhole = true;
  return {
    source: (word, found) => hash.source(sourceText(word, found)),
    node: (node, path) => {
      const facts = node.facts?.();
      if (facts === undefined) isWhole = false;
      else hash.file(path, facts);
    },
    file: hash.file,
    finish: () => (isWhole ? hash.finish() : undefined),
  };
}

/** How a stamp names a source. No name holds a zero byte. */
export function sourceText(word: string, { name, path, realPath }: FoundSource): ByteString {
  return [Buffer.from(word, 'utf8').toString('latin1'), name, path, realPath].join('\0');
}

/**
 * The stamp of what a COPY would look at now. Throws as finding the sources does.
 *
 * @param stopsAt told of each file in a folder that is listed, below its source; undefined is given as soon as it says true
 */
export function stampOf(
  source: FileTree,
  action: Pick<CopyAction, 'sources' | 'parents' | 'excludes'>,
  { missingSource }: Pick<CopyFormat, 'missingSource'>,
  stopsAt: StopsAt = () => false,
): SourceStamp | undefined {
  const recorder = openStampRecorder();
  for (const word of action.sources) {
    const place = sourcePlace(action, word);
    for (const found of findPlace(source, place, missingSource)) {
      recorder.source(word, found);
      if (!stampBelow(recorder, source, found.node, '', place.filter, stopsAt)) return undefined;
    }
  }
  return recorder.finish();
}

/** Whether to stop at a file: its path below the source, and the folder that it is in. */
export type StopsAt = (path: ByteString, facts: FileFacts, folder: FileNode) => boolean;

/** False where it was stopped. */
function stampBelow(
  recorder: StampRecorder,
  source: FileTree,
  node: FileNode,
  path: ByteString,
  filter: CopyFilter | undefined,
  stopsAt: StopsAt,
): boolean {
  recorder.node(node, path);
  if (node.kind !== 'dir') return true;
  if (path !== '' && filter?.takes(path, true) === false && !filter.mayTakeBelow(path)) return true;
  const prefix = path === '' ? '' : `${path}/`;
  const listing = source.list?.(node);
  if (listing === undefined) {
    for (const [name, child] of entriesOf(source, node)) {
      if (!stampBelow(recorder, source, child, prefix + name, filter, stopsAt)) return false;
    }
    return true;
  }
  const { names } = listing;
  // Of a file nothing but its facts is asked: it becomes no node.
  for (let index = 0; index < names.length; index++) {
    const facts = listing.facts(index);
    const below = prefix + names[index];
    if (isFolder(facts)) {
      if (!stampBelow(recorder, source, listing.node(index), below, filter, stopsAt)) return false;
    } else {
      recorder.file(below, facts);
      if (stopsAt(below, facts, node)) return false;
    }
  }
  return true;
}

/** Whether a file was changed after a moment, nanoseconds. */
export function changedAfter(facts: FileFacts, moment: bigint): boolean {
  // Seldom is it the same second.
  const seconds = secondsFact(facts, CTIME) - Number(moment / NS);
  return seconds > 0 || (seconds === 0 && timeFact(facts, CTIME) > moment);
}

const NS = 1_000_000_000n;

/**
 * Whether a stamp proves that nothing changed since files were read: the last change lies so far before that reading that no
 * later one can show the same time. A clock that was set back leaves files of the future, which prove nothing.
 *
 * @param readAt when the files began to be read, nanoseconds
 */
export function provesSame(now: SourceStamp, kept: string | undefined, readAt: bigint): boolean {
  return now.digest === kept && now.newest + COARSEST_CLOCK < readAt;
}

/**
 * Of what is kept of one copy, the record of the layer that it gives again, as nothing changed since the sources were read for that.
 *
 * @returns undefined where no record proves it, and where some do that speak of several layers: then something else than the sources decided
 */
export function sameCopy<T extends Pick<CacheRecord, 'stamp' | 'readAt' | 'layer'>>(
  now: SourceStamp,
  kept: readonly T[],
): T | undefined {
  const proven = kept.filter(({ stamp, readAt }) => provesSame(now, stamp, readAt));
  const [first] = proven;
  return proven.every(({ layer }) => layer.chainId === first?.layer.chainId) ? first : undefined;
}
