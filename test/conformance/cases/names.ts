import type { ConformanceCase } from '../harness/case.ts';
import { dir, file, hardlink, symlink } from '../harness/case.ts';

const long = (length: number, letter = 'n'): string => letter.repeat(length);

/** Names that a tar header or a JSON text can't take as they are. */
export const names: readonly ConformanceCase[] = [
  {
    name: 'odd-names',
    dockerfile: 'FROM scratch\nCOPY n /n\n',
    context: [
      file('n/with space'),
      file('n/tab\there'),
      file('n/new\nline'),
      file('n/"quote"'),
      file("n/it's"),
      file('n/back\\slash'),
      file('n/<&>'),
      file('n/-dash'),
      file('n/#hash'),
      file('n/$dollar'),
      file('n/*star'),
      file('n/.hidden'),
      file('n/..double'),
      file('n/wh.not'),
    ],
  },
  {
    name: 'unicode-names',
    dockerfile: 'FROM scratch\nCOPY n /n\nCOPY ["n/grüße.txt", "/ü/"]\n',
    context: [
      file('n/grüße.txt'),
      file('n/日本語/ファイル'),
      file('n/🐳'),
      file('n/e\u0301'),
      symlink('n/link', '日本語/ファイル'),
      hardlink('n/zwei', 'n/🐳'),
    ],
  },
  {
    name: 'long-names',
    dockerfile: 'FROM scratch\nCOPY n /n\n',
    context: [
      file(`n/${long(97)}`),
      file(`n/${long(98, 'a')}`),
      file(`n/${long(99, 'b')}`),
      file(`n/${long(200, 'c')}`),
      file(`n/${long(255, 'd')}`),
      dir(`n/${long(97, 'e')}`),
      dir(`n/${long(98, 'f')}`),
      dir(`n/${long(150, 'g')}`),
    ],
  },
  {
    name: 'long-paths',
    dockerfile: 'FROM scratch\nCOPY n /n\n',
    context: [
      file(`n/${long(60)}/${long(60)}/x`),
      file(`n/${long(120, 'a')}/${long(30)}/y`),
      file(`n/${long(152, 'p')}/${long(99)}`),
      file(`n/${long(153, 'q')}/${long(100)}`),
      file(`n/${long(90, 'r')}/${long(90)}/${long(90)}/${long(20)}`),
      symlink('n/link', long(101)),
      symlink('n/link100', long(100)),
      hardlink('n/zz', `n/${long(60)}/${long(60)}/x`),
    ],
  },
  {
    name: 'order',
    dockerfile: 'FROM scratch\nCOPY n /n\n',
    context: ['a/x', 'a.txt', 'a-b', 'A', 'a0', 'B/b', 'é', 'z', '_', '~', 'ab/c', 'ab.c'].map((name) =>
      file(`n/${name}`),
    ),
  },
];
