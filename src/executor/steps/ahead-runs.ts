import type { RunAction } from '../../planner/step.ts';
import type { Snapshot } from '../../store/overlay2.ts';
import type { BuildEnv, StepReporter } from '../build-env.ts';
import { makeSnapshot } from '../commit-layer.ts';
import { BUILDKIT_HOSTNAME } from './buildkit-hostname.ts';
import { type Filled, runOnSnapshot } from './run-on-snapshot.ts';

/** A command whose step comes next, with the environment of that step. */
export interface NextRun {
  /** What the step is known by. */
  readonly id: string;
  readonly env: BuildEnv;
  readonly action: RunAction;
}

/** A command that was begun before its step. */
export interface AheadRun {
  readonly snapshot: Snapshot;
  /** The snapshot that it stands on, whatever layer that has become. */
  readonly below: string;
  /** Gives what it wrote so far, and from now on all that comes. */
  listen(onOutput: StepReporter['output']): void;
  /** Settles when the command has ended and its files are settled. */
  readonly filled: Promise<Filled>;
}

/**
 * Commands that run while the layer below them is hashed and recorded. They need its files alone, and those are there when
 * the command before has ended. To be begun only where nothing could make the step do without its command: where no cache
 * is asked.
 */
export interface AheadRuns {
  /** Makes the snapshot of a command that is to be begun on another, while that is still being filled. */
  prepare(next: NextRun, below: Snapshot): void;
  /** Begins a command on a snapshot that is settled; it has been started when the promise is kept. */
  begin(next: NextRun, below: Snapshot): Promise<void>;
  /** The command of a step, if it was begun: the step is the one that waits for it, from now on. */
  take(id: string): AheadRun | undefined;
  /** Removes a snapshot: now, or when no command runs on it any more. */
  discard(cacheId: string): void;
  /** Waits for what nobody took, and removes it. To be called when all steps have ended, and running commands were aborted. */
  close(): Promise<void>;
}

export function openAheadRuns({ store, keeper }: BuildEnv): AheadRuns {
  const begun = new Map<string, AheadRun>();
  /** Snapshots that nobody has begun to fill, by the steps that they are for. */
  const prepared = new Map<string, { readonly snapshot: Snapshot; readonly below: string }>();
  /** By the snapshots that commands run on. */
  const users = new Map<string, Promise<unknown>>();
  const discard = (cacheId: string): void => {
    const user = users.get(cacheId);
    if (user === undefined) store.overlay.removeSnapshot(cacheId);
    else void user.then(() => store.overlay.removeSnapshot(cacheId));
  };
  let closed = false;
  const prepare = ({ id, env }: NextRun, below: Snapshot): void => {
    const make = (): void => {
      if (closed || env.signal?.aborted === true || prepared.has(id)) return;
      prepared.set(id, { snapshot: makeSnapshot(env, below.cacheId), below: below.cacheId });
    };
    // The command below is started first. The step itself will meet, and tell, what is in the way.
    const opened = async (): Promise<void> => {
      if ((await keeper.open()) !== undefined) make();
    };
    opened().catch(() => undefined);
  };
  const takePrepared = (id: string, below: string): Snapshot | undefined => {
    const made = prepared.get(id);
    if (made?.below !== below) return undefined;
    prepared.delete(id);
    return made.snapshot;
  };
  const begin = async ({ id, env, action }: NextRun, below: Snapshot): Promise<void> => {
    // Where each has a leash of its own, nothing is lost by going on in turn.
    if (env.signal?.aborted === true || (await keeper.open()) === undefined) return;
    let snapshot: Snapshot;
    try {
      snapshot = takePrepared(id, below.cacheId) ?? makeSnapshot(env, below.cacheId);
    } catch {
      // As there.
      return;
    }
    const held: [1 | 2, Buffer][] = [];
    let hand: StepReporter['output'] = (stream, data) => void held.push([stream, data]);
    const filled = runOnSnapshot(env, [], snapshot, {
      action,
      hostname: BUILDKIT_HOSTNAME,
      onOutput: (stream, data) => hand(stream, data),
    });
    const ended = filled.then(
      () => undefined,
      () => undefined,
    );
    users.set(
      below.cacheId,
      ended.then(() => void users.delete(below.cacheId)),
    );
    begun.set(id, {
      snapshot,
      below: below.cacheId,
      filled,
      listen: (onOutput) => {
        hand = onOutput;
        for (const [stream, data] of held.splice(0)) onOutput(stream, data);
      },
    });
    // All that is done until the runtime starts is done without waiting for anything but promises.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const take = (id: string): AheadRun | undefined => {
    const run = begun.get(id);
    begun.delete(id);
    return run;
  };
  const close = async (): Promise<void> => {
    for (const { filled, snapshot } of begun.values()) {
      await filled.then(({ finish }) => finish()).catch(() => undefined);
      store.overlay.removeSnapshot(snapshot.cacheId);
    }
    begun.clear();
    closed = true;
    for (const { snapshot } of prepared.values()) store.overlay.removeSnapshot(snapshot.cacheId);
    prepared.clear();
    await Promise.all(users.values());
  };
  return { prepare, begin, take, discard, close };
}
