import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { goQuote } from '../../formats/go-quote.ts';
import { hostCapabilities } from '../../host/capabilities.ts';
import { unmountBelow } from '../../host/overlay-mount.ts';
import type { PlannedBindMount, PlannedCacheMount, PlannedMount, RunAction } from '../../planner/step.ts';
import { type CacheMount, type CacheMountRequest, cacheMountKey, openCacheMount } from '../../store/cache-mounts.ts';
import type { BuildEnv } from '../build-env.ts';
import { commandFailed } from '../run/command-failed.ts';
import type { RunMountSpec } from '../run/run-spec.ts';
import { type AgentProxy, listenForAgent } from './agent-proxy.ts';
import type { BuildSecrets } from './build-secrets.ts';
import { cacheSeed } from './mount-key.ts';
import { copySource, findMount, missingSource, placeMount, type StackOf } from './mount-sources.ts';

/** The mounts of a RUN, ready for it. */
export interface OpenMounts {
  readonly mounts: readonly RunMountSpec[];
  /** Variables, `K=V`: of the agent's socket, in front of the image's own. */
  readonly env: readonly string[];
  /** Variables with secrets in them. */
  readonly secretEnv: readonly string[];
  /** Unmounts, unlocks and stops what was made; what was written into a cache stays. */
  release(): Promise<void>;
}

interface Work {
  readonly env: BuildEnv;
  readonly action: RunAction;
  readonly stackOf: StackOf;
  readonly secrets: BuildSecrets;
  readonly folder: ByteString;
  readonly caches: Map<string, CacheMount>;
  readonly agents: AgentProxy[];
}

/**
 * Makes ready what a RUN mounts, in `folder`, which is made and removed with it. Waits for caches that others have locked.
 *
 * @throws LL_BUILD_FAILED for a required secret or agent that was not given, LL_RUN_FAILED for a source that is not there,
 *   both in BuildKit's words; LL_INTERRUPTED
 */
export async function openMounts(
  env: BuildEnv,
  action: RunAction,
  stackOf: StackOf,
  secrets: BuildSecrets,
  folder: ByteString,
): Promise<OpenMounts> {
  const work: Work = { env, action, stackOf, secrets, folder, caches: new Map(), agents: [] };
  const release = async (): Promise<void> => {
    for (const agent of work.agents) await agent.close();
    if (hostCapabilities().caps.has('SYS_ADMIN')) unmountBelow(folder);
    for (const cache of work.caches.values()) cache.release();
  };
  try {
    mkdirSync(fsPath(folder), { recursive: true, mode: 0o700 });
    const planned = action.mounts ?? [];
    await lockCaches(work, planned);
    const mounts: RunMountSpec[] = [];
    const secretEnv: string[] = [];
    for (const [index, mount] of planned.entries()) {
      if (mount.kind === 'secret') secretEnv.push(...secretVariable(work, mount));
      const spec = await openOne(work, mount, `${folder}/${index}`);
      if (spec !== undefined) mounts.push(spec);
    }
    const sockets = planned.flatMap((mount) => (mount.kind === 'ssh' ? [mount] : []));
    const first = sockets.find(({ number }) => number === 0);
    const set = action.env.some((entry) => entry.startsWith('SSH_AUTH_SOCK='));
    const own = first === undefined || set ? [] : [`SSH_AUTH_SOCK=${first.target}`];
    return { mounts, env: own, secretEnv, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function openOne(work: Work, mount: PlannedMount, folder: ByteString): Promise<RunMountSpec | undefined> {
  switch (mount.kind) {
    case 'bind':
      return openBind(work, mount, folder);
    case 'cache': {
      const { path, isFile } = work.caches.get(cacheMountKey(requestOf(work, mount))) as CacheMount;
      return { kind: 'path', target: mount.target, source: path, isFile, readonly: mount.readonly, kept: true };
    }
    case 'tmpfs': {
      if (mount.source !== '/') throw cannotOpen(work, mount.source);
      const { target, readonly, size } = mount;
      return { kind: 'tmpfs', target, readonly, size };
    }
    case 'secret': {
      const { target, mode, uid, gid } = mount;
      const data = work.secrets.secret(mount.id);
      return target === undefined || data === undefined ? undefined : { kind: 'secret', target, data, mode, uid, gid };
    }
    default: {
      const agent = await work.secrets.agent(mount.id === '' ? 'default' : mount.id);
      if (agent === undefined) {
        if (!mount.required) return undefined;
        throw notGiven(`no SSH key ${goQuote(mount.id)} forwarded from the client`, `--ssh ${mount.id || 'default'}`);
      }
      mkdirSync(fsPath(folder), { mode: 0o700 });
      work.agents.push(await listenForAgent(folder, 'agent', mount, agent));
      return { kind: 'socket', target: mount.target, source: `${folder}/agent` };
    }
  }
}

function openBind({ env, stackOf }: Work, mount: PlannedBindMount, folder: ByteString): RunMountSpec {
  const { target, from, source, readonly } = mount;
  const found = findMount(env, stackOf, from, source);
  if (found === undefined) throw missingSource(env, source);
  const { path, isFile } = placeMount(env, found, !readonly, folder);
  return { kind: 'path', target, source: path, isFile, readonly, kept: false };
}

function secretVariable(work: Work, mount: PlannedMount): readonly string[] {
  if (mount.kind !== 'secret') return [];
  const data = work.secrets.secret(mount.id);
  if (data === undefined) {
    // An optional one that was not given is an empty variable, and no file.
    if (!mount.required) return mount.env === undefined ? [] : [`${mount.env}=`];
    const message = work.env.profile.runs.missingSecret.replace('{}', () => mount.id);
    throw notGiven(message, `--secret id=${mount.id},src=FILE`);
  }
  return mount.env === undefined ? [] : [`${mount.env}=${data.toString('utf8')}`];
}

function notGiven(message: string, flag: string): LayerlabError {
  return new LayerlabError('LL_BUILD_FAILED', message, { hint: `The step requires it: build with ${flag}.` });
}

/** In the order of their keys, so that two builds never wait for each other. */
async function lockCaches(work: Work, planned: readonly PlannedMount[]): Promise<void> {
  const wanted = new Map<string, PlannedCacheMount>();
  for (const mount of planned) if (mount.kind === 'cache') wanted.set(cacheMountKey(requestOf(work, mount)), mount);
  for (const key of [...wanted.keys()].sort()) {
    const mount = wanted.get(key) as PlannedCacheMount;
    const { env } = work;
    const fill = (folder: ByteString): void => fillCache(work, mount, folder);
    work.caches.set(key, await openCacheMount(env.store, requestOf(work, mount), fill, env.signal));
  }
}

function requestOf({ env, stackOf }: Work, mount: PlannedCacheMount): CacheMountRequest {
  const { namespace, id, from, source, owner, sharing } = mount;
  const seed = JSON.stringify([
    cacheSeed(env, stackOf, from, source),
    owner === undefined ? null : [owner.mode, owner.uid, owner.gid],
  ]);
  // Without mounts a cache is copied out and back: two at a time would lose what one of them wrote.
  return { namespace, id, seed, sharing: hostCapabilities().overlayMount ? sharing : 'locked' };
}

function fillCache(work: Work, mount: PlannedCacheMount, folder: ByteString): void {
  const { owner } = mount;
  const found = findMount(work.env, work.stackOf, mount.from, mount.source);
  if (found === undefined) throw cannotOpen(work, mount.source);
  const { path } = copySource(found, folder);
  if (owner === undefined) return;
  chmodSync(fsPath(path), owner.mode);
  chownSync(fsPath(path), owner.uid, owner.gid);
}

/** A source that BuildKit looks for only when the command is to start. */
function cannotOpen({ action, env }: Work, source: string): LayerlabError {
  const why = env.profile.runs.lateMount.replace('{}', () => source);
  return new LayerlabError('LL_RUN_FAILED', `${commandFailed(env.profile.runs, action.args)}: ${why}`, {
    hint: `There is no ${source} to mount.`,
  });
}
