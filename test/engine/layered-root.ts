import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../../src/engine/load.ts';
import { digestOf } from '../../src/formats/digest.ts';
import type { TarType } from '../../src/formats/tar-entry.ts';
import { encodeTarHeader, NO_XATTRS, TAR_END, tarPadding } from '../../src/formats/tar-header.ts';
import { tempFolder } from '../temp-root.ts';
import { archiveOf } from '../transports/docker-archive/make-archive.ts';

export interface LayerFile {
  readonly name: string;
  readonly content?: string;
  readonly type?: TarType;
  readonly linkname?: string;
  readonly mode?: number;
  readonly uid?: number;
}

export interface MadeLayer {
  readonly instruction: string;
  readonly files: readonly LayerFile[];
}

/** A base with folders and links, a layer that changes and deletes, one with an opaque folder. */
export const threeLayers: readonly MadeLayer[] = [
  {
    instruction: '/bin/sh -c #(nop) ADD file:0 in / ',
    files: [
      { name: 'etc/', type: '5', mode: 0o755 },
      { name: 'etc/a', content: 'a of the base\n', uid: 7 },
      { name: 'etc/gone', content: 'x' },
      { name: 'opt/', type: '5', mode: 0o755 },
      { name: 'opt/one', content: '1' },
      { name: 'opt/two', content: '22' },
      { name: 'conf', type: '2', linkname: '/etc', mode: 0o777 },
      { name: 'hard', type: '1', linkname: 'etc/a', uid: 7 },
      { name: 'su', content: 'set-id\n', mode: 0o4755 },
    ],
  },
  {
    instruction: 'RUN /bin/sh -c rm /etc/gone # buildkit',
    files: [
      { name: 'etc/', type: '5', mode: 0o750 },
      { name: 'etc/.wh.gone' },
      { name: 'etc/a', content: 'a again\n' },
      { name: 'etc/new', content: 'n' },
    ],
  },
  {
    instruction: 'COPY opt /opt # buildkit',
    files: [
      { name: 'opt/', type: '5', mode: 0o755 },
      { name: 'opt/.wh..wh..opq' },
      { name: 'opt/two', content: 'again' },
      { name: 'opt/three', content: '3' },
    ],
  },
];

/** The name that the image of `layeredRoot` has. */
export const IMAGE = 'made:layers';

function layerTar(files: readonly LayerFile[]): Buffer {
  const parts = files.flatMap(({ name, content = '', type = '0', linkname = '', mode = 0o644, uid = 0 }) => {
    const bytes = Buffer.from(content);
    const header = encodeTarHeader({
      ...{ name, type, linkname, mode, uid, gid: 0, size: bytes.length, mtime: 1_600_000_000 },
      ...{ uname: '', gname: '', devmajor: 0, devminor: 0, xattrs: NO_XATTRS },
    });
    return [header, bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

export interface MadeHistoryRow {
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

export interface MadeImage {
  /** An older data-root to put the image into. */
  readonly dataRoot?: string;
  readonly name?: string;
  /** Instead of one row for each layer. */
  readonly history?: readonly MadeHistoryRow[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A fresh data-root with one image of these layers. */
export async function layeredRoot(layers: readonly MadeLayer[] = threeLayers, image: MadeImage = {}): Promise<string> {
  const tars = layers.map(({ files }) => layerTar(files));
  const config = {
    ...{ architecture: 'amd64', os: 'linux', config: image.config ?? {}, created: '2020-01-01T00:00:00Z' },
    history: (image.history ?? layers.map(({ instruction }) => ({ created_by: instruction }))).map((row) => ({
      created: '2020-01-01T00:00:00Z',
      ...row,
    })),
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
  };
  const names = tars.map((_, at) => `${at}.tar`);
  const input = join(tempFolder(), 'archive');
  writeFileSync(
    input,
    archiveOf([
      ...tars.map((tar, at) => [`${at}.tar`, tar] as const),
      ['config.json', Buffer.from(JSON.stringify(config))],
      [
        'manifest.json',
        Buffer.from(JSON.stringify([{ Config: 'config.json', RepoTags: [image.name ?? IMAGE], Layers: names }])),
      ],
    ]),
  );
  const dataRoot = image.dataRoot ?? join(tempFolder(), 'root');
  await load({ dataRoot, input });
  return dataRoot;
}

/** The same data-root as a tar, which knows of no extended attributes. */
export function packed(dataRoot: string): string {
  const tar = join(tempFolder(), 'root.tar');
  execFileSync('tar', ['-C', dataRoot, '-cf', tar, '.']);
  return tar;
}
