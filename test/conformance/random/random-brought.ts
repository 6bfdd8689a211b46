import { archive, type ConformanceCase, type ContextEntry, dir, file, symlink } from '../harness/case.ts';
import type { RandomSource } from './random-source.ts';

/** What a build has besides its context: a web server's files, folders by name, secrets. */
export type Brought = Pick<ConformanceCase, 'web' | 'buildContexts' | 'secrets' | 'builders' | 'compat'>;

const WEB = [
  { path: 'x.txt', body: 'of the web\n', headers: { 'last-modified': 'Mon, 02 Jan 2006 15:04:05 GMT' } },
  { path: 'd/y', body: 'no time\n' },
  {
    path: 'named',
    body: 'called otherwise\n',
    headers: { 'content-disposition': 'attachment; filename="other name"' },
  },
  { path: 'gone', status: 404 },
  { path: 'moved', status: 302, headers: { location: 'x.txt' } },
  { path: 'no', status: 500 },
];
const URLS = ['x.txt', 'x.txt', 'd/y', 'named', 'moved', 'x.txt?q=1', 'x.txt#f', 'd/../x.txt'];
const ODD_URLS = ['gone', 'no', '', 'd/'];
/** Of the body of `x.txt`. */
const SUM = 'sha256:1c903ccdde94ddd5c5933463fa9c2cb23bed3468f0132633901e469e01c8706f';

/** An ADD of what the web server of the harness has. */
export function randomDownload(random: RandomSource, isModern: boolean): string {
  const modern = random.mostly(
    ['', '', '', '--chmod=640 ', '--link '],
    [`--checksum=${SUM} `, '--unpack ', '--checksum=x '],
  );
  const flags = `${isModern ? modern : ''}${random.pick(['', '', '', '--chown=1:2 '])}`;
  const url = `{web}/${random.mostly(URLS, ODD_URLS)}`;
  const more = random.percent(15) ? ' a' : '';
  return `ADD ${flags}${url}${more} ${random.pick(['/u/', '/u/', '/u/z', '/', './', '/etc/', '/lib/'])}`;
}

/** Secrets for BuildKit, and here and there a folder with the name `extra`. */
export function randomBrought(random: RandomSource, isModern: boolean, usesWeb: boolean, usesFolder: boolean): Brought {
  return {
    ...(usesWeb ? { web: WEB } : {}),
    ...(isModern ? { builders: ['buildkit'], secrets: { token: 'not so secret\n', empty: '' } } : {}),
    ...(usesFolder ? { buildContexts: { extra: extraFolder(random) }, compat: ['28'] } : {}),
  };
}

function extraFolder(random: RandomSource): readonly ContextEntry[] {
  return [
    dir('etc', { mode: random.pick([0o755, 0o700, 0o2750]), mtime: '1500000000.5' }),
    file('etc/e1', undefined, { uid: 9, gid: 10, mode: 0o600 }),
    file('f', undefined, { mtime: '1234567890.123456789' }),
    symlink('w', 'etc'),
    ...(random.percent(50) ? [archive('a.tar', 'none', [file('in')])] : []),
    ...(random.percent(40) ? [file('.dockerignore', random.pick(['f\n', 'etc/*\n!etc/e1\n', '*\n', '**/e1\n']))] : []),
  ];
}
