const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function keyOf(entry: string): string {
  const equals = entry.indexOf('=');
  return equals < 0 ? entry : entry.slice(0, equals);
}

/** The value of a variable, undefined where it is not set. */
export function lookUpVariable(env: readonly string[], key: string): string | undefined {
  return env.findLast((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1);
}

/**
 * The environment a command starts with. Classic puts a default PATH and the HOSTNAME of the container in front (moby
 * daemon/container CreateDaemonEnvironment); then runc drops all but the last of equal names and sets HOME from the user
 * database where it is missing or empty.
 */
export function processEnvironment(
  builder: 'buildkit' | 'classic',
  env: readonly string[],
  hostname: string,
  home: string,
): readonly string[] {
  const own = builder === 'classic' ? [DEFAULT_PATH, `HOSTNAME=${hostname}`] : [];
  const byKey = new Map<string, string>();
  for (const entry of own) byKey.set(keyOf(entry), entry);
  for (const entry of env) {
    // Go's os.Setenv refuses these, so runc never hands them on.
    if (!entry.includes('=') || entry.startsWith('=') || entry.includes('\0')) continue;
    byKey.set(keyOf(entry), entry);
  }
  if ((byKey.get('HOME') ?? 'HOME=') === 'HOME=') {
    byKey.delete('HOME');
    byKey.set('HOME', `HOME=${home}`);
  }
  return [...byKey.values()];
}
