import { type Digest, isDigest } from '../../formats/digest.ts';
import { isCacheId, isLinkId } from '../../formats/ids.ts';
import type { Small } from './root-reader.ts';
import type { LayerFacts, MountFacts, SnapshotFacts } from './survey.ts';

/** The text of a small file; undefined where it cannot be had. */
export function textOf(small: Small | undefined): string | undefined {
  return small?.state === 'text' ? small.text : undefined;
}

function fitting(small: Small | undefined, fits: (text: string) => boolean): string | undefined {
  const text = textOf(small);
  return text !== undefined && fits(text) ? text : undefined;
}

export function digestIn(small: Small | undefined): Digest | undefined {
  const text = textOf(small);
  return text !== undefined && isDigest(text) ? text : undefined;
}

export function cacheIdOf(layer: LayerFacts | undefined): string | undefined {
  return fitting(layer?.cacheId, isCacheId);
}

export function linkOf(snapshot: SnapshotFacts | undefined): string | undefined {
  return fitting(snapshot?.link, isLinkId);
}

export function mountIdOf(mount: MountFacts | undefined): string | undefined {
  return fitting(mount?.mountId, isCacheId);
}

export function initIdOf(mount: MountFacts | undefined): string | undefined {
  return fitting(mount?.initId, isCacheId);
}

/** How a record file is bad: missing, empty, invalid; undefined where it is fine or cannot be read. */
export function fault(
  small: Small,
  fits: (text: string) => boolean,
): { readonly kind: 'missing' | 'empty' | 'invalid'; readonly detail: string } | undefined {
  if (small.state === 'unreadable') return undefined;
  if (small.state === 'absent') return { kind: 'missing', detail: 'is missing' };
  if (small.state === 'odd') return { kind: 'invalid', detail: small.why };
  if (small.text === '') return { kind: 'empty', detail: 'has no bytes' };
  if (fits(small.text)) return undefined;
  return { kind: 'invalid', detail: `holds ${JSON.stringify(small.text.slice(0, 80))}` };
}
