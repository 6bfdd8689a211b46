import { LayerlabError } from '../errors/layerlab-error.ts';
import { parseGoDuration } from '../formats/go-duration.ts';
import { type GoTime, nanosOf, nowNanos, parseGoTime, timeFromNanos } from '../formats/go-time.ts';
import type { Store } from '../store/store.ts';
import { createdTime } from './image-facts.ts';
import { resolveImage } from './resolve-image.ts';

/** What `docker images --filter` lets through (moby daemon/images/images.go). */
export interface ImageFilters {
  /** True: only images without a tag; false: only those with a name; undefined: both. */
  readonly dangling: boolean | undefined;
  /** `key` or `key=value`: all of them have to fit. */
  readonly labels: readonly string[];
  /** Patterns over names: one of them has to fit. */
  readonly references: readonly string[];
  /** Made before, and after, these moments. */
  readonly before: GoTime | undefined;
  readonly since: GoTime | undefined;
}

const KNOWN = new Set(['dangling', 'label', 'before', 'since', 'reference', 'until']);

/**
 * Reads filters of the form `name=value`. `before` and `since` name images. Throws LL_USAGE with docker's words for unknown
 * filters and values, LL_NOT_FOUND for an image that is not there.
 */
export function parseImageFilters(store: Store, filters: readonly string[]): ImageFilters {
  const values = new Map<string, string[]>();
  for (const filter of filters) {
    const equals = filter.indexOf('=');
    if (equals < 0)
      throw usage(`invalid argument ${JSON.stringify(filter)} for "-f, --filter" flag: invalid filter '${filter}'`);
    const name = filter.slice(0, equals).trim().toLowerCase();
    if (!KNOWN.has(name)) throw usage(`invalid filter '${name}'`);
    values.set(name, [...(values.get(name) ?? []), filter.slice(equals + 1).trim()]);
  }
  const imageTime = (name: string): GoTime | undefined => {
    const given = values.get(name);
    if (given === undefined) return undefined;
    if (given.length > 1 || given[0] === undefined) throw usage(`invalid filter '${name}=[${given.join(' ')}]'`);
    return createdTime(store.images.config(resolveImage(store, given[0]))?.created);
  };
  const until = (values.get('until') ?? []).map(parseMoment);
  const before = [imageTime('before'), ...until].flatMap((time) => time ?? []);
  return {
    dangling: parseDangling(values.get('dangling')),
    labels: values.get('label') ?? [],
    references: values.get('reference') ?? [],
    before: before.length === 0 ? undefined : before.reduce((a, b) => (nanosOf(a) < nanosOf(b) ? a : b)),
    since: imageTime('since'),
  };
}

/** Whether labels fit all of `key` and `key=value`. */
export function matchesLabels(wanted: readonly string[], labels: ReadonlyMap<string, string> | null): boolean {
  return wanted.every((text) => {
    const equals = text.indexOf('=');
    if (equals < 0) return labels?.has(text) === true;
    return labels?.get(text.slice(0, equals)) === text.slice(equals + 1);
  });
}

function parseDangling(values: readonly string[] | undefined): boolean | undefined {
  if (values === undefined) return undefined;
  const isTrue = values.includes('true') || values.includes('1');
  const isFalse = values.includes('false') || values.includes('0');
  if (isTrue === isFalse) throw usage(`invalid filter 'dangling=[${values.join(' ')}]'`);
  return isTrue;
}

/** A moment: RFC 3339, seconds since 1970, or how long ago as a Go duration. */
function parseMoment(text: string): GoTime {
  if (/^[0-9]{1,12}$/.test(text)) return { seconds: Number(text), nanos: 0, offsetMinutes: 0 };
  try {
    return timeFromNanos(nowNanos() - parseGoDuration(text));
  } catch {
    // No duration, so a date.
  }
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text;
  try {
    return parseGoTime(/(?:Z|[+-]\d{2}:\d{2})$/.test(date) ? date : `${date}Z`);
  } catch {
    throw usage(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  }
}

function usage(message: string): LayerlabError {
  return new LayerlabError('LL_USAGE', message);
}
