import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { closeWindow, startWindow } from './build-window.ts';
import { type Builder, type ConformanceCase, type ContextEntry, file } from './case.ts';
import { materialise } from './context.ts';
import { describeImage, type ImageDescription } from './describe-image.ts';
import { resolveTag } from './stored-image.ts';
import { allText, type Tool } from './tools.ts';
import { makeRepository, tarOf } from './web.ts';
import type { World } from './world.ts';

/** What came of a build: the image it made, or what it said when it gave up. */
export type CaseResult =
  | { readonly kind: 'built'; readonly image: ImageDescription }
  | { readonly kind: 'failed'; readonly text: string; readonly tagged: boolean };

/** What both tools made of one context. */
export interface CaseResults {
  readonly docker: CaseResult;
  readonly layerlab: CaseResult;
}

/** Lays the context out once and builds it with docker and with layerlab, which read the very same files. */
export async function runCase(world: World, each: ConformanceCase, builder: Builder): Promise<CaseResults> {
  const context = path.join(world.scratch, 'contexts', `${each.name}-${builder}`);
  const servers: net.Server[] = [];
  const web = `${world.web.url}/${each.name}-${builder}`;
  const dockerfile = each.dockerfile.replaceAll('{web}', web);
  const entries = [file(each.file ?? 'Dockerfile', dockerfile), ...(each.context ?? [])];
  materialise(context, entries);
  try {
    const tag = `conf/${each.name}-${builder}`;
    const sent = publish(world, each, `${each.name}-${builder}`, entries);
    const brought = [
      ...writeSecrets(each, `${context}-secrets`),
      ...(await listen(each, `${context}-secrets`, servers)),
      ...layOutContexts(each, `${context}-contexts`),
    ];
    const args = buildArguments(each, tag, context, brought, sent.argument);
    return await buildWithBoth(world, tag, args, builder, sent.input);
  } finally {
    for (const server of servers) server.close();
    for (const more of ['secrets', 'contexts']) fs.rmSync(`${context}-${more}`, { recursive: true, force: true });
    fs.rmSync(context, { recursive: true, force: true });
  }
}

function writeSecrets(each: ConformanceCase, folder: string): readonly string[] {
  return Object.entries(each.secrets ?? {}).flatMap(([id, content]) => {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, id), content);
    return ['--secret', `id=${id},src=${path.join(folder, id)}`];
  });
}

function layOutContexts(each: ConformanceCase, folder: string): readonly string[] {
  return Object.entries(each.buildContexts ?? {}).flatMap(([name, entries]) => {
    materialise(path.join(folder, name), entries);
    return ['--build-context', `${name}=${path.join(folder, name)}`];
  });
}

async function listen(each: ConformanceCase, folder: string, servers: net.Server[]): Promise<readonly string[]> {
  const flags: string[] = [];
  for (const id of each.agents ?? []) {
    fs.mkdirSync(folder, { recursive: true });
    const socket = path.join(folder, `${id}.sock`);
    const server = net.createServer((client) => client.destroy());
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    servers.push(server);
    flags.push('--ssh', `${id}=${socket}`);
  }
  return flags;
}

/** Puts on the web what the case wants there; says what is sent in place of a folder. */
function publish(
  world: World,
  each: ConformanceCase,
  name: string,
  entries: readonly ContextEntry[],
): { argument?: string; input?: Buffer } {
  const { web, scratch } = world;
  const { sendAs } = each;
  web.publish(name, each.web ?? []);
  if (each.repository !== undefined) {
    const folder = path.join(scratch, 'repositories', name);
    makeRepository(path.join(folder, 'repo.git'), each.repository, each.refs ?? []);
    web.publishFolder(name, folder);
  }
  if (sendAs === undefined) return {};
  if (sendAs.kind === 'git') return { argument: `${web.url}/${name}/repo.git${sendAs.rest}` };
  if (sendAs.kind === 'path') return { argument: `${web.url}/${name}/${sendAs.path}` };
  const body = tarOf(entries, sendAs.compression, scratch);
  if (sendAs.kind === 'stdin') return { argument: '-', input: body };
  web.publish(name, [{ path: 'sent', body }]);
  return { argument: `${web.url}/${name}/sent` };
}

/** Builds a folder that is there already with both tools. */
export function runFolder(world: World, name: string, folder: string, builder: Builder): Promise<CaseResults> {
  const each = { name, dockerfile: '' };
  const tag = `conf/${name}-${builder}`;
  return buildWithBoth(world, tag, buildArguments(each, tag, folder), builder);
}

let builtBy: Builder | undefined;

/**
 * Where the builder is another one than before, in a second of its own: one that makes a layer which the other made within
 * the same second gets the other's snapshot, and which of the tools do is for the clock to say.
 */
async function buildWithBoth(
  world: World,
  tag: string,
  args: readonly string[],
  builder: Builder,
  input?: Buffer,
): Promise<CaseResults> {
  if (builtBy !== undefined && builtBy !== builder) await startWindow();
  builtBy = builder;
  const theirs = buildWith(world, world.docker, tag, args, builder, input);
  if (world.layerlab === world.docker) {
    await theirs;
    await startWindow();
  }
  const [docker, layerlab] = await Promise.all([theirs, buildWith(world, world.layerlab, tag, args, builder, input)]);
  return { docker, layerlab };
}

async function buildWith(
  { baseIds, since }: World,
  tool: Tool,
  tag: string,
  args: readonly string[],
  builder: Builder,
  input: Buffer | undefined,
): Promise<CaseResult> {
  const outcome = await tool.run(args, builder, input);
  const window = closeWindow(since);
  if (outcome.code !== 0) return { kind: 'failed', text: allText(outcome), tagged: hasTag(tool, tag) };
  return { kind: 'built', image: describeImage(tool.dataRoot, resolveTag(tool.dataRoot, tag), baseIds, window) };
}

function buildArguments(
  each: ConformanceCase,
  tag: string,
  context: string,
  more: readonly string[] = [],
  sent?: string,
): readonly string[] {
  const pairs = (flag: string, values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
  return [
    'build',
    '--network',
    'none',
    '--no-cache',
    ...pairs('--build-arg', each.buildArgs),
    ...pairs('--label', each.labels),
    ...(each.target === undefined ? [] : ['--target', each.target]),
    ...(each.platform === undefined ? [] : ['--platform', each.platform]),
    ...(each.file === undefined ? [] : ['-f', sent === undefined ? path.join(context, each.file) : each.file]),
    ...more,
    '-t',
    tag,
    sent ?? context,
  ];
}

function hasTag(tool: Tool, name: string): boolean {
  const repositories = path.join(tool.dataRoot, 'image/overlay2/repositories.json');
  return fs.existsSync(repositories) && fs.readFileSync(repositories, 'utf8').includes(`"${name}:latest"`);
}
