import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import type { Builder } from './case.ts';
import type { DockerVersion } from './oracle.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const launcher = process.env.LAYERLAB_LAUNCHER ?? path.resolve(import.meta.dirname, '../../../bin/layerlab.js');

/** Debian's own client speaks both builders with no plugin; others need buildx for BuildKit. */
const dockerClient =
  process.env.LAYERLAB_DOCKER_CLIENT ?? (fs.existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker');

/** Runs a program to its end, standard input empty unless given; never throws for an exit code. */
export async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input?: Buffer,
): Promise<Outcome> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  // A program that fails early does not read to the end.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, signal) => resolve(exit ?? (signal === null ? 1 : 128)));
  });
  return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') };
}

/** As {@link run}, and throws with the program's own words when it fails. */
export async function runOrThrow(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Buffer> {
  const outcome = await run(command, args, env);
  if (outcome.code !== 0) {
    throw new Error(`${path.basename(command)} ${args.join(' ')} exited with ${outcome.code}:\n${allText(outcome)}`);
  }
  return outcome.stdout;
}

export function allText(outcome: Outcome): string {
  return `${outcome.stdout.toString('utf8')}${outcome.stderr}`;
}

/** Something with docker's command line and a data-root. */
export interface Tool {
  readonly name: 'docker' | 'layerlab';
  readonly dataRoot: string;
  run(args: readonly string[], builder?: Builder, input?: Buffer): Promise<Outcome>;
  runOrThrow(args: readonly string[], builder?: Builder): Promise<Buffer>;
}

function makeTool(
  name: Tool['name'],
  dataRoot: string,
  prepare: (
    args: readonly string[],
    builder: Builder,
  ) => { command: string; args: readonly string[]; env: NodeJS.ProcessEnv },
): Tool {
  return {
    name,
    dataRoot,
    run: (args, builder = 'buildkit', input) => {
      const call = prepare(args, builder);
      return run(call.command, call.args, call.env, input);
    },
    runOrThrow: (args, builder = 'buildkit') => {
      const call = prepare(args, builder);
      return runOrThrow(call.command, call.args, call.env);
    },
  };
}

/**
 * The docker client; classic builds go through the context proxy (see context-proxy.ts).
 *
 * @param modern starts the client for builds with named contexts, which Debian's own does not know
 * @param always whether it is that client for everything
 */
export function dockerTool(
  host: string,
  classicHost: string,
  dataRoot: string,
  modern: readonly string[] = [dockerClient],
  always = false,
): Tool {
  const isModern = (args: readonly string[]): boolean => always || args.includes('--build-context');
  return makeTool('docker', dataRoot, (args, builder) => ({
    command: isModern(args) ? (modern[0] ?? dockerClient) : dockerClient,
    args: isModern(args) ? [...modern.slice(1), ...args] : args,
    env: {
      DOCKER_HOST: builder === 'classic' && args[0] === 'build' ? classicHost : host,
      DOCKER_BUILDKIT: builder === 'classic' ? '0' : '1',
      BUILDKIT_PROGRESS: 'plain',
      HOME: '/nonexistent',
    },
  }));
}

/** Our own command line. */
export function layerlabTool(dataRoot: string, compat: DockerVersion = '28'): Tool {
  return makeTool('layerlab', dataRoot, (args, builder) => {
    const [verb = '', ...rest] = args;
    const which = verb === 'build' ? ['--builder', builder, '--compat', compat] : [];
    return { command: process.execPath, args: [launcher, '--data-root', dataRoot, verb, ...which, ...rest], env: {} };
  });
}

/** GET on the daemon's API: the newest answers, whatever the client's age. */
export async function apiGet(socketPath: string, urlPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path: urlPath }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`GET ${urlPath}: ${response.statusCode} ${text}`));
      });
    });
    request.on('error', reject);
  });
}
