import type { Digest } from '../../formats/digest.ts';
import type { Reference } from '../../formats/reference.ts';
import { encodeTarHeader, NO_XATTRS, TAR_END, tarPadding } from '../../formats/tar-header.ts';
import { layerTar } from '../../store/layer-tar.ts';
import type { Store } from '../../store/store.ts';
import type { ArchiveOutput } from '../archive-output.ts';
import { type ArchiveFile, archiveFiles } from './archive-files.ts';

/** An image to save, with the names it is to have in the archive. */
export interface ImageToSave {
  readonly id: Digest;
  readonly references: readonly Reference[];
}

/**
 * Writes an archive as `docker save` of 28.5 does (moby image/tarexport/save.go): a tar of a folder with an OCI layout and the
 * older `manifest.json` and `repositories` in it. Equal to the daemon's byte for byte but for the time of `blobs/sha256/`, which
 * there is the time of the saving and here the image's own, so that the same image always gives the same archive. Layers are
 * re-assembled from tar-split and streamed. Throws LL_CORRUPT for a layer that is not what it was.
 */
export async function saveArchive(
  store: Store,
  images: readonly ImageToSave[],
  output: ArchiveOutput,
  onProgress?: (progress: { readonly current: number; readonly total: number }) => void,
): Promise<void> {
  const files = archiveFiles(store, images);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let current = 0;
  for (const file of files) {
    await write(output, header(file));
    if (file.folder) continue;
    for (const chunk of await contentOf(store, file)) {
      const waiting = output.write(chunk);
      if (waiting !== undefined) await waiting;
      current += chunk.length;
      onProgress?.({ current, total });
    }
    await write(output, tarPadding(file.size));
  }
  await write(output, TAR_END);
}

async function write(output: ArchiveOutput, bytes: Buffer): Promise<void> {
  if (bytes.length > 0) await output.write(bytes);
}

async function contentOf(store: Store, file: ArchiveFile): Promise<Iterable<Buffer>> {
  return file.layer === undefined ? [file.bytes ?? Buffer.alloc(0)] : layerTar(store, file.layer);
}

function header(file: ArchiveFile): Buffer {
  return encodeTarHeader({
    name: file.name,
    type: file.folder ? '5' : '0',
    mode: file.folder ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: file.size,
    mtime: file.mtime,
    linkname: '',
    uname: '',
    gname: '',
    devmajor: 0,
    devminor: 0,
    xattrs: NO_XATTRS,
  });
}
