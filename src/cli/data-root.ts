import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The data-root a command works on, absolute: the flag, else LAYERLAB_DATA_ROOT, else the place where the platform keeps
 * a program's data. An empty text counts as not given.
 */
export function dataRootOf(
  flag: string | undefined,
  env: Environment,
  platform: NodeJS.Platform = process.platform,
  home?: string,
): string {
  const given = flag || env.LAYERLAB_DATA_ROOT;
  return given ? resolve(given) : join(platformData(env, platform, home), 'layerlab');
}

function platformData(env: Environment, platform: NodeJS.Platform, home = homedir()): string {
  if (platform === 'win32') return env.LOCALAPPDATA || join(home, 'AppData', 'Local');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  // The XDG base directory specification has relative paths ignored.
  const xdg = env.XDG_DATA_HOME;
  return xdg?.startsWith('/') === true ? xdg : join(home, '.local', 'share');
}
