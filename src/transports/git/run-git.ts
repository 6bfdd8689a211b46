import { type ChildProcess, spawn } from 'node:child_process';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import { redactUrl } from '../../formats/redact-url.ts';

export interface GitOptions {
  readonly signal: AbortSignal | undefined;
  /** What git says meanwhile, as it comes. */
  readonly onOutput?: (stream: 1 | 2, data: Buffer) => void;
  /**
   * Whose keys ssh may use: the user's own, only for a repository that the user named; those of an agent that the user handed
   * to the build (the path of its socket); or none, and ssh is not started.
   */
  readonly keys: 'own' | 'none' | { readonly agent: string };
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One call of git. */
export interface GitCall {
  readonly gitDir?: string;
  readonly workTree?: string;
  /** Lets the one call read a repository of this host, which nothing that is fetched ever may. */
  readonly readsLocal?: boolean;
}

/** Git said no. `stderr` is what it said. */
export class GitFailure extends LayerlabError {
  readonly stderr: string;

  constructor(stderr: string, code: number) {
    const said = stderr === '' || stderr.endsWith('\n') ? stderr : `${stderr}\n`;
    super('LL_FETCH', `git stderr:\n${said}: exit status ${code}`);
    this.stderr = stderr;
  }
}

const MAX_OUTPUT = 16 * 1024 * 1024;
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

/**
 * Runs git on a repository that nobody vouches for, and gives what it printed. Nothing of the user's or the system's
 * configuration counts, no hook runs, nobody is asked for a password, and nothing but http, https, git and (with the user's
 * keys) ssh is spoken: no `ext::`, no files of this host by way of a submodule.
 *
 * @throws GitFailure; LL_FETCH where there is no git
 */
export async function runGit(options: GitOptions, call: GitCall, args: readonly string[]): Promise<string> {
  options.signal?.throwIfAborted();
  const places = [
    ...(call.workTree === undefined ? [] : ['--work-tree', call.workTree]),
    ...(call.gitDir === undefined ? [] : ['--git-dir', call.gitDir]),
  ];
  const child = start(options, call, [...SAFE, ...places, ...args]);
  const stop = (): void => endGroup(child);
  options.signal?.addEventListener('abort', stop, { once: true });
  const texts: Record<1 | 2, Buffer[]> = { 1: [], 2: [] };
  let kept = 0;
  for (const stream of [1, 2] as const) {
    child.stdio[stream]?.on('data', (chunk: Buffer) => {
      options.onOutput?.(stream, chunk);
      kept += chunk.length;
      if (kept <= MAX_OUTPUT) texts[stream].push(chunk);
    });
  }
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve(exit ?? 128));
    });
    options.signal?.throwIfAborted();
    if (code !== 0) throw new GitFailure(Buffer.concat(texts[2]).toString('utf8'), code);
    return Buffer.concat(texts[1]).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new LayerlabError('LL_FETCH', 'failed to find git binary: exec: "git": executable file not found in $PATH', {
      hint: 'Install git: repositories are fetched with it.',
      cause: error,
    });
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** The failure with the repository that was meant, the password in its URL left out. */
export function gitError(error: unknown, what: string, remote: string): unknown {
  if (!(error instanceof GitFailure)) return error;
  return new LayerlabError('LL_FETCH', `${what} ${redactUrl(remote)}: ${error.message}`, { cause: error });
}

const SSH = 'ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new';
/** Neither the user's settings and keys nor the hosts that the user knows are a Dockerfile's business. */
const SSH_WITH_AGENT = `${SSH} -F /dev/null -o IdentityFile=/dev/null -o UserKnownHostsFile=/dev/null -o ForwardAgent=no`;

const SAFE = [
  ...['protocol.file.allow=user', 'core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.protectHFS=true'],
  ...['core.protectNTFS=true', 'transfer.credentialsInUrl=allow', 'advice.detachedHead=true'],
].flatMap((setting) => ['-c', setting]);

function start(options: GitOptions, call: GitCall, args: readonly string[]): ChildProcess {
  const env = options.env ?? process.env;
  const { keys } = options;
  const passed = [...PROXIES, 'PATH', ...(keys === 'own' ? ['SSH_AUTH_SOCK'] : [])];
  // Files of a checkout are 0644 and 0755 for whoever builds it.
  const mask = process.umask(0o022);
  try {
    return spawn('git', [...args], {
      ...(call.workTree === undefined ? {} : { cwd: call.workTree }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: {
        ...Object.fromEntries(passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
        GIT_TERMINAL_PROMPT: '0',
        GIT_ASKPASS: '',
        ...(typeof keys === 'string' ? {} : { SSH_AUTH_SOCK: keys.agent }),
        GIT_SSH_COMMAND: typeof keys === 'string' ? SSH : SSH_WITH_AGENT,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_ALLOW_PROTOCOL: protocols(options, call),
        HOME: '/dev/null',
        LC_ALL: 'C',
      },
    });
  } finally {
    process.umask(mask);
  }
}

/** Ssh takes the user's keys where it finds them: it is not even started where none may be used. */
function protocols({ keys }: GitOptions, { readsLocal }: GitCall): string {
  if (readsLocal === true) return 'file';
  return keys !== 'none' ? 'http:https:git:ssh' : 'http:https:git';
}

/** Git has helpers of its own, which a signal to git alone leaves behind. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    child.kill('SIGTERM');
  }
}
