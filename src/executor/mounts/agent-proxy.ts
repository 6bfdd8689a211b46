import { chmodSync, chownSync, closeSync, constants, openSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { ioError } from '../../host/io-error.ts';
import type { MountOwner } from '../../planner/step.ts';

/** A socket of ours, behind which an ssh agent answers. */
export interface AgentProxy {
  close(): Promise<void>;
}

/** Message types of the agent protocol (draft-ietf-sshm-ssh-agent): what a build may ask, and what it is told otherwise. */
const REQUEST_IDENTITIES = 11;
const SIGN_REQUEST = 13;
const FAILURE = Buffer.from([0, 0, 0, 1, 5]);
/** As OpenSSH's own agent: a longer message is none. */
const MAX_MESSAGE = 256 * 1024;

/**
 * Listens on `<folder>/<name>` and hands requests to list keys and to sign on to an agent; all others (adding and removing
 * keys, locking) are answered with a failure, as BuildKit does. Throws LL_IO.
 *
 * @param folder is there, and as long as its path may be: the name of a socket is short, its folder's need not be
 */
export async function listenForAgent(
  folder: ByteString,
  name: string,
  owner: MountOwner,
  agent: string,
): Promise<AgentProxy> {
  const dir = openSync(fsPath(folder), constants.O_RDONLY | constants.O_DIRECTORY);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    serve(client, agent);
  });
  const close = (): Promise<void> => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => {
      server.close(() => {
        closeSync(dir);
        resolve();
      });
    });
  };
  try {
    await listen(server, `/proc/self/fd/${dir}/${name}`);
    const path = fsPath(`${folder}/${name}`);
    chmodSync(path, owner.mode);
    chownSync(path, owner.uid, owner.gid);
    return { close };
  } catch (error) {
    if (server.listening) await close();
    else closeSync(dir);
    throw ioError(error, 'listening for an ssh agent');
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

function serve(client: Socket, agent: string): void {
  const upstream = createConnection(agent);
  const end = (): void => {
    client.destroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) {
    socket.on('error', end);
    socket.on('close', end);
  }
  let pending: Buffer = Buffer.alloc(0);
  client.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 4) {
      const length = pending.readUInt32BE(0);
      if (length === 0 || length > MAX_MESSAGE) return end();
      if (pending.length < 4 + length) return;
      const message = pending.subarray(0, 4 + length);
      pending = pending.subarray(4 + length);
      const type = message[4];
      if (type === REQUEST_IDENTITIES || type === SIGN_REQUEST) upstream.write(message);
      else client.write(FAILURE);
    }
  });
  upstream.pipe(client);
}
