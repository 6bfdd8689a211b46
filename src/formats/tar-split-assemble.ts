import { LayerlabError } from '../errors/layerlab-error.ts';
import { type ByteString, fromByteString } from './bytestring.ts';
import type { Crc64 } from './crc64.ts';
import type { TarSplitEntry } from './tar-split-entry.ts';

/**
 * Gives back the bytes of a layer's tar from its tar-split and the files on disk (vbatts/tar-split tar/asm/assemble.go).
 * `openFile` gets a name as in the tar, for every file that is not empty. The bytes of a file are yielded before its checksum
 * is known: a consumer has to go on to the end. Throws LL_CORRUPT where a file has another size or checksum than the tar had.
 */
export function* assembleTar(
  entries: Iterable<TarSplitEntry>,
  openFile: (name: ByteString) => Iterable<Buffer>,
  crc64: Crc64,
): Generator<Buffer> {
  for (const entry of entries) {
    if (entry.kind === 'segment') {
      if (entry.bytes.length > 0) yield entry.bytes;
    } else if (entry.size > 0) {
      crc64.init();
      let size = 0;
      for (const chunk of openFile(entry.name)) {
        size += chunk.length;
        if (size > entry.size) break;
        crc64.update(chunk);
        yield chunk;
      }
      const found = crc64.digest();
      if (size !== entry.size) throw changed(entry.name, `its size is not ${entry.size}`);
      if (entry.crc === undefined || !found.equals(entry.crc)) throw changed(entry.name, 'its checksum differs');
    }
  }
}

function changed(name: ByteString, how: string): LayerlabError {
  const shown = JSON.stringify(fromByteString(name));
  return new LayerlabError('LL_CORRUPT', `the file ${shown} of a layer has changed since it was committed: ${how}`);
}
