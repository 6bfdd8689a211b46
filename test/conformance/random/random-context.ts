import { archive, type ContextEntry, dir, file, hardlink, symlink } from '../harness/case.ts';
import { randomIgnore } from './random-ignore.ts';
import type { RandomSource } from './random-source.ts';

const FOLDERS = ['d', 'd/e', 'd/e/f', 'src', 'src/lib', 'x y', '.hid'];
const PLAIN = ['a', 'b', 'a.txt', 'b.txt', 'c.md', 'd', 'e'];
const ODD = [
  ...['x y', '.h', '-d', 'A', 'z[1]', 'q*', 'we\\ird', '$d', '#h', "q'u", '..a', 'a.', '~t', 'ü', 'u\u0308', '\u540d'],
  ...['n\nl', 't\tb', '\u202e', '\u{1f600}', '\x7f', 'C:', 'a;b', '%41', 'a=b', '"q"', '!x', 'CON', '\u00a0', '\x01'],
];
/** Beyond what the old fields of a tar's header take. */
const LONG = ['l'.repeat(101), `${'m'.repeat(90)}/${'n'.repeat(120)}`, 'ö'.repeat(60), 'o'.repeat(255)];
/** cap_net_bind_service, effective and permitted. */
const CAP = '0100000200040000000000000000000000000000';
const TIMES = ['1600000000', '1234567890.123456789', '1', '1700000000.000000001'];

/**
 * Some files, folders, links, archives and the like, and sometimes a .dockerignore.
 *
 * @param mayHavePipe not with the classic builder: dockerd waits for ever for what an ADD of a pipe may have in it
 */
export function randomContext(random: RandomSource, mayHavePipe: boolean): readonly ContextEntry[] {
  const entries: ContextEntry[] = [];
  const put = (entry: ContextEntry): void => {
    const isInTheWay = entries.some(
      ({ kind, path }) =>
        path === entry.path ||
        path.startsWith(`${entry.path}/`) ||
        (kind !== 'dir' && entry.path.startsWith(`${path}/`)),
    );
    if (!isInTheWay) entries.push(entry);
  };
  for (const path of FOLDERS) if (random.percent(60)) put(randomFolder(random, path));
  const folders = entries.map(({ path }) => path);
  for (const name of ['a', 'b', 'a.txt', 'c.md']) if (random.percent(80)) put(randomFile(random, name));
  for (let left = random.below(10); left > 0; left--) {
    const folder = folders.length > 0 && random.percent(70) ? `${random.pick(folders)}/` : '';
    const names = random.percent(50) ? PLAIN : random.percent(6) ? LONG : ODD;
    put(randomFile(random, folder + random.pick(names)));
  }
  if (random.percent(40)) put(symlink('ln', random.pick(['a', 'd', 'nowhere', '/etc/passwd', 'ln', '../x'])));
  if (random.percent(40)) put(symlink('lnd', random.pick(['d', 'src', 'd/e', '/etc', '.'])));
  if (entries.some(({ path }) => path === 'a') && random.percent(30)) put(hardlink(random.pick(['hl', 'zz']), 'a'));
  if (random.percent(50)) put(archive('a.tar', 'none', randomArchive(random)));
  if (random.percent(40)) put(archive('b.tgz', 'gzip', randomArchive(random)));
  if (mayHavePipe && random.percent(12)) put({ kind: 'fifo', path: 'pipe' });
  if (random.percent(8)) put({ kind: 'sparse', path: 'holes', size: 70_000, tail: 'end' });
  for (const entry of randomIgnore(random)) put(entry);
  return entries;
}

function randomFolder(random: RandomSource, path: string): ContextEntry {
  const modes = [0o700, 0o2755, 0o1777, 0o555];
  return dir(path, random.percent(30) ? { mode: random.pick(modes), mtime: '1500000000.5' } : {});
}

function randomFile(random: RandomSource, path: string): ContextEntry {
  const modes = [0o644, 0o600, 0o755, 0o4755, 0o444];
  const attributes = random.pick([
    { 'user.one': '31' },
    { 'user.a': '00ff', 'user.b': '' },
    { 'security.capability': CAP },
  ]);
  return file(path, undefined, {
    ...(random.percent(40) ? { mode: random.pick(modes), mtime: random.pick(TIMES) } : {}),
    ...(random.percent(8) ? { uid: random.pick([1000, 70_000]), gid: 50 } : {}),
    ...(random.percent(3) ? { xattrs: attributes } : {}),
  });
}

function randomArchive(random: RandomSource): readonly ContextEntry[] {
  return [
    ...(random.percent(70) ? [dir('t', random.percent(50) ? { mode: 0o700 } : {})] : []),
    file('t/one', undefined, { uid: 3, gid: 4 }),
    ...(random.percent(50) ? [file('two', undefined, { mode: 0o4711 })] : []),
    ...(random.percent(50) ? [symlink('t/s', random.pick(['one', '/abs', '../..']))] : []),
    ...(random.percent(40) ? [hardlink('t/hard', 't/one')] : []),
    ...(random.percent(40) ? [file('etc/x')] : []),
  ];
}
