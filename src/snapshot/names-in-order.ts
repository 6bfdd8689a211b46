import { type ByteString, compareBytes } from '../formats/bytestring.ts';
import type { ChangeNode } from './change-node.ts';

/** The names in a folder of a change, bytewise sorted, as they come. */
export interface NamesInOrder {
  /** The next name; LATER where the folder is open and nothing more is in it so far, undefined behind the last one. */
  next(): ByteString | typeof LATER | undefined;
}

/** No name: more may come. */
export const LATER = Symbol('later');

/** Goes through a folder's names; while the folder is open, names that come meanwhile are met too. */
export function namesInOrder(dir: ChangeNode): NamesInOrder {
  const { children } = dir;
  // The names of an open folder come in this order; what a map says of its keys goes on while it grows, as long as it was not at the end.
  const names = dir.isOpen ? children.keys() : [...children.keys()].sort(compareBytes).values();
  let met = 0;
  return {
    next: () => {
      if (met === children.size) return dir.isOpen ? LATER : undefined;
      met += 1;
      return names.next().value as ByteString;
    },
  };
}
