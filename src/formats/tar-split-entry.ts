import type { ByteString } from './bytestring.ts';

/** One line of `tar-split.json.gz`. */
export type TarSplitEntry =
  | {
      readonly kind: 'file';
      /** As in the tar header. */
      readonly name: ByteString;
      readonly size: number;
      /** CRC-64 of the content, 8 bytes big-endian; undefined for an empty file. */
      readonly crc: Buffer | undefined;
    }
  /** Bytes of the tar which are no content: headers, padding, the end. */
  | { readonly kind: 'segment'; readonly bytes: Buffer };
