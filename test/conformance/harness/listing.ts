import fs from 'node:fs';
import path from 'node:path';
import { type BuildWindow, holdsSecond } from './build-window.ts';
import { parseRawTar } from './raw-tar.ts';
import { apiGet, type Tool } from './tools.ts';

/** Every tagged image of a data-root, sorted. */
export function allTags(dataRoot: string): readonly string[] {
  const text = fs.readFileSync(path.join(dataRoot, 'image/overlay2/repositories.json'), 'utf8');
  const { Repositories } = JSON.parse(text) as { Repositories: Record<string, Record<string, string>> };
  return Object.values(Repositories)
    .flatMap((tags) => Object.keys(tags))
    .sort();
}

/** `images -a`, sorted: the order of images made within one second is anyone's. */
export async function listImages(tool: Tool): Promise<readonly string[]> {
  const format = '{{.ID}} {{.Repository}} {{.Tag}} {{.Digest}} {{.CreatedAt}} {{.Size}}';
  const text = (await tool.runOrThrow(['images', '-a', '--no-trunc', '--digests', '--format', format])).toString(
    'utf8',
  );
  return text.trim().split('\n').sort();
}

const AT_ONCE = 4;

/** `history` of each image. */
export async function listHistories(
  tool: Tool,
  names: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const format = '{{.ID}} {{.CreatedAt}} {{.Size}} {{json .CreatedBy}} {{json .Comment}}';
  const rows: Record<string, readonly string[]> = {};
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    const texts = await Promise.all(
      some.map((name) => tool.runOrThrow(['history', '--no-trunc', '--human=false', '--format', format, name])),
    );
    some.forEach((name, index) => {
      rows[name] = (texts[index] ?? Buffer.alloc(0)).toString('utf8').trim().split('\n').map(shortEscapes);
    });
  }
  return rows;
}

/** What the daemon's API says of each image, the newest of Docker 28 unless told; key order is part of it. */
export async function inspectByApi(
  socket: string,
  names: readonly string[],
  api = 'v1.51',
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) found.push(lines(JSON.parse(await apiGet(socket, `/${api}/images/${name}/json`))));
  return found;
}

/** What our `inspect` says of each image. */
export async function inspectByCommand(tool: Tool, names: readonly string[]): Promise<readonly string[]> {
  const text = (await tool.runOrThrow(['inspect', ...names])).toString('utf8');
  return (JSON.parse(text) as unknown[]).map(lines);
}

type Answer = Readonly<Record<string, unknown>>;

const CONTAINER_FIELDS = ['User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels'];
const IMAGE_FIELDS = [
  ...['Id', 'RepoTags', 'RepoDigests', 'Parent', 'Comment', 'Created', 'Author', 'Architecture', 'Os', 'Size'],
  ...['GraphDriver', 'RootFS', 'Metadata'],
];

/**
 * What an `inspect` of any Docker version says of an image, less what came and went: the fields that all have, and of the
 * config those that say something.
 */
export function timeless(inspected: string): string {
  const image = JSON.parse(inspected) as Answer;
  const config = image.Config as Answer;
  const names = [...CONTAINER_FIELDS, 'StopSignal', 'Healthcheck', 'OnBuild', 'Shell'];
  const said = names.filter((name) => JSON.stringify(config[name] ?? '').length > 2);
  const isMissing = (value: unknown): boolean => value === undefined || value === '0001-01-01T00:00:00Z';
  const pick = (from: Answer, keys: readonly string[]) =>
    Object.fromEntries(keys.filter((key) => !isMissing(from[key])).map((key) => [key, from[key]]));
  return lines(sorted({ ...pick(image, IMAGE_FIELDS), Config: pick(config, said) }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

/** A row of `images` or `history` as any version could have printed it: of no time at all. */
export function timelessRow(row: string): string {
  return row.replace(/\b0001-01-01([ T])/, '1970-01-01$1');
}

/** A client made with Go before 1.22 prints these two the long way. */
function shortEscapes(row: string): string {
  return row.replaceAll('\\u0008', '\\b').replaceAll('\\u000c', '\\f');
}

const lines = (value: unknown): string => JSON.stringify(value, undefined, 1);

/** docker gives this folder the moment of the save. */
const SAVED_NOW = 'blobs/sha256/';

/** Every member of a `save` archive of one image: header fields, and the digest of its content. */
export async function describeArchive(
  tool: Tool,
  name: string,
  file: string,
  window: () => BuildWindow,
): Promise<readonly string[]> {
  await tool.runOrThrow(['save', '-o', file, name]);
  const tar = parseRawTar(fs.readFileSync(file));
  fs.rmSync(file);
  const during = window();
  return tar.entries.map((entry) => {
    const isMoment = entry.name === SAVED_NOW || holdsSecond(during, entry.mtime);
    const time = isMoment ? '<now>' : entry.mtime;
    return `${entry.name} ${entry.type}${entry.mode.toString(8)} ${entry.uid}:${entry.gid} ${entry.size} ${time} ${entry.contentSha256}`;
  });
}
