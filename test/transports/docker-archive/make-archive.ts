import { digestOf } from '../../../src/formats/digest.ts';
import { encodeTarHeader, NO_XATTRS, TAR_END, tarPadding } from '../../../src/formats/tar-header.ts';

export type ArchiveContent = Buffer | { readonly link: string };

/** A tar of some files and symbolic links, in this order. */
export function archiveOf(files: readonly (readonly [name: string, content: ArchiveContent])[]): Buffer {
  const parts = files.flatMap(([name, content]) => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.alloc(0);
    const header = encodeTarHeader({
      name,
      type: Buffer.isBuffer(content) ? '0' : '2',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: bytes.length,
      mtime: 0,
      linkname: Buffer.isBuffer(content) ? '' : content.link,
      uname: '',
      gname: '',
      devmajor: 0,
      devminor: 0,
      xattrs: NO_XATTRS,
    });
    return [header, bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

export interface MadeImage {
  readonly layer: Buffer;
  readonly config: Buffer;
  readonly files: readonly (readonly [name: string, content: ArchiveContent])[];
}

/** The files of an archive with one small image. */
export function imageArchive(options: { readonly name?: string; readonly configName?: string } = {}): MadeImage {
  const { name = 'made:1', configName = 'config.json' } = options;
  const layer = archiveOf([['hello.txt', Buffer.from('hello\n')]]);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      created: '2020-01-01T00:00:00Z',
      history: [{ created: '2020-01-01T00:00:00Z' }],
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  );
  const manifest = Buffer.from(JSON.stringify([{ Config: configName, RepoTags: [name], Layers: ['layer.tar'] }]));
  return {
    layer,
    config,
    files: [
      ['layer.tar', layer],
      [configName, config],
      ['manifest.json', manifest],
    ],
  };
}
