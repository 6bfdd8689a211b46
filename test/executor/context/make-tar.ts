import { NO_XATTRS, type TarEntry } from '../../../src/formats/tar-entry.ts';
import { encodeTarHeader, TAR_END, tarPadding } from '../../../src/formats/tar-header.ts';

/** An entry of a tar: a file of root's, 0644, of 1970, unless told. */
export function tarEntry(name: string, more: Partial<TarEntry> & { readonly content?: string } = {}): Buffer {
  const { content = '', ...fields } = more;
  const header = encodeTarHeader({
    name,
    type: '0',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    mtime: 0,
    linkname: '',
    uname: '',
    gname: '',
    devmajor: 0,
    devminor: 0,
    xattrs: NO_XATTRS,
    ...fields,
  });
  return Buffer.concat([header, Buffer.from(content), tarPadding(content.length)]);
}

export const wholeTar = (...entries: readonly Buffer[]): Buffer => Buffer.concat([...entries, TAR_END]);
