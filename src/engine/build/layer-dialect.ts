import { type TarDialect, tarDialect } from '../../committer/tar-dialect.ts';
import { hostAccounts, ROOT_ACCOUNT } from '../../host/accounts.ts';
import type { BuilderProfile } from '../../profiles/builder-profile.ts';

/**
 * How a build writes its layers. With a time of its own (`--timestamp`) it is to come out the same on every host, so that
 * root alone has a name.
 */
export function layerDialect({ layers }: BuilderProfile, timestamp: number | bigint | undefined): TarDialect {
  return tarDialect(layers, timestamp === undefined ? hostAccounts() : ROOT_ACCOUNT);
}
