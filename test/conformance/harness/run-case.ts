import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { closeWindow, startWindow } from './build-window.ts';
import { type Builder, type ConformanceCase, file } from './case.ts';
import { materialise } from './context.ts';
import { describeImage, type ImageDescription } from './describe-image.ts';
import { resolveTag } from './stored-image.ts';
import { allText, type Tool } from './tools.ts';
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
  materialise(context, [file(each.file ?? 'Dockerfile', each.dockerfile), ...(each.context ?? [])]);
  try {
    const tag = `conf/${each.name}-${builder}`;
    const brought = [
      ...writeSecrets(each, `${context}-secrets`),
      ...(await listen(each, `${context}-secrets`, servers)),
    ];
    return await buildWithBoth(world, tag, buildArguments(each, tag, context, brought), builder);
  } finally {
    for (const server of servers) server.close();
    fs.rmSync(`${context}-secrets`, { recursive: true, force: true });
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

/** Builds a folder that is there already with both tools. */
export function runFolder(world: World, name: string, folder: string, builder: Builder): Promise<CaseResults> {
  const each = { name, dockerfile: '' };
  const tag = `conf/${name}-${builder}`;
  return buildWithBoth(world, tag, buildArguments(each, tag, folder), builder);
}

async function buildWithBoth(
  world: World,
  tag: string,
  args: readonly string[],
  builder: Builder,
): Promise<CaseResults> {
  const theirs = buildWith(world, world.docker, tag, args, builder);
  if (world.layerlab === world.docker) {
    await theirs;
    await startWindow();
  }
  const [docker, layerlab] = await Promise.all([theirs, buildWith(world, world.layerlab, tag, args, builder)]);
  return { docker, layerlab };
}

async function buildWith(
  { baseIds, since }: World,
  tool: Tool,
  tag: string,
  args: readonly string[],
  builder: Builder,
): Promise<CaseResult> {
  const outcome = await tool.run(args, builder);
  const window = closeWindow(since);
  if (outcome.code !== 0) return { kind: 'failed', text: allText(outcome), tagged: hasTag(tool, tag) };
  return { kind: 'built', image: describeImage(tool.dataRoot, resolveTag(tool.dataRoot, tag), baseIds, window) };
}

function buildArguments(
  each: ConformanceCase,
  tag: string,
  context: string,
  more: readonly string[] = [],
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
    ...(each.file === undefined ? [] : ['-f', path.join(context, each.file)]),
    ...more,
    '-t',
    tag,
    context,
  ];
}

function hasTag(tool: Tool, name: string): boolean {
  const repositories = path.join(tool.dataRoot, 'image/overlay2/repositories.json');
  return fs.existsSync(repositories) && fs.readFileSync(repositories, 'utf8').includes(`"${name}:latest"`);
}
