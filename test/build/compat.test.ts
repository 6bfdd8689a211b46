import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from '../../src/engine/build.ts';
import { Lab } from './lab.ts';

/** What Docker 20.10.24 made of this context, with both builders. */
const DIFF_ID = 'sha256:5edc3a58aef1112ab02048db5b2c9f82e410d8828266ba79b60cad4ea9046803';
const SOURCE = 'file:7d21b6ce231f3c0643506c432c9e546083f82f02db38a03a1caa17c91d20942d';

describe('compat 20.10', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.write('a', 'hello\n');
    chmodSync(join(lab.context, 'a'), 0o640);
    utimesSync(join(lab.context, 'a'), 1_400_000_000, 1_400_000_000);
    lab.write('Dockerfile', 'FROM scratch\nCOPY a /a\nCMD ["x"]\n');
  });
  afterEach(() => lab.remove());

  const image = (name: string): string => join(lab.dataRoot, 'image/overlay2', name);
  const config = (id: string): string => readFileSync(image(`imagedb/content/sha256/${id.slice(7)}`), 'utf8');
  const layersOf = (id: string): string[] => JSON.parse(config(id)).rootfs.diff_ids;

  it.each(['buildkit', 'classic'])("%s makes the daemon's layer", (builder) => {
    expect(layersOf(lab.build(['--compat', '20.10', '--builder', builder]))).toEqual([DIFF_ID]);
    const split = gunzipSync(readFileSync(image(`layerdb/sha256/${DIFF_ID.slice(7)}/tar-split.json.gz`))).toString();
    expect(split.split('\n').slice(-2)).toEqual(['{"type":2,"payload":"","position":3}', '']);
  });

  it("buildkit lays the config out as the daemon's", () => {
    const text = config(lab.build(['--compat', '20.10'])).replace(/"created":"[^"]*"/g, '"created":"T"');
    const head = `{"architecture":"${JSON.parse(text).architecture}",`;
    expect(text.replace(/"variant":"[^"]*",?/, '')).toBe(
      `${head}"config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["x"],"WorkingDir":"/","ArgsEscaped":true,"OnBuild":null},"created":"T","history":[{"created":"T","created_by":"COPY a /a # buildkit","comment":"buildkit.dockerfile.v0"},{"created":"T","created_by":"CMD [\\"x\\"]","comment":"buildkit.dockerfile.v0","empty_layer":true}],"os":"linux","rootfs":{"type":"layers","diff_ids":["${DIFF_ID}"]}}`,
    );
  });

  it("classic hashes the context as 20.10's client sends it, and marks no image", () => {
    const id = lab.build(['--compat', '20.10', '--builder', 'classic']);
    const { history, docker_version } = JSON.parse(config(id));
    expect(history[0].created_by).toBe(`/bin/sh -c #(nop) COPY ${SOURCE} in /a `);
    expect(docker_version).toBe('20.10.24');
    expect(readdirSync(image(`imagedb/metadata/sha256/${id.slice(7)}`))).toEqual(['parent']);
  });

  it('refuses contexts of a name, and takes flags of the frontend that the file asks for', () => {
    const named = lab.run(['build', '--compat', '20.10', '--build-context', 'x=.', lab.context]);
    expect([named.status, named.stderr]).toEqual([2, expect.stringContaining('knows no named build contexts')]);
    lab.write('Dockerfile', '# syntax=docker/dockerfile:1.4\nFROM scratch\nCOPY --link a /a\n');
    expect(layersOf(lab.build(['--compat', '20.10']))).toEqual([DIFF_ID]);
  });

  it.each(['buildkit', 'classic'])('%s takes no step of another version from the cache', (builder) => {
    const make = (compat: string): string => lab.build(['--compat', compat, '--builder', builder]);
    const [newer, older] = [make('28'), make('20.10')];
    expect(layersOf(newer)).not.toEqual(layersOf(older));
    expect([layersOf(make('28')), layersOf(make('20.10'))]).toEqual([layersOf(newer), layersOf(older)]);
    const again = lab.run(['build', '--compat', '20.10', '--builder', builder, lab.context]);
    expect(again.stdout + again.stderr).toMatch(/CACHED|Using cache/);
  });

  it('is the same anywhere under a timestamp', () => {
    const args = ['--compat', '20.10', '--timestamp', '1500000000'];
    const elsewhere = join(lab.home, 'elsewhere');
    for (const builder of ['buildkit', 'classic']) {
      const more = [...args, '--builder', builder];
      expect(lab.build(more, { dataRoot: elsewhere })).toBe(lab.build(more));
    }
  });

  it('is a choice of two', async () => {
    const { status, stderr } = lab.run(['build', '--compat', '27', lab.context]);
    expect(status).not.toBe(0);
    expect(stderr).toContain('28');
    expect(stderr).toContain('20.10');
    expect(existsSync(lab.dataRoot)).toBe(false);
    const wrong = build({ dataRoot: lab.dataRoot, context: lab.context, compat: '19.03' as '28' });
    await expect(wrong).rejects.toThrow('no Docker version "19.03": it is one of 28, 20.10');
  });
});
