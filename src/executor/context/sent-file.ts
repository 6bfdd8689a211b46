import type { ByteString } from '../../formats/bytestring.ts';
import type { TarEntry } from '../../formats/tar-entry.ts';
import type { FileNode } from '../../snapshot/file-tree.ts';

/** What the context itself knows of a file beyond what is copied of it. */
export interface SentFile {
  /** Relative to the root of the context. */
  readonly relative: ByteString;
  /** A folder that is left out itself and only made for something below it (classic). */
  readonly implied: boolean;
  /** Extended attributes as they were sent. */
  sentXattrs(): ReadonlyMap<string, Buffer>;
  /** The header it had, where the context is a tar that someone else made. */
  readonly header?: TarEntry | undefined;
}

/** What the context knows of a node of its own; undefined for a node of another tree. */
export function sentFile(node: FileNode): SentFile | undefined {
  return isSent(node) ? node : undefined;
}

function isSent(node: FileNode): node is FileNode & SentFile {
  return 'sentXattrs' in node;
}
