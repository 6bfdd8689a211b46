import { linkSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { importImage } from '../../src/engine/import.ts';
import { hexOf } from '../../src/formats/digest.ts';
import { DOCKER_VERSION } from '../../src/profiles/docker-version.ts';
import { openStore } from '../../src/store/store.ts';
import { daemonCase } from '../committer/apply-tar/daemon-cases.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { localServer } from '../transports/http/local-server.ts';

afterEach(removeTempFolders);

const { tar, diffId } = daemonCase('abs');

function tarFile(bytes = tar): string {
  const file = `${tempFolder()}/root.tar`;
  writeFileSync(file, bytes);
  return file;
}

/** The config that Docker 28.5 made of the same tar, `%s` for what varies. */
function golden(config: string, comment: string): string {
  const empty =
    '{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null}';
  return `{"architecture":"amd64","comment":"${comment}","config":${config || empty},"container_config":${empty},"created":"%s","docker_version":"%s","history":[{"created":"%s","comment":"${comment}"}],"os":"linux","rootfs":{"type":"layers","diff_ids":["${diffId}"]}}`;
}

async function imported(options: Omit<Parameters<typeof importImage>[0], 'dataRoot'>) {
  const dataRoot = `${tempFolder()}/root`;
  const { id } = await importImage({ dataRoot, platform: 'linux/amd64', ...options });
  const store = openStore(dataRoot, { mode: 'read' });
  const config = readFileSync(`${store.paths.imageContent}/${hexOf(id)}`, 'utf8');
  const normal = config
    .replace(/"created":"[^"]+"/g, '"created":"%s"')
    .replace(`"docker_version":"${DOCKER_VERSION}"`, '"docker_version":"%s"');
  return { store, id, config: normal };
}

describe('import', () => {
  it("makes the daemon's config of a tar", async () => {
    const { config, store, id } = await imported({ source: tarFile(), reference: 'base:1' });
    expect(config).toBe(golden('', 'Imported from -'));
    expect(store.references.byImage(id).map(({ reference }) => reference)).toEqual(['base:1']);
    expect(store.images.lastUpdated(id)).toBeDefined();
  });

  it('takes instructions and a message', async () => {
    const changes = [
      'ENV A=1 B=2',
      'CMD ["x"]',
      'EXPOSE 80',
      'LABEL a=b',
      'WORKDIR /x',
      'USER 5',
      'VOLUME /v',
      'HEALTHCHECK CMD true',
      'STOPSIGNAL 9',
      'ONBUILD RUN x',
      'ENTRYPOINT y',
    ];
    const { config } = await imported({ source: tarFile(), changes, message: 'msg here' });
    expect(config).toBe(
      golden(
        '{"Hostname":"","Domainname":"","User":"5","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"ExposedPorts":{"80/tcp":{}},"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":["A=1","B=2"],"Cmd":["x"],"Healthcheck":{"Test":["CMD-SHELL","true"]},"Image":"","Volumes":{"/v":{}},"WorkingDir":"/x","Entrypoint":["/bin/sh","-c","y"],"OnBuild":["RUN x"],"Labels":{"a":"b"},"StopSignal":"9"}',
        'msg here',
      ),
    );
  });

  it('expands what an earlier ENV set', async () => {
    const { config } = await imported({
      source: tarFile(),
      changes: ['CMD $X', 'ENV Y=1', 'ENV Z=$Y-q', 'WORKDIR rel'],
    });
    expect(config).toContain(
      '"Env":["Y=1","Z=1-q"],"Cmd":["/bin/sh","-c","$X"],"Image":"","Volumes":null,"WorkingDir":"/rel"',
    );
  });

  it('reads a compressed tar, and gives no name where none is asked for', async () => {
    const { store } = await imported({ source: tarFile(gzipSync(tar)) });
    expect(store.layers.list().map((layer) => layer.diffId)).toEqual([diffId]);
    expect(store.references.list()).toEqual([]);
  });

  it('keeps hard links and links of a folder', async () => {
    const folder = tempFolder();
    writeFileSync(`${folder}/a`, 'once');
    linkSync(`${folder}/a`, `${folder}/b`);
    symlinkSync('a', `${folder}/c`);
    const { store } = await imported({ source: folder });
    expect(store.layers.list()[0]?.size).toBe(5);
  });

  for (const [what, options, code, message] of [
    ['an instruction that runs', { changes: ['RUN x'] }, 'LL_PARSE', 'RUN is not a valid change command'],
    ['SHELL', { changes: ['SHELL ["a"]'] }, 'LL_PARSE', 'SHELL is not a valid change command'],
    [
      'a second instruction behind a newline',
      { changes: ['ENV A=1\nRUN x'] },
      'LL_PARSE',
      'RUN is not a valid change command',
    ],
    ['ENV without words', { changes: ['ENV'] }, 'LL_PARSE', 'ENV requires at least one argument'],
    ['a name in capitals', { reference: 'UP' }, 'LL_REFERENCE', 'must be lowercase'],
    ['a name by digest', { reference: `a@sha256:${'a'.repeat(64)}` }, 'LL_REFERENCE', 'cannot import digest reference'],
    ['another system', { platform: 'windows/amd64' }, 'LL_USAGE', 'operating system is not supported'],
    [
      'an unknown platform',
      { platform: 'foo' },
      'LL_USAGE',
      '"foo": unknown operating system or architecture: invalid argument',
    ],
  ] as const) {
    it(`refuses ${what}, before it touches the data-root`, async () => {
      const dataRoot = `${tempFolder()}/root`;
      const failure = importImage({ dataRoot, source: tarFile(), ...options });
      await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
      expect(openStore(dataRoot, { mode: 'read' }).layers.list()).toEqual([]);
    });
  }
});

// What Docker 28.5 makes of the same, but that it keeps the password in the comment.
describe('import of a URL', () => {
  it('makes the image of what is there, says where it was, and leaves nothing of it behind', async () => {
    const server = await localServer((_request, response) => void response.end(gzipSync(tar)));
    try {
      const { config, store } = await imported({ source: `${server.url}/root.tgz?a=b` });
      expect(config).toBe(golden('', `Imported from ${server.url}/root.tgz?a=b`));
      expect(readdirSync(store.paths.tmp)).toEqual([]);
      const secret = await imported({ source: server.url.replace('//', '//user:secret@') });
      expect(secret.config).toContain('"comment":"Imported from http://xxxxx:xxxxx@127.0.0.1');
      expect((await imported({ source: server.url, message: 'own' })).config).toBe(golden('', 'own'));
    } finally {
      await server.close();
    }
  });

  it('fails in the words of docker', async () => {
    const server = await localServer((request, response) => {
      response.writeHead(request.url === '/none' ? 404 : 200).end('no tar');
    });
    try {
      await expect(imported({ source: `${server.url}/none` })).rejects.toMatchObject({
        code: 'LL_FETCH',
        message: `failed to GET ${server.url}/none with status 404 Not Found: no tar`,
      });
      await expect(imported({ source: `${server.url}/x` })).rejects.toMatchObject({ code: 'LL_TAR' });
    } finally {
      await server.close();
    }
    await expect(imported({ source: `${server.url}/x` })).rejects.toMatchObject({
      code: 'LL_FETCH',
      message: expect.stringMatching(/^Get "http:.*": dial tcp 127.0.0.1:\d+: connect: connection refused$/),
    });
  });
});
