import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../../..');
const script = process.env.LAYERLAB_ORACLE ?? path.resolve(repository, '../shared/oracle/dockerd');
const sharedTree = '/var/tmp/docker-oracle/debian';

/** The Docker versions that answer: one daemon for each value of `--compat`. */
export type DockerVersion = '28' | '20.10';

/**
 * A real dockerd that can be pointed at any data-root. It has a home of its own (`ORACLE_HOME`, else
 * `/var/tmp/layerlab-conformance`), so that a daemon which someone runs elsewhere is left alone.
 */
export interface Oracle {
  /** Where data-roots have to lie for the daemon to see them. */
  readonly home: string;
  readonly socket: string;
  start(dataRoot: string): void;
  stop(): void;
}

export function oracleIsInstalled(): boolean {
  return fs.existsSync(script);
}

/** Installs the daemon where that is needed (some minutes, once) and stops one that an earlier run left behind. */
export function openOracle(version: DockerVersion): Oracle {
  const home = process.env.ORACLE_HOME ?? '/var/tmp/layerlab-conformance';
  fs.mkdirSync(home, { recursive: true });
  if (version === '28') seedTree(home);
  const run = (...args: string[]): string =>
    execFileSync('bash', [script, ...args], {
      env: { ...process.env, ORACLE_HOME: home },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const oracle: Oracle = {
    home,
    socket: path.join(home, version, 'docker.sock'),
    start: (dataRoot) => {
      if (version === '28') lendGit(home);
      run('start', version, dataRoot);
      if (version !== '28') return;
      if (lendGit(home)) {
        run('stop', version);
        run('start', version, dataRoot);
      }
      lendXz(home);
    },
    stop: () => void run('stop', version),
  };
  oracle.stop();
  return oracle;
}

/** Copies the unpacked distribution of another oracle home, which saves the download. */
function seedTree(home: string): void {
  const tree = path.join(home, 'debian');
  if (fs.existsSync(path.join(tree, '.ready')) || tree === sharedTree) return;
  if (!fs.existsSync(path.join(sharedTree, '.ready'))) return;
  const partial = `${tree}.partial`;
  fs.rmSync(partial, { recursive: true, force: true });
  fs.mkdirSync(partial, { recursive: true });
  execFileSync(
    'bash',
    [
      '-c',
      'tar -C "$1" --one-file-system --exclude=./.ready --exclude="./var/tmp/*" -cf - . | tar -C "$2" -xpf -',
      'seed',
      sharedTree,
      partial,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  fs.writeFileSync(path.join(partial, '.ready'), '');
  fs.renameSync(partial, tree);
}

/**
 * dockerd fetches repositories with git, looks for it when it starts, and a minimal distribution has none. Whether it had
 * to be installed now; without a network it is not, and what needs it fails by itself.
 */
function lendGit(home: string): boolean {
  return install(path.join(home, 'debian'), 'usr/bin/git', ['git']);
}

/**
 * The words that start Docker 28's own client, which knows flags that an older one does not (`--build-context`): it lives with
 * the daemon, and sees what lies below the home. Undefined where it cannot be had.
 */
export function modernClient({ home }: Oracle): readonly string[] | undefined {
  const tree = path.join(home, 'debian');
  const plugin = 'usr/libexec/docker/cli-plugins/docker-buildx';
  install(tree, plugin, ['docker-cli', 'docker-buildx']);
  return fs.existsSync(path.join(tree, plugin)) ? ['chroot', tree, 'docker'] : undefined;
}

/** Whether packages were added to the daemon's distribution now. */
function install(tree: string, file: string, packages: readonly string[]): boolean {
  if (!fs.existsSync(path.join(tree, '.ready')) || fs.existsSync(path.join(tree, file))) return false;
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'Acquire::Check-Valid-Until=false'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    if (spawnSync('chroot', [tree, ...apt, ...args], { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0)
      return false;
  }
  return true;
}

/** dockerd leaves xz archives to a program of that name, and a minimal distribution has none. */
function lendXz(home: string): void {
  const target = path.join(home, 'debian/usr/bin/xz');
  if (!fs.existsSync(target)) fs.copyFileSync('/usr/bin/xz', target);
}

/** Drops what is still mounted below a folder, so that the folder can be removed. */
export function unmountBelow(folder: string): void {
  const points = fs
    .readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point.startsWith(`${folder}/`))
    .sort()
    .reverse();
  for (const point of points) execFileSync('umount', ['-l', point], { stdio: 'ignore' });
}
