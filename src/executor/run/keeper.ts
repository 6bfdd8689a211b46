import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, readlinkSync, rmdirSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { hostCapabilities } from '../../host/capabilities.ts';
import { unmountBelow } from '../../host/overlay-mount.ts';
import { MS_PRIVATE, MS_SHARED, mount } from '../../host/syscalls.ts';
import { HOST_ENVIRONMENT, outputPipe } from './child.ts';
import { leashTools } from './host-tools.ts';
import { hidesUnified, type OciRuntime, ociRuntimes, runtimeCommand } from './oci-runtime.ts';
import type { RunRuntime } from './run-spec.ts';

/** One container to run. */
export interface KeptRun {
  /** The container's id: a plain word. */
  readonly id: string;
  /** Its bundle, where its log, its state and its pid file go too. */
  readonly folder: ByteString;
  /** Who owns the pipes of its output. */
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly onOutput: (stream: 1 | 2, data: Buffer) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * A shell that starts the containers of one build. What a leash costs, namespaces and five programs, it costs once, and a
 * start of a runtime is no fork of this large process but of a small one. As with a leash, the kernel ends all that the
 * shell started when this process dies, because they live in its pid namespace.
 */
export interface Keeper {
  /** What it starts. */
  readonly runtime: OciRuntime;
  /**
   * A folder in memory. Overlays that containers run in have to be mounted below it: only such mounts are seen by the shell.
   * What is small, and gone at the end of a run, may be there too.
   */
  readonly folder: ByteString;
  /** Whether the shell has ended, whoever ended it: then it runs nothing more. */
  isOver(): boolean;
  /** Runs a container from start to end; gives the runtime's exit code, or 128 and a signal's number. An abort ends all. */
  run(run: KeptRun): Promise<number>;
}

/** The keeper of a build, opened when it is first needed. */
export interface KeeperSlot {
  /** Undefined where this host cannot have one: then each container has a leash of its own. */
  open(): Promise<Keeper | undefined>;
  /** Ends the shell, and takes away what is mounted for it. To be called when nothing runs any more. */
  close(): Promise<void>;
}

/** For those who run nothing. */
export const NO_KEEPER: KeeperSlot = { open: async () => undefined, close: async () => undefined };

/**
 * The shell's work. Its arguments are a folder, our pid, the descriptor of ours that it answers on, a word for whether to
 * hide the second version of control groups, and the runtime with its options. A line it reads is an id, the descriptors
 * of ours for the output, and a bundle; a line it writes is an id and an exit code.
 */
const SCRIPT = `d=$1 p=$2 s=$3 h=$4; shift 4
mount --bind /proc "$d" && mount -t proc -o nosuid,nodev,noexec proc /proc || exit
[ "$h" = no ] || umount -l /sys/fs/cgroup/unified || exit
exec 3>"$d/$p/fd/$s" || exit
echo ready 0 >&3
while IFS=' ' read -r n o e f; do
  { "$@" --root "$f/state" --log "$f/log" run --bundle "$f" --pid-file "$f/pid" "$n" </dev/null >"$d/$p/fd/$o" 2>"$d/$p/fd/$e" 3>&-; echo "$n $?" >&3; } &
done`;

/** As a killed program: nothing else can be said of it. */
const KILLED = 137;

/**
 * A keeper for the containers of a build, started by the best runtime of this host that `wanted` allows.
 *
 * @param scratch a folder of the build's own, for what is mounted
 */
export function keeperSlot(scratch: ByteString, wanted: RunRuntime): KeeperSlot {
  let opened: Promise<OpenKeeper | undefined> | undefined;
  return {
    open: () => {
      opened ??= openKeeper(`${scratch}/keeper`, wanted);
      return opened;
    },
    close: async () => {
      const keeper = await opened;
      opened = undefined;
      await keeper?.close();
    },
  };
}

interface OpenKeeper extends Keeper {
  close(): Promise<void>;
}

async function openKeeper(folder: ByteString, wanted: RunRuntime): Promise<OpenKeeper | undefined> {
  const runtime = wanted === 'chroot' ? undefined : ociRuntimes(wanted)[0];
  const leash = leashTools();
  if (runtime === undefined || leash === undefined || folder.includes('\n')) return undefined;
  if (!hostCapabilities().caps.has('SYS_ADMIN')) return undefined;
  try {
    share(folder);
  } catch {
    takeAway(folder);
    return undefined;
  }
  const keeper = startShell(folder, leash, runtime);
  if (await keeper.ready) return keeper;
  await keeper.close();
  return undefined;
}

/**
 * Makes a folder whose mounts show in the namespaces that are made later, however the host shares its own. It is in memory:
 * what a container needs beside its files are a dozen folders and files, and to make and remove them on a disk waits for
 * whatever the disk's journal is at.
 */
function share(folder: ByteString): void {
  for (const path of [folder, `${folder}/runs`, `${folder}/proc`]) mkdirSync(fsPath(path), { mode: 0o700 });
  const runs = `${folder}/runs`;
  mount('layerlab', runs, 'tmpfs', 0, 'mode=700');
  mount('none', runs, null, MS_PRIVATE, null);
  mount('none', runs, null, MS_SHARED, null);
}

function takeAway(folder: ByteString): void {
  try {
    unmountBelow(folder);
    for (const path of [`${folder}/runs`, `${folder}/proc`, folder]) rmdirSync(fsPath(path));
  } catch {
    // What is left of it goes with the build's scratch folder, or with the next writer's sweep.
  }
}

function startShell(
  folder: ByteString,
  leash: readonly string[],
  runtime: OciRuntime,
): OpenKeeper & { readonly ready: Promise<boolean> } {
  const answers = outputPipe(undefined);
  const native = fromByteString(folder);
  const [command = '', ...args] = [
    ...leash,
    ...['/bin/sh', '-c', SCRIPT, 'sh', `${native}/proc`, readlinkSync('/proc/self')],
    ...[String(answers.writeFd), hidesUnified(runtime) ? 'yes' : 'no', ...runtimeCommand(runtime)],
  ];
  const child = spawn(command, args, {
    env: HOST_ENVIRONMENT,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  child.stdin.on('error', () => undefined);
  const waiting = new Map<string, (exitCode: number) => void>();
  const ready = new Promise<boolean>((resolve) => {
    waiting.set('ready', (exitCode) => resolve(exitCode === 0));
  });
  let text = '';
  answers.stream.on('data', (data: Buffer) => {
    const lines = (text + data.toString('latin1')).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const [id = '', exitCode = ''] = line.split(' ');
      waiting.get(id)?.(Number(exitCode));
    }
  });
  let over = false;
  ended.then(() => {
    over = true;
    for (const settle of waiting.values()) settle(KILLED);
  });
  const run = async (kept: KeptRun): Promise<number> => {
    if (over) return KILLED;
    const [out, err] = [outputPipe(kept.owner), outputPipe(kept.owner)];
    out.stream.on('data', (data: Buffer) => kept.onOutput(1, data));
    err.stream.on('data', (data: Buffer) => kept.onOutput(2, data));
    const closed = [out, err].map(
      ({ stream }) => new Promise<void>((resolve) => stream.once('close', () => resolve())),
    );
    const kill = (): void => void child.kill('SIGKILL');
    try {
      const exitCode = await new Promise<number>((resolve) => {
        waiting.set(kept.id, resolve);
        kept.signal?.addEventListener('abort', kill, { once: true });
        if (kept.signal?.aborted === true) kill();
        child.stdin.write(`${kept.id} ${out.writeFd} ${err.writeFd} ${fromByteString(kept.folder)}\n`);
      });
      // The shell and what it started have had their own of these for long.
      closeSync(out.writeFd);
      closeSync(err.writeFd);
      await Promise.all(closed);
      return exitCode;
    } finally {
      kept.signal?.removeEventListener('abort', kill);
      waiting.delete(kept.id);
      out.stream.destroy();
      err.stream.destroy();
    }
  };
  const close = async (): Promise<void> => {
    child.stdin.end();
    await endOf(child, ended);
    closeSync(answers.writeFd);
    answers.stream.destroy();
    takeAway(folder);
  };
  return { runtime, folder: `${folder}/runs`, isOver: () => over, run, ready, close };
}

/** How long a shell that has nothing to do any more may take to end. */
const PATIENCE_MS = 2000;

async function endOf(child: ChildProcess, ended: Promise<void>): Promise<void> {
  const timer = setTimeout(() => void child.kill('SIGKILL'), PATIENCE_MS);
  await ended;
  clearTimeout(timer);
}
