import fs from 'node:fs';
import path from 'node:path';
import { type BuildWindow, holdsSecond } from './build-window.ts';
import { describeTree } from './describe-tree.ts';
import { parseRawTar, type RawTarEntry } from './raw-tar.ts';
import type { StoredLayer } from './stored-image.ts';

/** A layer in a form that is equal for both tools exactly when their layers are the same. */
export interface LayerDescription {
  /** The diff_id, or why it cannot be the same in two builds. */
  readonly diffId: string;
  readonly tar: readonly string[];
  readonly tarSplit: readonly string[];
  readonly size: string;
  /** Files of the layerdb folder with their modes. */
  readonly layerdb: readonly string[];
  /** Files of the overlay2 folder with their modes. */
  readonly overlay: readonly string[];
  readonly tree: readonly string[];
}

export const HAS_BUILD_TIME = '<has a time of the build>';

/** Whether an entry of the layer carries a time of the build. */
export function hasBuildTime(layer: StoredLayer, window: BuildWindow): boolean {
  return parseRawTar(layer.tar).entries.some((entry) => holdsSecond(window, entry.mtime));
}

/** Whether something was made on top of the layer, be it still there or not. */
export function isCommitted({ overlayDir }: StoredLayer): boolean {
  return fs.existsSync(path.join(overlayDir, COMMITTED));
}

const COMMITTED = 'committed';

/** @param anyChild whether it does not count that something was made on top of the layer */
export function describeLayer(
  layer: StoredLayer,
  below: readonly StoredLayer[],
  window: BuildWindow,
  anyChild = false,
): LayerDescription {
  const tar = parseRawTar(layer.tar);
  return {
    diffId: hasBuildTime(layer, window) ? HAS_BUILD_TIME : layer.diffId,
    tar: [...tar.entries.map((entry) => describeEntry(entry, window)), `trailer ${tar.trailer.toString('hex')}`],
    tarSplit: describeTarSplit(layer.tarSplit),
    size: fs.readFileSync(path.join(layer.layerDir, 'size'), 'utf8'),
    layerdb: describeFolder(layer.layerDir),
    overlay: [...describeFolder(layer.overlayDir, anyChild ? COMMITTED : ''), ...describeLinks(layer, below)],
    tree: describeTree(path.join(layer.overlayDir, 'diff'), window),
  };
}

/** The fields for the reader of a diff, then the header's raw bytes with a time of the build (and its checksum) blanked. */
function describeEntry(entry: RawTarEntry, window: BuildWindow): string {
  const built = holdsSecond(window, entry.mtime);
  const header = Buffer.from(entry.header);
  if (built) {
    header.fill('T', entry.ownHeader + 136, entry.ownHeader + 148);
    header.fill('C', entry.ownHeader + 148, entry.ownHeader + 156);
  }
  return [
    JSON.stringify(entry.name),
    `type=${entry.type}`,
    `mode=${entry.mode.toString(8)}`,
    `owner=${entry.uid}:${entry.gid}`,
    `size=${entry.size}`,
    `mtime=${built ? '<build>' : entry.mtime}`,
    `link=${JSON.stringify(entry.linkname)}`,
    `dev=${entry.devmajor}:${entry.devminor}`,
    `pax=${JSON.stringify(entry.pax)}`,
    `content=${entry.contentSha256.slice(0, 16)}`,
    `raw=${compact(header)}`,
  ].join(' ');
}

/** Hexadecimal with the runs of zero bytes counted. */
function compact(bytes: Buffer): string {
  return bytes.toString('hex').replace(/(?:00){8,}/g, (zeros) => `(${zeros.length / 2}x00)`);
}

/** Names, sizes, checksums and the lengths of the raw segments; their bytes are the headers compared already. */
function describeTarSplit(text: string): readonly string[] {
  const ends = text.endsWith('\n') ? [] : ['no newline at the end'];
  return [
    ...text
      .split('\n')
      .map((line) =>
        line.replace(
          /^(\{"type":2,"payload":")([^"]*)"/,
          (_all, start: string, body: string) => `${start}<${body.length}>"`,
        ),
      ),
    ...ends,
  ];
}

function describeFolder(folder: string, without = ''): readonly string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name !== without)
    .sort()
    .map((name) => {
      const stat = fs.lstatSync(path.join(folder, name));
      const kind = stat.isDirectory() ? 'd' : stat.isSymbolicLink() ? 'l' : '-';
      return `${kind}${(stat.mode & 0o7777).toString(8)} ${name}`;
    });
}

/**
 * `link`, `lower` and `l/` are random names: what counts is that each leads where it should. `lower` is counted and
 * followed, not compared with the chain: a BuildKit layer may stand on a twin of a layer that was there already.
 */
function describeLinks(layer: StoredLayer, below: readonly StoredLayer[]): readonly string[] {
  const link = fs.readFileSync(path.join(layer.overlayDir, 'link'), 'utf8');
  const home = path.dirname(layer.overlayDir);
  const lowerFile = path.join(layer.overlayDir, 'lower');
  const lower = fs.existsSync(lowerFile) ? fs.readFileSync(lowerFile, 'utf8').split(':') : [];
  const leadsToFolder = (each: string): boolean =>
    /^l\/[A-Z2-7]{26}$/.test(each) && fs.statSync(path.join(home, each)).isDirectory();
  const cacheId = /^[0-9a-f]{64}$/.test(layer.cacheId)
    ? '64 hex'
    : /^[0-9a-z]{25}$/.test(layer.cacheId)
      ? '25 base36'
      : layer.cacheId;
  return [
    `link is 26 characters of base32: ${/^[A-Z2-7]{26}$/.test(link)}`,
    `l/ leads to diff: ${fs.readlinkSync(path.join(home, 'l', link)) === `../${layer.cacheId}/diff`}`,
    `lower lists the ${below.length} layers below: ${lower.length === below.length && lower.every(leadsToFolder)}`,
    `cache-id: ${cacheId}`,
  ];
}
