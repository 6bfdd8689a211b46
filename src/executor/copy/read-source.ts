import { closeSync } from 'node:fs';
import { type ByteString, fromByteString } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import { openFile } from '../../host/open-file.ts';
import { readChunks } from '../../transports/open-input.ts';

/** The bytes of a source of ADD in pieces; a piece is valid until the next is asked for. */
export function* readSource(path: ByteString): Generator<Buffer> {
  const fd = openFile(path);
  try {
    yield* readChunks(fd);
  } catch (error) {
    throw ioError(error, `reading ${fromByteString(path)}`);
  } finally {
    closeSync(fd);
  }
}
