import type { ByteString } from '../../formats/bytestring.ts';

/** Files (links and devices too, folders not) that a layer brings, replaces and takes away. */
export interface ChangeCount {
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
}

interface Name {
  /** The layer that deleted it; undefined while it is there. */
  goneIn: number | undefined;
  /** Undefined for what is no folder. */
  children: Map<ByteString, Name> | undefined;
}

interface Counting {
  added: number;
  changed: number;
  deleted: number;
}

const WHITEOUT = '.wh.';
const MARK = `/${WHITEOUT}`;
const OPAQUE = '.wh..wh..opq';

/** Counts what each layer changes, from the names in it (a folder's with a slash at the end), base first. Contents are not compared. */
export function countChanges(layers: readonly (readonly ByteString[])[]): ChangeCount[] {
  const root: Name = { goneIn: undefined, children: new Map() };
  return layers.map((names, layer) => {
    const count: Counting = { added: 0, changed: 0, deleted: 0 };
    // Deletions are about the layers below, wherever they stand in the tar.
    for (const name of names) {
      if (!name.includes(MARK) && !name.startsWith(WHITEOUT)) continue;
      const parts = partsOf(name);
      const last = parts.at(-1) ?? '';
      if (!last.startsWith(WHITEOUT)) continue;
      const dir = find(root, parts.slice(0, -1));
      if (last === OPAQUE) for (const child of dir?.children?.values() ?? []) remove(child, layer, count);
      else {
        const child = dir?.children?.get(last.slice(WHITEOUT.length));
        if (child !== undefined) remove(child, layer, count);
      }
    }
    for (const name of names) {
      const parts = partsOf(name);
      if (parts.length > 0 && parts.at(-1)?.startsWith(WHITEOUT) === false) {
        put(root, parts, name.endsWith('/'), layer, count);
      }
    }
    return count;
  });
}

function put(root: Name, parts: readonly ByteString[], folder: boolean, layer: number, count: Counting): void {
  let dir = root;
  for (const part of parts.slice(0, -1)) dir = child(dir, part) ?? enter(dir, part, true);
  const name = parts.at(-1) ?? '';
  const known = dir.children?.get(name);
  if (folder) {
    if (known !== undefined && known.children === undefined) remove(known, layer, count);
    if (known?.children === undefined) enter(dir, name, true);
    else known.goneIn = undefined;
    return;
  }
  if (known?.children !== undefined) remove(known, layer, count);
  if (known === undefined || known.children !== undefined) count.added += 1;
  else if (known.goneIn === undefined) count.changed += 1;
  else if (known.goneIn === layer) {
    // Deleted with all of its folder and there again: one change, not two.
    count.deleted -= 1;
    count.changed += 1;
  } else count.added += 1;
  enter(dir, name, false);
}

function enter(dir: Name, name: ByteString, folder: boolean): Name {
  const entered: Name = { goneIn: undefined, children: folder ? new Map() : undefined };
  dir.children ??= new Map();
  dir.children.set(name, entered);
  return entered;
}

/** A folder on the way. */
function child(dir: Name, name: ByteString): Name | undefined {
  const found = dir.children?.get(name);
  return found?.children === undefined ? undefined : found;
}

function find(root: Name, parts: readonly ByteString[]): Name | undefined {
  let at: Name | undefined = root;
  for (const part of parts) at = at?.children?.get(part);
  return at;
}

function remove(name: Name, layer: number, count: Counting): void {
  if (name.goneIn !== undefined) return;
  name.goneIn = layer;
  if (name.children === undefined) count.deleted += 1;
  else for (const below of name.children.values()) remove(below, layer, count);
}

function partsOf(name: ByteString): ByteString[] {
  return name.split('/').filter((part) => part !== '' && part !== '.');
}
