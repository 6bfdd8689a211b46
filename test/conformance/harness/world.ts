import fs from 'node:fs';
import type http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { makeBases } from './bases.ts';
import { startWindow } from './build-window.ts';
import { startContextProxy } from './context-proxy.ts';
import {
  type DockerVersion,
  modernClient,
  type Oracle,
  openOracle,
  oracleIsInstalled,
  unmountBelow,
} from './oracle.ts';
import { apiGet, dockerTool, layerlabTool, type Tool } from './tools.ts';
import { openWeb, type Web } from './web.ts';

/** Both tools, each with a data-root of its own that holds the same bases. */
export interface World {
  /** Which Docker is asked; layerlab builds with the `--compat` of that name. */
  readonly version: DockerVersion;
  readonly docker: Tool;
  /** The same daemon by a client of its own version, where there is one: an older one reads .dockerignore in ways of its own. */
  readonly ownDocker: Tool;
  readonly layerlab: Tool;
  readonly socket: string;
  /** The same daemon for classic builds (see context-proxy.ts). */
  readonly classicSocket: string;
  readonly web: Web;
  readonly baseIds: ReadonlySet<string>;
  /** When the bases were done: every later time is one of a build. */
  readonly since: bigint;
  /** A folder for contexts and archives; it goes when the world closes. */
  readonly scratch: string;
  /** Undefined when the daemon is someone else's (`DOCKER_HOST`): it can't be stopped or moved to another data-root then. */
  readonly oracle: Oracle | undefined;
  close(): Promise<void>;
}

/** Whether the tests that start dockerd on a data-root of ours can run. */
export const canMoveDaemon = oracleIsInstalled();

/** Starts dockerd (or finds it by `DOCKER_HOST`), makes the bases and opens an empty data-root for layerlab. */
export async function openWorld(version: DockerVersion): Promise<World> {
  const oracle = canMoveDaemon ? openOracle(version) : undefined;
  const work =
    oracle === undefined
      ? fs.mkdtempSync(path.join(os.tmpdir(), 'layerlab-conformance-'))
      : path.join(oracle.home, `conformance-${version}`);
  unmountBelow(work);
  fs.rmSync(work, { recursive: true, force: true });
  const scratch = path.join(work, 'scratch');
  fs.mkdirSync(scratch, { recursive: true });
  oracle?.start(path.join(work, 'docker'));
  const socket = oracle?.socket ?? socketOf(process.env.DOCKER_HOST);
  const info = JSON.parse(await apiGet(socket, '/info')) as {
    DockerRootDir: string;
    ServerVersion: string;
    Driver: string;
  };
  refuseOtherDaemons(info, version);
  // Debian's client is one of 20.10: what it sends is what Docker 20.10 does from end to end.
  const proxied = version === '28';
  const classicSocket = proxied ? path.join(work, 'classic.sock') : socket;
  const proxy = proxied ? await startContextProxy(classicSocket, socket) : undefined;
  const modern = oracle !== undefined && version === '28' ? modernClient(oracle) : undefined;
  const docker = dockerTool(`unix://${socket}`, `unix://${classicSocket}`, info.DockerRootDir, modern);
  const ownDocker =
    modern === undefined
      ? docker
      : dockerTool(`unix://${socket}`, `unix://${socket}`, info.DockerRootDir, modern, true);
  const layerlab =
    process.env.LAYERLAB_CONFORMANCE_SELF === undefined ? layerlabTool(path.join(work, 'layerlab'), version) : docker;
  const web = await openWeb();
  const close = async (): Promise<void> => {
    await web.close();
    if (proxy !== undefined) await closeServer(proxy);
    oracle?.stop();
    unmountBelow(work);
    if (process.env.LAYERLAB_KEEP === undefined) fs.rmSync(work, { recursive: true, force: true });
  };
  try {
    const baseIds = await makeBases(path.join(scratch, 'bases'), docker, layerlab);
    const since = await startWindow();
    return { version, docker, ownDocker, layerlab, socket, classicSocket, web, baseIds, since, scratch, oracle, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function socketOf(host: string | undefined): string {
  if (host?.startsWith('unix://')) return host.slice('unix://'.length);
  throw new Error(
    'no dockerd to compare with: ../shared/oracle/dockerd is not there, and DOCKER_HOST is no unix:// socket',
  );
}

function refuseOtherDaemons(
  info: { DockerRootDir: string; ServerVersion: string; Driver: string },
  version: DockerVersion,
): void {
  if (!info.ServerVersion.startsWith(`${version}.`) || info.Driver !== 'overlay2') {
    throw new Error(
      `the daemon is ${info.ServerVersion} with ${info.Driver}; the comparison needs Docker ${version} with overlay2`,
    );
  }
  fs.accessSync(path.join(info.DockerRootDir, 'image/overlay2/imagedb'), fs.constants.R_OK);
}

function closeServer(server: http.Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
