import { mkdirSync, statSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentProxy, listenForAgent } from '../../../src/executor/mounts/agent-proxy.ts';
import { removeTempFolders, tempFolder } from '../../temp-root.ts';

/** A message of the agent protocol: its length, its type, its content. */
function message(type: number, content = ''): Buffer {
  const body = Buffer.concat([Buffer.from([type]), Buffer.from(content)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

const [LIST, SIGN, ADD, REMOVE_ALL, LOCK, EXTENSION] = [11, 13, 17, 19, 22, 27];
const FAILURE = message(5);

describe('listenForAgent', () => {
  let heard: Buffer[];
  let agent: Server;
  let proxy: AgentProxy;
  let folder: string;
  beforeEach(async () => {
    heard = [];
    // Longer than the name of a socket may be.
    folder = join(tempFolder(), 'deep'.repeat(30));
    mkdirSync(folder, { recursive: true });
    const agentPath = join(tempFolder(), 'agent');
    agent = createServer((client) => {
      client.on('error', () => {});
      client.on('data', (data) => {
        heard.push(data);
        client.write(message(12, 'answer'));
      });
    });
    await new Promise<void>((resolve) => agent.listen(agentPath, resolve));
    const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()];
    proxy = await listenForAgent(folder, 's', { mode: 0o640, uid, gid }, agentPath);
  });
  afterEach(async () => {
    await proxy.close();
    agent.close();
    removeTempFolders();
  });

  /** What comes back until the other side ends, or as many bytes as were waited for. */
  async function ask(parts: readonly Buffer[], bytes: number): Promise<Buffer> {
    const { openSync, closeSync } = await import('node:fs');
    const fd = openSync(folder, 'r');
    const client = createConnection(`/proc/self/fd/${fd}/s`);
    let answer = Buffer.alloc(0);
    const done = new Promise<void>((resolve) => {
      client.on('data', (data) => {
        answer = Buffer.concat([answer, data]);
        if (answer.length >= bytes) resolve();
      });
      client.on('close', () => resolve());
    });
    for (const part of parts) client.write(part);
    await done;
    client.destroy();
    closeSync(fd);
    return answer;
  }

  it('makes a socket with the mode that was asked for', () => {
    const stats = statSync(join(folder, 's'));
    expect([stats.isSocket(), stats.mode & 0o777]).toEqual([true, 0o640]);
  });

  it.each([LIST, SIGN])('hands on messages of type %d, however they are cut', async (type) => {
    const whole = message(type, 'data');
    const answer = message(12, 'answer');
    expect(await ask([whole.subarray(0, 3), whole.subarray(3, 6), whole.subarray(6)], answer.length)).toEqual(answer);
    expect(Buffer.concat(heard)).toEqual(whole);
  });

  it.each([ADD, REMOVE_ALL, LOCK, EXTENSION])('answers messages of type %d itself', async (type) => {
    expect(await ask([message(type, 'data')], FAILURE.length)).toEqual(FAILURE);
    expect(heard).toEqual([]);
  });

  it.each([0, 256 * 1024 + 1, 0xffffffff])('ends a connection that announces %d bytes', async (length) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    expect(await ask([head], 1)).toEqual(Buffer.alloc(0));
    expect(heard).toEqual([]);
  });
});
