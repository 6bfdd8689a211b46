import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

// Named so because it builds as root does: files of any owner.
describe('large copies of several stages', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    for (const stage of ['a', 'b', 'c']) {
      for (let index = 0; index < 200; index += 1) lab.write(`${stage}/d${index % 7}/f${index}`, `${stage} ${index}\n`);
    }
    lab.write('.dockerignore', 'b/d3\n');
  });
  afterEach(() => lab.remove());

  const STAGES = ['a', 'b', 'c'].map((name) => `FROM scratch AS ${name}\nCOPY --chown=7:8 ${name} /${name}/\n`);
  const AT_ONCE = `${STAGES.join('')}FROM scratch\n${['a', 'b', 'c'].map((name) => `COPY --from=${name} / /\n`).join('')}`;
  const layers = (id: string): string[] => JSON.parse(lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', id]));
  const fixed = ['--timestamp', '1700000000'];

  it.each(['28', '20.10'])('done by threads give what one after the other gives, as Docker %s', (compat) => {
    const how = [...fixed, '--compat', compat];
    lab.write('Dockerfile', AT_ONCE);
    const together = layers(lab.build(how));
    const alone = join(lab.home, 'alone');
    for (const target of ['a', 'b', 'c']) lab.build([...how, '--target', target], { dataRoot: alone });
    // From the cache of single copies: nothing is copied at once here.
    const after = JSON.parse(
      lab.ok(['inspect', '-f', '{{json .RootFS.Layers}}', lab.build(how, { dataRoot: alone })], { dataRoot: alone }),
    );
    expect(together).toEqual(after);
    expect(lab.build(how)).toBe(lab.build(how));
  });

  it('take from named folders, too, and leave no lease', () => {
    const other = join(lab.home, 'other');
    mkdirSync(other);
    for (let index = 0; index < 200; index += 1) writeFileSync(join(other, `o${index}`), `${index}`);
    writeFileSync(join(other, '.dockerignore'), 'o7\n');
    const text = AT_ONCE.replace('COPY --chown=7:8 a', 'COPY --from=other . /other/\nCOPY --chown=7:8 a');
    lab.write('Dockerfile', `FROM scratch AS n\nCOPY --from=other . /n/\n${text}COPY --from=n /n /n\n`);
    const id = lab.build(['--build-context', `other=${other}`]);
    const diffs = readdirSync(join(lab.dataRoot, 'overlay2')).map((each) =>
      join(lab.dataRoot, 'overlay2', each, 'diff/n'),
    );
    const found = diffs.filter((diff) => existsSync(diff)).map((diff) => readdirSync(diff));
    expect(found.length).toBeGreaterThan(0);
    for (const names of found) expect([names.length, names.includes('o7')]).toEqual([200, false]);
    expect(layers(id).length).toBe(4);
    expect(readdirSync(join(lab.dataRoot, 'layerlab/leases'))).toEqual([]);
    expect(readdirSync(join(lab.dataRoot, 'layerlab/tmp'))).toEqual([]);
  });

  it('are cancelled where another stage fails, and leave nothing', () => {
    writeFileSync(join(lab.context, 'a/huge'), Buffer.alloc(256 << 20, 1));
    writeFileSync(join(lab.context, 'c/huge'), Buffer.alloc(256 << 20, 2));
    const bad = 'FROM scratch AS bad\nCOPY missing /\n';
    lab.write('Dockerfile', `${bad}${AT_ONCE}COPY --from=bad / /\n`);
    const failed = lab.run(['build', '--progress', 'plain', lab.context]);
    expect(failed.status).toBe(1);
    expect(failed.stderr.match(/^#\d+ ERROR/gm)).toHaveLength(1);
    expect(failed.stderr).toMatch(/^#\d+ CANCELED$/m);
    expect(readdirSync(join(lab.dataRoot, 'overlay2')).length).toBeLessThan(4);
    expect(readdirSync(join(lab.dataRoot, 'layerlab/tmp'))).toEqual([]);
  });

  it('that fail say so with their place, and stop the rest', () => {
    lab.write('Dockerfile', AT_ONCE.replace('COPY --chown=7:8 b /b/', 'COPY --chown=7:8 b /b/\nCOPY b /b/d0/f0/'));
    const failed = lab.run(['build', '-t', 'never', lab.context]);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('COPY b /b/d0/f0/');
    expect(failed.stderr).not.toContain('at async');
    expect(readdirSync(join(lab.dataRoot, 'layerlab/leases'))).toEqual([]);
    expect(lab.ok(['images', '-q'])).toBe('');
  });
});
