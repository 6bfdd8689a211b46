import type { ByteString } from '../formats/bytestring.ts';
import { type LayerFormat, layers28 } from '../profiles/layer-format.ts';

/** Who a number of an owner or a group is on a host; empty for nobody. */
export interface AccountNames {
  user(uid: number): ByteString;
  group(gid: number): ByteString;
}

/** What to do with headers and tar-split where Docker versions differ. */
export type TarDialect = Omit<LayerFormat, 'ownerNames'> & {
  /** Names to write beside the numbers; undefined where a header has none. */
  readonly names: AccountNames | undefined;
};

/** The dialect of a layer format; `accounts` are those of the host that the daemon would be on. */
export function tarDialect({ ownerNames, ...format }: LayerFormat, accounts: AccountNames): TarDialect {
  return { ...format, names: ownerNames ? accounts : undefined };
}

const NOBODY: AccountNames = Object.freeze({ user: () => '', group: () => '' });

/** How Docker 28 writes layers: `import`, `load` and bases have no other. */
export const DIALECT_28: TarDialect = Object.freeze(tarDialect(layers28, NOBODY));
