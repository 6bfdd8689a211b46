import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { diveReport } from '../../src/engine/waste/dive-report.ts';
import { waste } from '../../src/engine/waste.ts';
import { removeTempFolders, tempFolder } from '../temp-root.ts';
import { IMAGE, layeredRoot, type MadeLayer, threeLayers } from './layered-root.ts';

afterEach(removeTempFolders);

const base: MadeLayer = {
  instruction: '/bin/sh -c #(nop) ADD file:0 in / ',
  files: [
    { name: 'etc/', type: '5', mode: 0o755 },
    { name: 'etc/a', content: 'aaaa' },
    { name: 'etc/b', content: 'bb' },
  ],
};
const own: readonly MadeLayer[] = [
  { instruction: 'COPY big /big # buildkit', files: [{ name: 'big', content: 'x'.repeat(100) }] },
  {
    instruction: 'RUN /bin/sh -c rm /big; chmod 600 /etc/a # buildkit',
    files: [
      { name: '.wh.big' },
      { name: 'etc/', type: '5', mode: 0o755 },
      { name: 'etc/a', content: 'aaaa', mode: 0o600 },
    ],
  },
];
const row = (created_by: string, comment = 'buildkit.dockerfile.v0') => ({ created_by, comment });

function dockerfile(lines: readonly string[]) {
  const context = tempFolder();
  writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
  return { context };
}

describe('waste', () => {
  it('adds up, and the copy that is seen is none', async () => {
    const dataRoot = await layeredRoot();
    const found = waste({ dataRoot, image: IMAGE });
    // docker counts the four bytes of the symbolic link's text too.
    expect(found.layers.map(({ size, hidden }) => [size, hidden])).toEqual([
      [29, 4],
      [9, 0],
      [6, 0],
    ]);
    expect(found).toMatchObject({ size: 44, wastedBytes: 4, efficiency: 0.9, base: undefined, tags: [IMAGE] });
    expect(found).toMatchObject({ userBytes: 15, userWastedBytes: 4, userWastedPercent: 4 / 15 });
    expect(found.paths.map(({ path, bytes, stored }) => [path, bytes, stored])).toEqual([
      ['opt/two', 2, 2],
      ['etc/gone', 1, 1],
      ['opt/one', 1, 1],
    ]);
    expect(found.deeds.map(({ cause, writer, hider, bytes, files }) => [cause, writer, hider, bytes, files])).toEqual([
      ['replaced', 0, 2, 2, 1],
      ['deleted', 0, 1, 1, 1],
      ['deleted', 0, 2, 1, 1],
    ]);
  });

  it("counts what is above the base, and leaves the base's own apart", async () => {
    const hides: MadeLayer = { instruction: 'RUN /bin/sh -c rm /etc/b # buildkit', files: [{ name: 'etc/.wh.b' }] };
    const dataRoot = await layeredRoot([base, hides], { name: 'made:base' });
    await layeredRoot([base, hides, ...own], { dataRoot });
    const found = waste({ dataRoot, image: IMAGE });
    expect(found).toMatchObject({ base: 'made:base', wastedBytes: 106, userBytes: 104, userWastedBytes: 104 });
    expect(found.layers.map((layer) => layer.base)).toEqual([true, true, false, false]);
    expect(found.baseDeeds.map(({ cause, bytes }) => [cause, bytes])).toEqual([['deleted', 2]]);
    expect(found.deeds.map(({ cause, bytes }) => [cause, bytes])).toEqual([
      ['deleted', 100],
      ['rewritten', 4],
    ]);
    expect(() => waste({ dataRoot, image: 'made:base', base: IMAGE })).toThrow(
      expect.objectContaining({ code: 'LL_USAGE' }),
    );
    expect(() => waste({ dataRoot, image: IMAGE, base: 'no/such' })).toThrow(
      expect.objectContaining({ code: 'LL_NOT_FOUND' }),
    );
  });

  it('names the lines of the Dockerfile, whose FROM tells the base better than a search', async () => {
    const dataRoot = await layeredRoot([base], { name: 'made:base' });
    const first = own[0];
    if (first === undefined) throw new Error('no layer');
    // An older build of the same file looks like a base too.
    await layeredRoot([base, first], {
      dataRoot,
      name: 'made:older',
      history: [row(base.instruction, ''), row('COPY big /big # buildkit')],
    });
    await layeredRoot([base, ...own], {
      dataRoot,
      history: [row(base.instruction, ''), ...own.map(({ instruction }) => row(instruction))],
    });
    expect(waste({ dataRoot, image: IMAGE }).base).toBe('made:older');
    const file = dockerfile(['FROM made:base', '# note', 'COPY big /big', 'RUN rm /big; chmod 600 /etc/a']);
    const found = waste({ dataRoot, image: IMAGE, dockerfile: file });
    expect(found.base).toBe('made:base');
    expect(found.layers.map(({ line }) => line)).toEqual([undefined, 3, 4]);
  });

  it('takes an image without history, and one whose oldest rows are missing', async () => {
    const none = waste({ dataRoot: await layeredRoot(threeLayers, { history: [] }), image: IMAGE });
    expect(none.layers.map(({ text }) => text)).toEqual(['', '', '']);
    expect(none.wastedBytes).toBe(4);
    const short = await layeredRoot(threeLayers, { history: [row('RUN /bin/sh -c make # buildkit')] });
    expect(waste({ dataRoot: short, image: IMAGE }).layers.map(({ text }) => text)).toEqual(['', '', 'RUN make']);
  });

  it('of an image that is not there is refused', async () => {
    expect(() => waste({ dataRoot: join(tempFolder(), 'none'), image: 'app' })).toThrow(
      expect.objectContaining({ code: 'LL_NOT_FOUND' }),
    );
  });
});

describe("dive's report", () => {
  it('has its names, the whiteouts of a layer and the bits of Go', async () => {
    const dataRoot = await layeredRoot();
    const { image, layer } = diveReport(dataRoot, waste({ dataRoot, image: IMAGE }));
    expect(image).toEqual({
      sizeBytes: 44,
      inefficientBytes: 4,
      efficiencyScore: 0.9,
      fileReference: [
        { count: 2, sizeBytes: 2, file: '/opt/two' },
        { count: 1, sizeBytes: 1, file: '/etc/gone' },
        { count: 1, sizeBytes: 1, file: '/opt/one' },
      ],
    });
    expect(layer.map(({ index, sizeBytes, command }) => [index, sizeBytes, command])).toEqual(
      threeLayers.map(({ instruction }, at) => [at, [29, 9, 6][at], instruction]),
    );
    expect(layer[0]?.digestId).toBe(`sha256:${layer[0]?.id}`);
    const [first, second, third] = layer.map(({ fileList }) => new Map(fileList.map((file) => [file.path, file])));
    // io/fs: ModeDir 1<<31, ModeSymlink 1<<27, ModeSetuid 1<<23.
    expect(first?.get('etc')).toMatchObject({ typeFlag: 53, isDir: true, fileMode: 2 ** 31 + 0o755 });
    expect(first?.get('conf')).toMatchObject({ typeFlag: 50, linkName: '/etc', fileMode: 2 ** 27 + 0o777 });
    expect(first?.get('hard')).toMatchObject({ typeFlag: 49, linkName: 'etc/a', uid: 7, size: 0 });
    expect(first?.get('su')).toMatchObject({ typeFlag: 48, fileMode: 2 ** 23 + 0o755, size: 7, isDir: false });
    expect(second?.has('etc/.wh.gone')).toBe(true);
    expect(third?.has('opt/.wh..wh..opq')).toBe(true);
  });
});
