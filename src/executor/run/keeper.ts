import { closeSync, constants, mkdirSync, openSync, rmdirSync, writeSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { hostCapabilities } from '../../host/capabilities.ts';
import { unmountBelow } from '../../host/overlay-mount.ts';
import { endOfProcess, spawnProcess } from '../../host/spawn-process.ts';
import { MS_PRIVATE, MS_SHARED, makePipe, makeRoomForFiles, mount } from '../../host/syscalls.ts';
import { removeTree } from '../../store/remove-tree.ts';
import { openAnswers } from './answers.ts';
import { HOST_ENVIRONMENT } from './child.ts';
import { makeGate, openGate, passGate, writeConfig } from './config-gate.ts';
import { type Hearing, openHearing } from './hearing.ts';
import { leashTools, membersFile } from './host-tools.ts';
import { type LatePipe, openLatePipe } from './late-pipe.ts';
import { mayLeaveGroups } from './left-groups.ts';
import { hidesUnified, newContainerId, type OciRuntime, ociRuntimes, runtimeCommand } from './oci-runtime.ts';
import type { RunRuntime } from './run-spec.ts';
import { sealedRuntime } from './sealed-runtime.ts';
import { makeSharedGroup, type SharedGroup } from './shared-group.ts';

/** What a container is to do. */
export interface KeptRun {
  /** The text of its config.json. */
  readonly config: string;
  /** Who owns the pipes of its output. */
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly onOutput: (stream: 1 | 2, data: Buffer) => void;
  readonly signal: AbortSignal | undefined;
}

/** A container that is to be run once. */
export interface KeptContainer {
  readonly id: string;
  /** Its bundle, where its log, its state and its pid file go too. The caller removes it at the end. */
  readonly folder: ByteString;
  /** Whether its runtime leaves its control groups to the caller. */
  readonly leavesGroups: boolean;
  /** Runs it from start to end. An abort ends all of the keeper's. */
  run(run: KeptRun): Promise<KeptEnd>;
}

/** How a container ended. */
export interface KeptEnd {
  /** The runtime's exit code, or 128 and a signal's number. */
  readonly exitCode: number;
  /** Kept when the last of its output has been handed on. */
  readonly drained: Promise<void>;
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
  /** Whether all its containers are in one control group, and need none of their own. */
  readonly grouped: boolean;
  /** Whether the shell has ended, whoever ended it: then it runs nothing more. */
  isOver(): boolean;
  /** A new container. Where more are expected, its runtime may have been started ahead, and wait for its config. */
  container(): KeptContainer;
}

/** The keeper of a build, opened when it is first needed. */
export interface KeeperSlot {
  /** Undefined where this host cannot have one: then each container has a leash of its own. */
  open(): Promise<Keeper | undefined>;
  /** Says how many commands the build may have to run, before the first of them. */
  expect(runs: number): void;
  /** Tells the shell to end, and does not wait for that. To be called when nothing is to run any more. */
  dismiss(): void;
  /** Ends the shell, and takes away what is mounted for it. To be called when nothing runs any more. */
  close(): Promise<void>;
}

/** For those who run nothing. */
export const NO_KEEPER: KeeperSlot = {
  open: async () => undefined,
  expect: () => undefined,
  dismiss: () => undefined,
  close: async () => undefined,
};

/**
 * The shell's work. It answers on its descriptor 3, and finds our open files in the folder of descriptor 4: its own /proc does not know us. Its
 * arguments are a word for whether to hide the second version of control groups, the files by which to enter a control group, if any, the
 * file to keep entering quick by (`membersFile`), if any, and the runtime with its options. The first line it reads is the descriptor of ours that is a
 * sealed copy of the runtime, if any; all others are an id, the descriptors of ours for the output, whether it is the last, whether to keep what is left
 * of the container (`leavesGroups`), and a bundle; a line it writes is an id and an exit code.
 */
const SCRIPT = `h=$1 g=$2 w=$3 d=/proc/$$/fd/4; shift 3
cd / || exit
[ "$h" = no ] || umount -l /sys/fs/cgroup/unified || exit
for m in $g; do echo 0 >"$m" || exit; done
IFS= read -r x || exit
[ -z "$x" ] || [ ! -x "$d/$x" ] || { shift; set -- "$d/$x" "$@"; }
echo ready 0 >&3
while IFS=' ' read -r n o e l k f; do
  [ "$k" = keep ] && k=--keep || k=
  { "$@" --root "$f/state" --log "$f/log" run --bundle "$f" --pid-file "$f/pid" $k "$n" </dev/null >"$d/$o" 2>"$d/$e" 3>&- 4>&-; echo "$n $?" >&3; [ "$l" = last ] || [ -z "$w" ] || echo 0 >"$w"; } &
done`;

/**
 * A keeper for the containers of a build, started by the best runtime of this host that `wanted` allows.
 *
 * @param scratch a folder of the build's own, for what is mounted
 */
export function keeperSlot(scratch: ByteString, wanted: RunRuntime): KeeperSlot {
  let opened: Promise<OpenKeeper | undefined> | undefined;
  let closing: Promise<void> = Promise.resolve();
  let expected = 0;
  return {
    open: () => {
      opened ??= openKeeper(`${scratch}/keeper`, wanted, expected);
      return opened;
    },
    expect: (runs) => {
      expected = runs;
    },
    dismiss: () => {
      // Whoever closes it hears of what was wrong with it.
      opened?.then((keeper) => keeper?.dismiss()).catch(() => undefined);
    },
    close: () => {
      const last = opened;
      opened = undefined;
      // Whoever closes it once more waits for the same end: what is mounted for it must be gone before its folder is removed.
      closing = Promise.all([closing, last?.then((keeper) => keeper?.close())]).then(() => undefined);
      return closing;
    },
  };
}

interface OpenKeeper extends Keeper {
  dismiss(): void;
  close(): Promise<void>;
}

async function openKeeper(folder: ByteString, wanted: RunRuntime, expected: number): Promise<OpenKeeper | undefined> {
  const runtime = wanted === 'chroot' ? undefined : ociRuntimes(wanted)[0];
  const leash = leashTools();
  if (runtime === undefined || leash === undefined || folder.includes('\n')) return undefined;
  if (!hostCapabilities().caps.has('SYS_ADMIN')) return undefined;
  const { name, cgroups } = runtime;
  const group = name === 'crun' && cgroups && expected > 1 ? makeSharedGroup(newContainerId()) : undefined;
  const tryOpen = async (around: SharedGroup | undefined): Promise<OpenKeeper | undefined> => {
    try {
      share(folder);
    } catch {
      takeAway(folder);
      around?.remove();
      return undefined;
    }
    const keeper = startShell(folder, leash, runtime, expected, around);
    if (await keeper.ready) return keeper;
    await keeper.close();
    return undefined;
  };
  // While the shell gets ready.
  if (expected >= MANY_RUNS) makeRoomForFiles(OPEN_FILES).catch(() => undefined);
  // A group that nobody can enter is none.
  return (group === undefined ? undefined : await tryOpen(group)) ?? tryOpen(undefined);
}

/**
 * Makes a folder whose mounts show in the namespaces that are made later, however the host shares its own. It is in memory:
 * what a container needs beside its files are a dozen folders and files, and to make and remove them on a disk waits for
 * whatever the disk's journal is at.
 */
function share(folder: ByteString): void {
  const runs = `${folder}/runs`;
  for (const path of [folder, runs]) mkdirSync(fsPath(path), { mode: 0o700 });
  mount('layerlab', runs, 'tmpfs', 0, 'mode=700');
  mount('none', runs, null, MS_PRIVATE, null);
  mount('none', runs, null, MS_SHARED, null);
}

function takeAway(folder: ByteString): void {
  try {
    unmountBelow(folder);
    for (const path of [`${folder}/runs`, folder]) rmdirSync(fsPath(path));
  } catch {
    // What is left of it goes with the build's scratch folder, or with the next writer's sweep.
  }
}

function startShell(
  folder: ByteString,
  leash: readonly string[],
  runtime: OciRuntime,
  expected: number,
  group: SharedGroup | undefined,
): OpenKeeper & { readonly ready: Promise<boolean> } {
  let pid: number | undefined;
  const hearing = openHearing();
  const answers = openAnswers(hearing, () => {
    if (pid !== undefined) endOfProcess(pid);
    pid = undefined;
  });
  const orders = makePipe();
  const [command = '', ...args] = [
    ...[...leash, '--mount-proc', '/bin/sh', '-c', SCRIPT, 'sh', hidesUnified(runtime) ? 'yes' : 'no'],
    ...[(group?.members ?? []).join(' '), group === undefined && runtime.cgroups ? membersFile() : ''],
    ...runtimeCommand(group === undefined ? runtime : { ...runtime, cgroups: false }),
  ];
  try {
    const ours = openSync('/proc/self/fd', constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      pid = spawnProcess({
        command,
        args,
        env: HOST_ENVIRONMENT,
        files: [orders.readFd, null, null, answers.writeFd, ours],
      });
    } finally {
      closeSync(ours);
    }
  } catch {
    // Then it has ended before it began.
  }
  closeSync(orders.readFd);
  // It and what it starts have the other end, and nobody else.
  answers.closeWriting();
  const kill = (): void => {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  };
  let listens = true;
  const order = (line: string): void => {
    try {
      if (listens) writeSync(orders.writeFd, line);
    } catch {
      // It has ended: whoever waits for an answer hears of that.
    }
  };
  // While the shell gets ready.
  const sealed = sealedRuntime(runtime, expected);
  order(`${sealed ?? ''}\n`);
  const ready = hearing.attend(answers.of('ready')).then((exitCode) => exitCode === 0);
  const runs = `${folder}/runs`;
  let started = 0;
  /** Has the shell start a runtime in a bundle that is there. */
  const start = (id: string, { out, err }: Pipes, leavesGroups: boolean): Promise<number> => {
    started += 1;
    const how = `${started < expected ? 'more' : 'last'} ${leavesGroups ? 'keep' : 'remove'}`;
    const answer = answers.of(id);
    order(`${id} ${out.writeFd} ${err.writeFd} ${how} ${fromByteString(`${runs}/${id}`)}\n`);
    return answer;
  };
  /** Containers that were given something to do. */
  let begun = 0;
  let untilListening: NodeJS.Timeout | undefined;
  /** Streams are loaded when there is nothing better to do, or when that pays: the first of many containers at once are looked at. */
  const listenLater = (ms: number): void => {
    untilListening = setTimeout(() => {
      if (ms === SOON_MS && begun > 1) listenLater(LATER_MS);
      else hearing.listen();
    }, ms);
  };
  let spare: Started | undefined;
  /** Whether the runtimes that are started from now on leave their groups. It takes some milliseconds to know. */
  let leaves = false;
  let asked = false;
  const ask = (): void => {
    if (asked || sealed === undefined) return;
    asked = true;
    leaves = mayLeaveGroups(runtime);
  };
  /** Starts the runtime of a container that is to come, as far as it gets without knowing what to do. */
  const startSpare = (): void => {
    if (answers.isOver() || spare !== undefined || started >= expected) return;
    const id = newContainerId();
    try {
      mkdirSync(fsPath(`${runs}/${id}`), { mode: 0o700 });
      makeGate(`${runs}/${id}`);
      const pipes = openPipes();
      spare = { id, pipes, leavesGroups: leaves, exit: start(id, pipes, leaves) };
    } catch {
      // Then each starts when it is needed.
      removeTree(`${runs}/${id}`);
    }
  };
  const container = (): KeptContainer => {
    const gate = spare === undefined ? undefined : openGate(`${runs}/${spare.id}`);
    const taken = gate === undefined ? undefined : spare;
    if (taken !== undefined) spare = undefined;
    const id = taken?.id ?? newContainerId();
    const bundle = `${runs}/${id}`;
    const leavesGroups = taken?.leavesGroups ?? leaves;
    if (taken === undefined) mkdirSync(fsPath(bundle), { mode: 0o700 });
    const run = async ({ config, owner, onOutput, signal }: KeptRun): Promise<KeptEnd> => {
      const pipes = taken?.pipes ?? openPipes();
      // A listener of this run's own: of two that are the same one, a signal keeps one, and forgets it with the first run.
      const abort = (): void => kill();
      try {
        signal?.addEventListener('abort', abort, { once: true });
        if (signal?.aborted === true) kill();
        for (const pipe of [pipes.out, pipes.err]) pipe.giveTo(owner);
        if (gate === undefined) writeConfig(bundle, config);
        else passGate(bundle, gate, config);
        const exit = taken?.exit ?? start(id, pipes, leavesGroups);
        begun += 1;
        if (begun === 1) listenLater(SOON_MS);
        const drained = hear(hearing, pipes, onOutput).finally(pipes.close);
        drained.catch(() => undefined);
        startSpare();
        ask();
        const exitCode = await hearing.attend(exit);
        // The shell and what it started have had their own of these for long.
        pipes.closeWriting();
        hearing.look();
        return { exitCode, drained: hearing.attend(drained) };
      } catch (error) {
        pipes.close();
        throw error;
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    };
    return { id, folder: bundle, leavesGroups, run };
  };
  ready.then((isReady) => {
    if (isReady) startSpare();
  });
  const dismiss = (): void => {
    if (listens) closeSync(orders.writeFd);
    listens = false;
  };
  const close = async (): Promise<void> => {
    dismiss();
    clearTimeout(untilListening);
    const timer = setTimeout(kill, PATIENCE_MS);
    await hearing.attend(answers.ended);
    clearTimeout(timer);
    if (spare !== undefined) spare.pipes.close();
    if (sealed !== undefined) closeSync(sealed);
    group?.remove();
    takeAway(folder);
  };
  const { isOver } = answers;
  return { runtime, grouped: group !== undefined, folder: runs, isOver, container, ready, dismiss, close };
}

/** The pipes of a container's output. */
interface Pipes {
  readonly out: LatePipe;
  readonly err: LatePipe;
  /** Closes our own ends for writing: without it no pipe comes to its end. */
  closeWriting(): void;
  /** Closes all of it. */
  close(): void;
}

/** A runtime that was started before anybody knew what for. */
interface Started {
  readonly id: string;
  readonly pipes: Pipes;
  readonly leavesGroups: boolean;
  readonly exit: Promise<number>;
}

function openPipes(): Pipes {
  const [out, err] = [openLatePipe(), openLatePipe()];
  const both = (work: (pipe: LatePipe) => void) => (): void => [out, err].forEach(work);
  return { out, err, closeWriting: both((pipe) => pipe.closeWriting()), close: both((pipe) => pipe.close()) };
}

/** Hands on what comes out of pipes; settles when both have come to their end. */
async function hear(hearing: Hearing, { out, err }: Pipes, onOutput: KeptRun['onOutput']): Promise<void> {
  await Promise.all([hearing.of(out, (data) => onOutput(1, data)), hearing.of(err, (data) => onOutput(2, data))]);
}

/** A container alone says nothing sooner; several are done much later, or are many. */
const [SOON_MS, LATER_MS] = [8, 250];
/** So many may have more files open at the same time than the kernel has room for without waiting: each has four. */
const [MANY_RUNS, OPEN_FILES] = [6, 512];
/** How long a shell that has nothing to do any more may take to end. */
const PATIENCE_MS = 2000;
