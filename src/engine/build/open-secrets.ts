import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { BuildSecrets } from '../../executor/mounts/build-secrets.ts';
import { HOST_ENVIRONMENT } from '../../executor/run/child.ts';
import { findTool } from '../../executor/run/host-tools.ts';
import { errnoOf } from '../../host/io-error.ts';
import type { BuildAgent, BuildOptions, BuildSecret } from '../build-options.ts';

/** The secrets and agents of a build, until it ends. */
export interface OpenSecrets {
  readonly secrets: BuildSecrets;
  /** Ends the agents that were started. */
  close(): void;
}

/** As BuildKit's clients: more is no secret. */
const MAX_SECRET = 500 * 1024;
const MAX_KEY = 100 * 1024;
const AGENT_WAIT_MS = 5000;
const POLL_MS = 10;

/**
 * Looks at the secrets and agents that a build was given; files are read when a RUN asks for them, and key files are
 * served by an ssh-agent of this host that ends with the build. Throws LL_USAGE for what cannot be used.
 */
export function openSecrets({ secrets = [], ssh = [] }: Pick<BuildOptions, 'secrets' | 'ssh'>): OpenSecrets {
  for (const secret of secrets) checkSecret(secret);
  for (const agent of ssh) checkAgent(agent);
  const byId = new Map(secrets.map((secret) => [secret.id, secret]));
  const agents = new Map(ssh.map((agent) => [agent.id, agent]));
  const started = new Map<string, KeyAgent>();
  return {
    secrets: {
      secret: (id) => {
        const secret = byId.get(id);
        return secret === undefined ? undefined : readSecret(secret);
      },
      agent: async (id) => {
        const agent = agents.get(id);
        if (agent === undefined || isSocket(agent.paths[0])) return agent?.paths[0];
        const running = started.get(id) ?? (await startAgent(agent.paths));
        started.set(id, running);
        return running.socket;
      },
    },
    close: () => {
      for (const { process, folder } of started.values()) {
        process.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      }
      started.clear();
    },
  };
}

function unusable(message: string, cause?: unknown): LayerlabError {
  return new LayerlabError('LL_USAGE', message, { ...(cause === undefined ? {} : { cause }) });
}

function checkSecret(secret: BuildSecret): void {
  const size = 'file' in secret ? sizeOf(secret.file) : Buffer.byteLength(secret.value);
  if (size > MAX_SECRET) throw unusable(`secret ${secret.id} too big. max size 500KiB`);
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    throw unusable(`failed to stat ${file}: ${reason(error)}`, error);
  }
}

function reason(error: unknown): string {
  const texts: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EISDIR: 'is a directory',
    ENOTDIR: 'not a directory',
  };
  const errno = errnoOf(error) ?? '';
  return texts[errno] ?? errno;
}

function readSecret(secret: BuildSecret): Buffer {
  if (!('file' in secret)) return Buffer.from(secret.value);
  try {
    const data = readFileSync(secret.file);
    if (data.length <= MAX_SECRET) return data;
  } catch (error) {
    throw new LayerlabError('LL_BUILD_FAILED', `read ${secret.file}: ${reason(error)}`, { cause: error });
  }
  throw new LayerlabError('LL_BUILD_FAILED', `secret ${secret.id} too big. max size 500KiB`);
}

function isSocket(path: string | undefined): boolean {
  return path !== undefined && statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function checkAgent({ id, paths }: BuildAgent): void {
  if (paths.length === 0) {
    throw unusable(`invalid empty ssh agent socket, make sure SSH_AUTH_SOCK is set (ssh ${id})`);
  }
  for (const path of paths) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw unusable(`stat ${path}: no such file or directory`);
    if (stats.isSocket()) {
      if (paths.length > 1) throw unusable('only single socket allowed');
    } else readKey(path);
  }
}

function readKey(path: string): Buffer {
  let key: Buffer;
  try {
    if (statSync(path).size > MAX_KEY) throw unusable(`failed to parse ${path}: file too big. max size 100KiB`);
    key = readFileSync(path);
  } catch (error) {
    if (error instanceof LayerlabError) throw error;
    throw unusable(`failed to read ${path}: ${reason(error)}`, error);
  }
  if (!key.includes('PRIVATE KEY-----')) throw unusable(`failed to parse ${path}: ssh: no key found`);
  return key;
}

interface KeyAgent {
  readonly process: ChildProcess;
  readonly folder: string;
  readonly socket: string;
}

/** An agent of OpenSSH with some keys, which dies with this process. */
async function startAgent(paths: readonly string[]): Promise<KeyAgent> {
  const [agent, add, setpriv] = ['ssh-agent', 'ssh-add', 'setpriv'].map(findTool);
  if (agent === undefined || add === undefined) {
    throw new LayerlabError('LL_RUN_IMPOSSIBLE', 'There is no ssh-agent on this host to serve key files', {
      hint: 'Install the OpenSSH client, or give the socket of a running agent: --ssh default=/path/to/agent.sock.',
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'layerlab-ssh-'));
  const socket = join(folder, 'agent');
  const [command = agent, ...args] = [
    ...(setpriv === undefined ? [] : [setpriv, '--pdeathsig=KILL']),
    ...[agent, '-D', '-a', socket],
  ];
  const child = spawn(command, args, { env: { ...HOST_ENVIRONMENT }, stdio: 'ignore', cwd: '/' });
  child.on('error', () => {});
  try {
    for (const path of paths) {
      if ((await addKey(add, socket, readKey(path))) === 0) continue;
      throw unusable(`failed to parse ${path}: ssh: this private key is passphrase protected or damaged`);
    }
    return { process: child, folder, socket };
  } catch (error) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What ssh-add exits with where no agent answers (yet). */
const NO_AGENT = 2;

/** Gives a key to an agent that may still be starting; the exit code of ssh-add. */
async function addKey(program: string, socket: string, key: Buffer): Promise<number | null> {
  const env = { ...HOST_ENVIRONMENT, SSH_AUTH_SOCK: socket, SSH_ASKPASS: '/bin/false', SSH_ASKPASS_REQUIRE: 'force' };
  for (let waited = 0; ; waited += POLL_MS) {
    const { status } = spawnSync(program, ['-q', '-'], { env, input: key, timeout: AGENT_WAIT_MS, cwd: '/' });
    if (status !== NO_AGENT) return status;
    if (waited > AGENT_WAIT_MS) throw new LayerlabError('LL_RUN_IMPOSSIBLE', 'ssh-agent does not start on this host');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
