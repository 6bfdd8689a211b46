import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { containerState } from '../../src/engine/containers/container-state.ts';
import { diff } from '../../src/engine/diff.ts';
import { inspect } from '../../src/engine/inspect.ts';
import { ls } from '../../src/engine/ls.ts';
import { ps } from '../../src/engine/ps.ts';
import { encodeGoJson, parseGoJson } from '../../src/formats/go-json.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { packed } from './layered-root.ts';

afterEach(removeTempFolders);

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/container/${name}`, import.meta.url), 'utf8');

/** Ids of the container that the daemon was asked about. */
const ID = '03cda25c1d66fd3c551ec53cb6f261d7f8e517af9655523a9ddf522e07243291';
const MOUNT = '3bcb8cc1507ffb6009e2eb5adb6f3d29fcab0417dfb07a0f24944f8d40c84dc9';
const BASE = 'b3dbaaa49735b91e83ae5af379154433efbd0fa8365967aba273bfb2d061d5ee';
const CHAIN = 'ceb750b37bf3ae5e6874d946e4f290af48a9cc3061cdc93ace90dc189f923dff';

/** A data-root with that container: what the daemon wrote of it, on a made-up base. */
function containerRoot(): string {
  const dataRoot = join(tempFolder(), 'docker');
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(dataRoot, path)), { recursive: true });
    writeFileSync(join(dataRoot, path), text);
  };
  put(`containers/${ID}/config.v2.json`, fixture('config.v2.json'));
  put(`containers/${ID}/hostconfig.json`, fixture('hostconfig.json'));
  put(`image/overlay2/layerdb/mounts/${ID}/mount-id`, MOUNT);
  put(`image/overlay2/layerdb/mounts/${ID}/init-id`, `${MOUNT}-init`);
  put(`image/overlay2/layerdb/mounts/${ID}/parent`, `sha256:${CHAIN}`);
  put(`image/overlay2/layerdb/sha256/${CHAIN}/diff`, `sha256:${CHAIN}`);
  put(`image/overlay2/layerdb/sha256/${CHAIN}/cache-id`, BASE);
  put(`image/overlay2/layerdb/sha256/${CHAIN}/size`, '3');
  writeFileSync(join(dataRoot, `image/overlay2/layerdb/sha256/${CHAIN}/tar-split.json.gz`), gzipSync(''));
  const links = { [BASE]: 'A'.repeat(26), [`${MOUNT}-init`]: 'B'.repeat(26), [MOUNT]: 'C'.repeat(26) };
  mkdirSync(join(dataRoot, 'overlay2/l'), { recursive: true });
  for (const [id, link] of Object.entries(links)) {
    put(`overlay2/${id}/link`, link);
    mkdirSync(join(dataRoot, `overlay2/${id}/diff`));
    symlinkSync(`../${id}/diff`, join(dataRoot, 'overlay2/l', link));
  }
  put(`overlay2/${MOUNT}-init/lower`, `l/${links[BASE]}`);
  put(`overlay2/${MOUNT}/lower`, `l/${links[`${MOUNT}-init`]}:l/${links[BASE]}`);
  put(`overlay2/${MOUNT}-init/diff/.dockerenv`, '');
  put(`overlay2/${MOUNT}/diff/new/file`, 'x\n');
  return dataRoot;
}

describe('a container that a dockerd left', () => {
  it('is inspected as the daemon does, key by key', () => {
    const dataRoot = containerRoot();
    const { found, kinds, missing } = inspect({ dataRoot, names: ['book-run'] });
    const text = encodeGoJson(found[0] ?? null, { escapeHtml: false }).replaceAll(dataRoot, '/var/lib/docker');
    expect([kinds, missing]).toEqual([['container'], []]);
    expect(text).toBe(JSON.stringify(JSON.parse(fixture('inspect.json'))));
  });

  it('is found by its id, its name and the beginning of its id, and not as an image', () => {
    const dataRoot = containerRoot();
    const names = [ID, ID.slice(0, 4), '/book-run'];
    expect(inspect({ dataRoot, names }).missing).toEqual([]);
    expect(inspect({ dataRoot, names: ['book-run'], type: 'image' }).missing).toEqual(['book-run']);
  });

  it('is listed, from a tar as well', () => {
    const dataRoot = containerRoot();
    for (const root of [dataRoot, packed(dataRoot)]) {
      expect(ps({ dataRoot: root, sizes: true })).toMatchObject([
        {
          ...{ id: ID, name: 'book-run', created: '2026-11-21T05:52:12.183538973Z', networks: ['none'] },
          command: expect.stringMatching(/^sh -c 'echo x > \/new; .* sleep 100000'$/),
          mounts: [{ type: 'bind', source: '/tmp', destination: '/mnt', mode: 'ro', writable: false }],
          ...{ state: { status: 'running', exitCode: 0 }, sizeRw: 2, sizeRootFs: 5 },
        },
      ]);
    }
  });

  it.each([
    [['status=running'], 1],
    [['status=exited'], 0],
    [['name=book'], 1],
    [['name=other', 'name=run'], 1],
    [['id=03cd'], 1],
    [['label=none'], 0],
    [['network=none', 'volume=/mnt'], 1],
    [['exited=0'], 0],
  ])('passes filters as with docker: %j', (filters, count) => {
    expect(ps({ dataRoot: containerRoot(), all: true, filters })).toHaveLength(count);
  });

  it('refuses filters that it does not know', () => {
    const dataRoot = containerRoot();
    for (const filter of ['colour=red', 'status=happy', 'name']) {
      expect(() => ps({ dataRoot, filters: [filter] })).toThrow(expect.objectContaining({ code: 'LL_USAGE' }));
    }
  });

  it('shows what it changed and all that it sees', () => {
    const dataRoot = containerRoot();
    for (const root of [dataRoot, packed(dataRoot)]) {
      expect(diff({ dataRoot: root, container: 'book-run' })).toEqual([
        { kind: 'A', path: '/new' },
        { kind: 'A', path: '/new/file' },
      ]);
    }
    expect(ls({ dataRoot, name: 'book-run' }).entries.map(({ path }) => path)).toEqual(['/.dockerenv', '/new']);
    expect(() => diff({ dataRoot, container: 'none' })).toThrow('No such container: none');
  });
});

describe('containerState', () => {
  // moby daemon/container/state.go StateString.
  it.each([
    ['{"Running":true,"StartedAt":"2020-01-01T00:00:00Z"}', 'running'],
    ['{"Running":true,"Paused":true}', 'paused'],
    ['{"Running":true,"Restarting":true}', 'restarting'],
    ['{"RemovalInProgress":true}', 'removing'],
    ['{"Dead":true,"StartedAt":"2020-01-01T00:00:00Z"}', 'dead'],
    ['{"StartedAt":"0001-01-01T00:00:00Z"}', 'created'],
    ['{"StartedAt":"2020-01-01T00:00:00Z"}', 'exited'],
    ['[]', 'created'],
  ])('of %s is %s', (json, status) => {
    expect(containerState(parseGoJson(json)).status).toBe(status);
  });
});
