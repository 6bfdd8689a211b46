import { closeSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type ByteString, fromByteString, fsPath } from '../../formats/bytestring.ts';
import { randomHex } from '../../formats/random.ts';
import { memoryFile } from '../../host/syscalls.ts';
import { removeTree } from '../../store/remove-tree.ts';
import { type BundleInput, bundleConfig } from './bundle.ts';
import { HOST_ENVIRONMENT, runChild } from './child.ts';
import { cgroupPathOf, controlGroups, findTool, leashPrefix, removeCgroups } from './host-tools.ts';
import type { Keeper, KeptEnd } from './keeper.ts';
import { noPrivatePlace, type PrivateFile, privateFilesScript, privateFolder } from './private-files.ts';
import type { Tidying } from './tidying.ts';

/** One way to start a container. */
export interface OciRuntime {
  readonly name: 'crun' | 'runc';
  readonly path: string;
  /** Whether it makes a control group, which is what keeps a container from opening device nodes it makes. */
  readonly cgroups: boolean;
}

export type OciOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** The command could not be executed by the kernel, e.g. `exec /x: exec format error`. */
  | { readonly kind: 'not-executed'; readonly message: string }
  /** The runtime gave up before the command started. */
  | { readonly kind: 'failed'; readonly message: string };

/** The runtimes of this host, best first: crun starts a container in half of runc's time. */
export function ociRuntimes(wanted: 'auto' | 'crun' | 'runc'): readonly OciRuntime[] {
  const found: OciRuntime[] = [];
  const { writable } = controlGroups();
  const crun = wanted === 'runc' ? undefined : findTool('crun');
  const runc = wanted === 'crun' ? undefined : findTool('runc');
  if (crun !== undefined && writable) found.push({ name: 'crun', path: crun, cgroups: true });
  if (runc !== undefined) found.push({ name: 'runc', path: runc, cgroups: true });
  if (crun !== undefined) found.push({ name: 'crun', path: crun, cgroups: false });
  return found;
}

/** A plain word that no other container has. */
export function newContainerId(): string {
  return `layerlab-${randomHex(8)}`;
}

/** A runtime with the options that are the same for all containers. */
export function runtimeCommand({ name, path, cgroups }: OciRuntime): readonly string[] {
  const manager = name === 'crun' ? [`--cgroup-manager=${cgroups ? 'cgroupfs' : 'disabled'}`] : [];
  return [path, '--log-format', 'json', ...manager];
}

/** Whether a runtime must not see the second of two versions of control groups. */
export function hidesUnified({ name }: OciRuntime): boolean {
  return name === 'crun' && controlGroups().layout === 'hybrid';
}

/** crun 1.8 refuses a host with both cgroup versions mounted; in its own mount namespace it need not see the second. */
const HIDE_UNIFIED = 'umount -l /sys/fs/cgroup/unified; exec "$@"';

const CRUN_EXEC = /exec container process (?:\(missing dynamic library\?\) )?`(.*)`: ([A-Z].*)$/s;
const RUNC_EXEC =
  /^exec .*: (?:exec format error|no such file or directory|permission denied|argument list too long)\n$/;
/** As much of the first output as an exec failure may be long. */
const HELD = 8192;

/**
 * Runs a container from start to end. `scratchDir` is there; nothing is left in it. With `files` (also none) the bundle
 * itself and these lie in the private folder, which no disk holds. With `tidying`, what is left of a command of the keeper's
 * that exited with 0 is put off. Throws LL_RUN_IMPOSSIBLE where there can be none.
 */
export async function runContainer(
  runtime: OciRuntime,
  input: Omit<BundleInput, 'cgroupsPath'>,
  scratchDir: ByteString,
  files: readonly PrivateFile[] | undefined,
  onOutput: (stream: 1 | 2, data: Buffer) => void,
  signal: AbortSignal | undefined,
  keeper?: Keeper,
  tidying?: Tidying,
): Promise<OciOutcome> {
  const kept = keeper !== undefined && isKept(keeper, runtime, files, input.insecure) ? keeper.container() : undefined;
  const id = kept?.id ?? newContainerId();
  const folder = kept?.folder ?? `${scratchDir}/${id}`;
  const native = fromByteString(folder);
  const prefix = kept === undefined ? await leashPrefix() : [];
  if (files !== undefined && prefix.length === 0) throw noPrivatePlace();
  if (kept === undefined) mkdirSync(fsPath(folder), { mode: 0o700 });
  let clean = false;
  let memory: number | undefined;
  let later = false;
  const tidyUp = async (): Promise<void> => {
    if (memory !== undefined) closeSync(memory);
    if (!clean && prefix.length === 0 && kept === undefined) await forceDelete(runtime, native, id);
    if (!clean || kept?.leavesGroups === true) removeCgroups(id);
    removeTree(folder);
  };
  try {
    const cgroupsPath = runtime.cgroups && (kept === undefined || !keeper?.grouped) ? cgroupPathOf(id) : undefined;
    const config = JSON.stringify(bundleConfig({ ...input, cgroupsPath }));
    if (files === undefined && kept === undefined) writeFileSync(fsPath(`${folder}/config.json`), config);
    const hidden = files === undefined ? undefined : hide(scratchDir, config, files);
    memory = hidden?.memory;
    const bundle = hidden?.folder ?? native;
    const oneVersion = prefix.length > 0 && hidesUnified(runtime);
    const options = ['--root', `${bundle}/state`, '--log', `${native}/log`];
    const [command = runtime.path, ...args] = [
      ...prefix,
      ...(hidden?.words ?? []),
      ...(oneVersion ? ['/bin/sh', '-c', HIDE_UNIFIED, 'sh'] : []),
      ...runtimeCommand(runtime),
      ...options,
      ...['run', '--bundle', bundle, '--pid-file', `${native}/pid`, id],
    ];
    const output = holdComplaint(onOutput, () => lastError(`${folder}/log`) !== undefined);
    const [owner, env] = [input.user, HOST_ENVIRONMENT];
    const { exitCode, drained } = await (kept === undefined
      ? withoutRest(runChild({ command, args, env, owner, input: memory, onOutput: output.take, signal }))
      : kept.run({ config, owner, onOutput: output.take, signal }));
    clean = exitCode < 128;
    if (exitCode === 0 && kept !== undefined && tidying !== undefined) {
      later = true;
      tidying.add(async () => {
        await drained;
        output.release();
      });
      tidying.add(tidyUp);
      return { kind: 'exited', exitCode };
    }
    await drained;
    const held = output.held();
    const failure = held === undefined ? undefined : execFailure(held);
    if (failure !== undefined && exitCode === 1) return { kind: 'not-executed', message: failure };
    const complaint = lastError(`${folder}/log`);
    if (complaint !== undefined && exitCode !== 0) return { kind: 'failed', message: complaint };
    // A runtime that cannot even run says so in its own way, and never wrote down whom it started.
    if (exitCode !== 0 && !existsSync(fsPath(`${folder}/pid`))) {
      return { kind: 'failed', message: held?.trim() || `exit code ${exitCode}` };
    }
    output.release();
    return { kind: 'exited', exitCode };
  } finally {
    if (!later) await tidyUp();
  }
}

/** A program whose output has come to its end when it is known how it ended. */
async function withoutRest(program: Promise<number>): Promise<KeptEnd> {
  return { exitCode: await program, drained: Promise.resolve() };
}

/** What is in the private folder has to vanish with its command: that needs namespaces of its own. */
function isKept(
  keeper: Keeper,
  runtime: OciRuntime,
  files: readonly PrivateFile[] | undefined,
  insecure: boolean,
): boolean {
  const { name, cgroups } = keeper.runtime;
  // What may use all devices has to be in another group than the rest.
  if (files !== undefined || keeper.isOver() || (insecure && keeper.grouped)) return false;
  return name === runtime.name && cgroups === runtime.cgroups;
}

/** The private folder of a container, and the words and the open file by which it comes to hold its files. */
interface HiddenBundle {
  readonly folder: string;
  readonly words: readonly string[];
  readonly memory: number;
}

function hide(scratchDir: ByteString, config: string, files: readonly PrivateFile[]): HiddenBundle {
  const path = privateFolder(scratchDir);
  mkdirSync(fsPath(path), { recursive: true, mode: 0o700 });
  const bundle = { name: 'config.json', data: Buffer.from(config), mode: 0o600, uid: 0, gid: 0 };
  const { script, input } = privateFilesScript([bundle, ...files]);
  const folder = fromByteString(path);
  return { folder, words: ['/bin/sh', '-c', script, 'sh', folder], memory: memoryFile(input) };
}

/** Ends what outlives a killed runtime where no leash held it. */
async function forceDelete(runtime: OciRuntime, folder: string, id: string): Promise<void> {
  const args = ['--root', `${folder}/state`, 'delete', '--force', id];
  await runChild({ command: runtime.path, args, env: HOST_ENVIRONMENT, onOutput: () => {} });
}

interface HeldOutput {
  readonly take: (stream: 1 | 2, data: Buffer) => void;
  /** What is held back: all the output there was; undefined once something was let through. */
  readonly held: () => string | undefined;
  readonly release: () => void;
}

/**
 * Lets output through at once, but for what a runtime itself says on standard error: it has nothing else left when the
 * kernel refuses to execute the command, and repeats there what it logs. The command has said nothing before that.
 */
function holdComplaint(onOutput: (stream: 1 | 2, data: Buffer) => void, hasLogged: () => boolean): HeldOutput {
  let held: Buffer[] | undefined = [];
  let size = 0;
  const release = (): void => {
    for (const data of held ?? []) onOutput(2, data);
    held = undefined;
  };
  const isComplaint = (first: Buffer): boolean => {
    const start = first.toString('latin1', 0, 5);
    return start === '{"msg' || start === 'exec ' || hasLogged();
  };
  const take = (stream: 1 | 2, data: Buffer): void => {
    if (held !== undefined) {
      size += data.length;
      if (stream === 2 && size <= HELD && (held.length > 0 || isComplaint(data))) {
        held.push(data);
        return;
      }
      release();
    }
    onOutput(stream, data);
  };
  return { take, held: () => (held === undefined ? undefined : Buffer.concat(held).toString('utf8')), release };
}

/** runc's words for a command that could not be executed, of either runtime's own. */
function execFailure(text: string): string | undefined {
  if (RUNC_EXEC.test(text)) return text.trimEnd();
  const crun = CRUN_EXEC.exec(messageOf(text) ?? '');
  if (crun === null) return undefined;
  const [, path = '', why = ''] = crun;
  return `exec ${path}: ${why.charAt(0).toLowerCase()}${why.slice(1)}`;
}

function messageOf(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { msg, level } = value as { msg?: unknown; level?: unknown };
    return typeof msg === 'string' && (level === 'error' || level === 'fatal') ? msg : undefined;
  } catch {
    return undefined;
  }
}

function lastError(log: ByteString): string | undefined {
  let text: string;
  try {
    text = readFileSync(fsPath(log), 'utf8');
  } catch {
    return undefined;
  }
  return text
    .split('\n')
    .map(messageOf)
    .findLast((message) => message !== undefined);
}
