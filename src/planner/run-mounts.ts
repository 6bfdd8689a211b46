import { LayerlabError } from '../errors/layerlab-error.ts';
import type { RunInstruction } from '../parser/instruction.ts';
import { InstructionProblem } from '../parser/parse-error.ts';
import { parseRunMount, type RunMount, runMountFrom } from '../parser/parse-run-mount.ts';
import type { DockerfileSyntax } from '../profiles/dockerfile-syntax.ts';
import { findSourceBuildkit, progressImageName, type StageGraph } from './stage-graph.ts';
import type { MountSource, PlannedMount } from './step.ts';
import { joinPath } from './unix-path.ts';

/** What the planning of a RUN's mounts needs to know around it. */
export interface MountSurroundings {
  readonly graph: StageGraph;
  readonly workingDir: string;
  /** BUILDKIT_CACHE_MOUNT_NS: keeps caches of one id apart. */
  readonly cacheNamespace: string;
  /** See PlanOptions. */
  readonly checksOnly: boolean;
}

/**
 * What a `from=` names: as for `COPY --from`, but that BuildKit takes a number for an image's name there, and `scratch` for
 * nothing at all.
 */
export function findMountSource(from: string, graph: StageGraph): MountSource {
  if (/^[-+]?\d+$/.test(from)) return { kind: 'image', reference: from };
  const source = findSourceBuildkit(from, graph);
  return source.kind === 'image' && source.reference === 'scratch' ? { kind: 'scratch' } : source;
}

/** The stages that a RUN mounts. */
export function mountedStages(run: RunInstruction, graph: StageGraph): readonly number[] {
  return run.mounts.flatMap((text) => {
    const from = runMountFrom(text);
    const source = from === '' ? undefined : findMountSource(from, graph);
    return source?.kind === 'stage' ? [source.index] : [];
  });
}

/** Parses the mounts of a RUN. Throws LL_PARSE in docker's words. */
export function expandRunMounts(
  run: RunInstruction,
  expand: (word: string) => string,
  syntax: DockerfileSyntax,
): readonly RunMount[] {
  const take = syntax.mounts.expanded ? expand : (word: string): string => word;
  try {
    return run.mounts.map((text) => parseRunMount(text, take, syntax));
  } catch (error) {
    if (!(error instanceof InstructionProblem)) throw error;
    throw new LayerlabError('LL_PARSE', error.message, {
      hint: 'See https://docs.docker.com/reference/dockerfile/#run---mount for the options of each type.',
    });
  }
}

const SECRET_MODE = 0o400;
const SOCKET_MODE = 0o600;
const CACHE_MODE = 0o755;
/** Permission bits as Go's os.FileMode takes a number: what is above them has another meaning there, and is lost. */
const PERMISSIONS = 0o777;
/** A cache is made by mkdir, with the daemon's umask. */
const UMASK = 0o022;

/**
 * What the mounts of a RUN come to (buildkit dockerfile2llb/convert_runmount.go, convert_secrets.go, convert_ssh.go), in the
 * order of mounting: by their targets, then secrets, then agents. Throws LL_PARSE in docker's words.
 */
export function planRunMounts(mounts: readonly RunMount[], around: MountSurroundings): readonly PlannedMount[] {
  let sockets = 0;
  const planned = mounts.map((mount): PlannedMount => {
    if (mount.type === 'secret') return secretMount(mount, around);
    if (mount.type === 'ssh') return sshMount(mount, around, sockets++);
    return fileMount(mount, around);
  });
  // Two at one place: the later one is mounted later and hides the other.
  const files = planned.filter(({ kind }) => FILES.has(kind)).sort(compareTargets);
  return [...files, ...['secret', 'ssh'].flatMap((kind) => planned.filter((mount) => mount.kind === kind))];
}

const FILES: ReadonlySet<string> = new Set(['bind', 'cache', 'tmpfs']);

function compareTargets({ target: a = '' }: PlannedMount, { target: b = '' }: PlannedMount): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function absolute(target: string, workingDir: string): string {
  return target.startsWith('/') ? joinPath(target) : joinPath('/', workingDir, target);
}

function fileMount(mount: RunMount, around: MountSurroundings): PlannedMount {
  const { type, readonly, size } = mount;
  const target = absolute(mount.target, around.workingDir);
  // BuildKit looks at this before WORKDIR comes in only where nothing is left of the path.
  if (target === '/' || mount.target === '') throw new LayerlabError('LL_PARSE', 'invalid mount target "/"');
  const source = joinPath('/', mount.source);
  if (type === 'tmpfs') return { kind: 'tmpfs', target, readonly, size, source };
  const from = sourceOf(mount, around.graph);
  if (type !== 'cache') return { kind: 'bind', target, readonly, from, source };
  const { mode, uid, gid } = mount;
  const owned = source === '/' && (mode !== undefined || uid !== undefined || gid !== undefined);
  return {
    ...{ kind: 'cache', target, readonly, from: owned ? { kind: 'scratch' } : from, source },
    id: mount.id === '' ? joinPath(mount.target) : mount.id,
    namespace: around.cacheNamespace,
    sharing: mount.sharing ?? 'shared',
    owner: owned ? { mode: (mode ?? CACHE_MODE) & PERMISSIONS & ~UMASK, uid: uid ?? 0, gid: gid ?? 0 } : undefined,
  };
}

function sourceOf({ from, type }: RunMount, graph: StageGraph): MountSource {
  if (from === '') return type === 'cache' ? { kind: 'scratch' } : { kind: 'context' };
  const source = findMountSource(from, graph);
  if (source.kind === 'image') progressImageName(source.reference, graph.profile);
  return source;
}

function baseName(path: string): string {
  return joinPath(path).replace(/^.*\//, '') || '/';
}

function secretMount(mount: RunMount, { workingDir, checksOnly }: MountSurroundings): PlannedMount {
  const { required, env, mode, uid, gid } = mount;
  const id = mount.source || mount.id || baseName(mount.target);
  const given = mount.target === '' ? undefined : absolute(mount.target, workingDir);
  const target = given ?? (env === undefined ? `/run/secrets/${baseName(id)}` : undefined);
  if (target === '/' && !checksOnly) throw new LayerlabError('LL_PARSE', 'invalid mount type SECRET for /');
  return {
    ...{ kind: 'secret', id, target, env, required },
    ...{ mode: (mode ?? SECRET_MODE) & PERMISSIONS, uid: uid ?? 0, gid: gid ?? 0 },
  };
}

function sshMount(mount: RunMount, { workingDir, checksOnly }: MountSurroundings, number: number): PlannedMount {
  const { required, mode, uid, gid } = mount;
  const target = mount.target === '' ? `/run/buildkit/ssh_agent.${number}` : absolute(mount.target, workingDir);
  if (target === '/' && !checksOnly) throw new LayerlabError('LL_PARSE', 'invalid mount type SSH for /');
  return {
    ...{ kind: 'ssh', id: mount.id, target, number, required },
    ...{ mode: (mode ?? SOCKET_MODE) & PERMISSIONS, uid: uid ?? 0, gid: gid ?? 0 },
  };
}
