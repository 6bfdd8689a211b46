import { closeSync, fstatSync, lstatSync, readSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { type Digest, digestOf, hexOf } from '../../formats/digest.ts';
import { openSha256 } from '../../formats/sha256.ts';
import { openFile } from '../../host/open-file.ts';
import { readChunks } from '../open-input.ts';
import { badLayout, type OciDescriptor } from './oci-descriptor.ts';

/** The blobs of an image layout (image-spec image-layout.md); none is used before its digest and size were checked. */
export interface OciBlobs {
  /** `index.json`, at most `limit` bytes of it. */
  index(limit: number): Buffer;
  /** A small blob as a whole. Throws LL_ARCHIVE, LL_DIGEST, LL_LIMIT. */
  read(descriptor: OciDescriptor, limit: number): Buffer;
  /** A blob in pieces, all of it checked first; a piece is valid until the next is asked for. */
  chunks(descriptor: OciDescriptor): Iterable<Buffer>;
}

/** Opens a folder; only plain files in it are read, links are not followed. */
export function openOciBlobs(folder: ByteString): OciBlobs {
  const blobPath = (digest: Digest): ByteString => `${folder}/blobs/sha256/${hexOf(digest)}`;
  return {
    index: (limit) => readWhole(`${folder}/index.json`, limit),
    read: ({ digest, size }, limit) => {
      const bytes = readWhole(blobPath(digest), limit);
      check(digest, size, digestOf(bytes), bytes.length);
      return bytes;
    },
    chunks: function* ({ digest, size }) {
      const hash = openSha256();
      let length = 0;
      for (const chunk of fileChunks(blobPath(digest))) {
        hash.update(chunk);
        length += chunk.length;
      }
      check(digest, size, `sha256:${hash.digest()}`, length);
      yield* fileChunks(blobPath(digest));
    },
  };
}

function* fileChunks(path: ByteString): Generator<Buffer> {
  const fd = openPlain(path);
  try {
    yield* readChunks(fd);
  } finally {
    closeSync(fd);
  }
}

function readWhole(path: ByteString, limit: number): Buffer {
  const fd = openPlain(path);
  try {
    const { size } = fstatSync(fd);
    if (size > limit) throw new LayerlabError('LL_LIMIT', `${fromByteString(path)} is ${size} bytes long`);
    const bytes = Buffer.alloc(size);
    let done = 0;
    while (done < size) {
      const count = readSync(fd, bytes, done, size - done, done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(fd);
  }
}

function openPlain(path: ByteString): number {
  const found = lstatSync(fsPath(path), { throwIfNoEntry: false });
  if (found?.isFile() !== true)
    throw badLayout(`${fromByteString(path)} is ${found === undefined ? 'missing' : 'no file'}`);
  return openFile(path);
}

function check(digest: Digest, size: number, foundDigest: Digest, foundSize: number): void {
  if (foundSize !== size) throw badLayout(`blob ${digest} is ${foundSize} bytes long, not ${size}`);
  if (foundDigest !== digest) {
    throw new LayerlabError('LL_DIGEST', `the blob ${digest} of the OCI image layout has the digest ${foundDigest}`);
  }
}
