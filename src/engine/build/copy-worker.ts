import { mkdirSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { BuildEnv } from '../../executor/build-env.ts';
import { openBuildCache } from '../../executor/cache/build-cache.ts';
import { NO_SECRETS } from '../../executor/mounts/build-secrets.ts';
import { NO_KEEPER } from '../../executor/run/keeper.ts';
import { copyStep } from '../../executor/steps/copy-step.ts';
import { fsPath } from '../../formats/bytestring.ts';
import { loadCrc64 } from '../../formats/crc64.ts';
import { hostCapabilities } from '../../host/capabilities.ts';
import { builderProfile } from '../../profiles/builder-profile.ts';
import { openPendingLayers } from '../../store/pending-layers.ts';
import { openStore, type Store } from '../../store/store.ts';
import { type CopyJob, type CopyMessage, type CopySetup, toFailure } from './copy-job.ts';
import { layerDialect } from './layer-dialect.ts';
import { openFolder, readBuildInput } from './read-input.ts';

// A thread that copies: a file of its own beside the bundle. It works on the data-root as another process would, with a
// lease of its own, until it is told `close`.

async function openEnv(setup: CopySetup, store: Store): Promise<BuildEnv> {
  const signal = new AbortController().signal;
  // This thread never comes to hear an event while it copies; it can look at a number.
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (Atomics.load(setup.stop, 0) !== 0) throw new DOMException('This operation was aborted', 'AbortError');
    },
  });
  const profile = builderProfile('buildkit', setup.input.compat);
  return {
    builder: profile.builder,
    store,
    cache: openBuildCache(store.paths, profile.compat),
    pending: openPendingLayers(store.paths),
    crc: (await loadCrc64())(),
    profile,
    dialect: layerDialect(profile, setup.timestamp),
    context: readBuildInput(setup.input, setup.openedAt).context,
    contexts: new Map([...setup.folders].map(([name, folder]) => [name, openFolder(folder)])),
    timestamp: setup.timestamp,
    noCache: false,
    runtime: 'auto',
    keeper: NO_KEEPER,
    secrets: NO_SECRETS,
    scratch: '',
    signal,
    readsHeaders: store.projected || !hostCapabilities().trustedXattrs,
    unflushed: new Set(),
    opened: new Map(),
  };
}

function work(setup: CopySetup): void {
  const post = (message: CopyMessage): void => parentPort?.postMessage(message);
  const store = openStore(setup.dataRoot, { mode: 'write' });
  const opened = openEnv(setup, store);
  const copy = async ({ id, stack, action, from, noCache, scratch }: CopyJob): Promise<void> => {
    try {
      const env = { ...(await opened), noCache, scratch };
      env.signal?.throwIfAborted();
      mkdirSync(fsPath(scratch), { recursive: true, mode: 0o700 });
      const outcome = await copyStep(env, stack, action, from, {
        output: () => undefined,
        status: (...status) => post({ kind: 'status', id, status }),
      });
      post({ kind: 'done', id, outcome });
    } catch (error) {
      post({ kind: 'failed', id, failure: toFailure(error) });
    }
  };
  parentPort?.on('message', (message: CopyJob | 'close') => {
    if (message !== 'close') return void copy(message);
    store.close();
    parentPort?.close();
  });
}

work(workerData as CopySetup);
