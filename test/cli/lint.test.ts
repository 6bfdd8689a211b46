import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { engine } from '../../src/cli/engine.ts';
import { main } from '../../src/cli/main.ts';
import { tarEntry, wholeTar } from '../executor/context/make-tar.ts';
import { localServer } from '../transports/http/local-server.ts';
import { fakeOutput } from './fake-output.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-lint-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(argv: readonly string[], stdin?: string | Buffer) {
  const [stdout, stderr] = [fakeOutput(), fakeOutput()];
  const code = await main(argv, {
    engine,
    stdout,
    stderr,
    stdoutStream: () => new PassThrough(),
    stdinIsTTY: stdin === undefined,
    readStdin: async () => Buffer.from(stdin ?? ''),
    env: { LAYERLAB_DATA_ROOT: join(folder, 'data-root') },
    now: () => 0,
    catchSignals: () => new AbortController().signal,
  });
  return { code, out: stdout.text(), err: stderr.text() };
}

const write = (text: string, name = 'Dockerfile'): void => writeFileSync(join(folder, name), text);

const REPORT = `Check complete, 2 warnings have been found!

WARNING: MaintainerDeprecated - https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/
Maintainer instruction is deprecated in favor of using label
Dockerfile:2
--------------------
   1 |     FROM scratch
   2 | >>> MAINTAINER me
     |     ^^^^^^^^^^
   3 |     ENV A=1 \\
   4 |         B=$AA
--------------------

WARNING: UndefinedVar - https://docs.docker.com/go/dockerfile/rule/undefined-var/
Usage of undefined variable '$AA'
Dockerfile:3
--------------------
   2 |     MAINTAINER me
   3 | >>> ENV A=1 \\
   4 | >>>     B=$AA
     |           ^^^
   5 |     
--------------------
`;

const TEXT = 'FROM scratch\nMAINTAINER me\nENV A=1 \\\n    B=$AA\n';

describe('layerlab lint', () => {
  it("prints docker's report with the words underlined, and exits by 1", async () => {
    write(TEXT);
    expect(await run(['lint', folder])).toEqual({ code: 1, out: REPORT, err: '' });
    expect(await run(['build', '--check', folder])).toEqual({ code: 1, out: REPORT, err: '' });
    expect(await run(['lint', join(folder, 'Dockerfile')])).toEqual({ code: 1, out: REPORT, err: '' });
    expect(await run(['lint', '-'], TEXT)).toEqual({ code: 1, out: REPORT, err: '' });
  });

  it('exits by 0 where nothing is found', async () => {
    write('FROM scratch\n', 'app.Dockerfile');
    const clean = { code: 0, out: 'Check complete, no warnings found.\n', err: '' };
    expect(await run(['lint', join(folder, 'app.Dockerfile')])).toEqual(clean);
    expect(await run(['lint', '-f', join(folder, 'app.Dockerfile'), folder])).toEqual(clean);
    const args = ['--build-arg', 'BUILDKIT_DOCKERFILE_CHECK=skip=all'];
    expect(await run(['lint', ...args, '-'], TEXT)).toEqual(clean);
    expect(await run(['build', '--check', ...args, '-'], TEXT)).toEqual(clean);
  });

  it('shows what a Dockerfile makes an error, behind the findings', async () => {
    const { code, out, err } = await run(['lint', '-'], `# check=error=true\n${TEXT}`);
    expect(code).toBe(1);
    expect(out).toContain('Check complete, 2 warnings have been found!');
    expect(err).toContain('ERROR: lint violation found for rules: MaintainerDeprecated, UndefinedVar\n');
  });

  it('shows the error of a Dockerfile that cannot be read', async () => {
    const { code, out, err } = await run(['lint', '-'], 'FROM scratch\nRUM x\n');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('unknown instruction: RUM (did you mean RUN?)');
  });

  it('writes JSON in the shape of docker', async () => {
    const { code, out } = await run(['lint', '--format', 'json', '-'], `${TEXT}USER $\{\n`);
    expect(code).toBe(1);
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject({
      warnings: [
        { ruleName: 'MaintainerDeprecated' },
        {
          ruleName: 'UndefinedVar',
          url: 'https://docs.docker.com/go/dockerfile/rule/undefined-var/',
          detail: "Usage of undefined variable '$AA'",
          location: { ranges: [{ start: { line: 4, character: 6 }, end: { line: 4, character: 9 } }] },
        },
      ],
      sources: [{ filename: 'Dockerfile', language: 'Dockerfile' }],
      buildError: { location: { ranges: [{ start: { line: 5 } }] } },
    });
  });

  it('writes SARIF 2.1.0', async () => {
    write(TEXT, 'a b.Dockerfile');
    const { code, out } = await run(['lint', '--format', 'sarif', join(folder, 'a b.Dockerfile')]);
    expect(code).toBe(1);
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'layerlab' } },
          results: [
            { ruleId: 'MaintainerDeprecated', ruleIndex: 7 },
            {
              ruleId: 'UndefinedVar',
              ruleIndex: 10,
              level: 'warning',
              message: { text: "Usage of undefined variable '$AA'" },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: `file://${folder}/a%20b.Dockerfile` },
                    region: { startLine: 4, startColumn: 7, endLine: 4, endColumn: 10 },
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });
});

// Docker 28.5 takes the same for docker build --check, and there too a .dockerignore in a tar does not count.
describe('what is no folder', () => {
  const IGNORED = 'FROM scratch\nENV A 1\nCOPY ign /x\n';
  const ALL = ['--build-arg', 'BUILDKIT_DOCKERFILE_CHECK=experimental=all'];
  const sent = wholeTar(
    tarEntry('Dockerfile', { content: IGNORED }),
    tarEntry('sub/D2', { content: 'FROM scratch\n' }),
    tarEntry('.dockerignore', { content: 'ign\n' }),
    tarEntry('ign', { content: 'x' }),
  );
  const warnings = (out: string) => out.match(/WARNING: \w+/g);

  it('is checked as a tar on stdin, with -f in it', async () => {
    write(IGNORED);
    write('ign\n', '.dockerignore');
    expect(warnings((await run(['lint', ...ALL, folder])).out)).toEqual([
      'WARNING: LegacyKeyValueFormat',
      'WARNING: CopyIgnoredFile',
    ]);
    for (const argv of [
      ['lint', ...ALL, '-'],
      ['build', '--check', ...ALL, '-'],
    ]) {
      const { code, out } = await run(argv, sent);
      expect(warnings(out)).toEqual(['WARNING: LegacyKeyValueFormat']);
      expect(code).toBe(1);
    }
    expect(await run(['lint', '-f', 'sub/D2', '-'], sent)).toMatchObject({ code: 0 });
    expect((await run(['lint', '-f', 'none', '-'], sent)).err).toContain(
      'failed to read dockerfile: open none: no such file',
    );
    expect((await run(['lint', '-f', 'x', '-'], 'FROM scratch\n')).err).toContain('ambiguous Dockerfile source');
  });

  it('is checked and planned from a URL, and nothing of it stays', async () => {
    const { TMPDIR } = process.env;
    process.env.TMPDIR = folder;
    const server = await localServer((request, response) => {
      response.writeHead(request.url === '/c.tar' ? 200 : 404).end(sent);
    });
    try {
      const url = `${server.url}/c.tar`;
      expect(warnings((await run(['build', '--check', url])).out)).toEqual(['WARNING: LegacyKeyValueFormat']);
      const { out, err } = await run(['plan', '--changed', 'ign', url]);
      expect(out).toContain('ign is taken by line 3');
      expect(err).toContain('[internal] load remote build context');
      expect((await run(['lint', `${server.url}/none`])).err).toContain(
        'failed to solve: failed to read downloaded context: failed to load cache key: invalid response status 404',
      );
    } finally {
      await server.close();
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is planned as a tar on stdin', async () => {
    expect((await run(['plan', '--format', '{{.Line}} {{.Kind}}', '-'], sent)).out).toBe(
      '1 stage\n2 config\n3 layer\n',
    );
  });
});
