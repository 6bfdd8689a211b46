import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findUser, homeOf, readUserDatabase, type UserDatabase, UserError } from '../../../src/executor/run/user.ts';
import { mknod, S_IFIFO } from '../../../src/host/syscalls.ts';

const passwd =
  'root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/bin/sh\nnobody:x:65534:65534:n:/home:/bin/sh\napp:x:1000:1001:app:/home/app:/bin/sh\n';
const group = 'root:x:0:\nbin:x:1:\napp:x:1001:\nextra:x:2000:app\n';

/** The images that the daemon was asked with. */
const databases: Readonly<Record<string, UserDatabase>> = {
  plain: { passwd, group },
  nogroup: { passwd, group: undefined },
  nopasswd: { passwd: undefined, group },
  neither: { passwd: undefined, group: undefined },
  weird: {
    passwd:
      '# comment\n\nroot:x:0:0:r:/r oot:/bin/sh\nbad\nu:x:abc:7\n nobody:x:65534:65534::/:/x\nu2:x:1001:1001\nu3:x:1002:1002::relhome:\n',
    group: 'g:x:5:u2, u3\n#x\nh:x:6:u3,\ni:x:9:u2,u3\n',
  },
};

const golden = readFileSync(new URL('user.golden.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'));

function answer(image: string, spec: string, builder: 'buildkit' | 'classic'): string[] {
  const database = databases[image] ?? databases.plain;
  if (database === undefined) throw new Error(image);
  try {
    const { uid, gid, groups } = findUser(spec, database, builder);
    const sorted = [...new Set(groups)].sort((a, b) => a - b);
    return [String(uid), String(gid), sorted.join(','), homeOf(uid, database.passwd)];
  } catch (error) {
    if (error instanceof UserError) return [error.message];
    throw error;
  }
}

describe('findUser', () => {
  it.each(golden)('%s: USER %s (%s)', (image = '', spec = '', builder = '', ...expected) => {
    expect(answer(image, spec, builder === 'classic' ? 'classic' : 'buildkit')).toEqual(expected);
  });

  it('has a row of the daemon for every image, user and builder', () => {
    expect(golden).toHaveLength(210);
  });
});

describe('readUserDatabase', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'layerlab-user-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('follows links inside the root only', () => {
    mkdirSync(join(root, 'etc'));
    mkdirSync(join(root, 'tmp'));
    writeFileSync(join(root, 'tmp/p'), 'x:x:1:1::/:\n');
    symlinkSync('../../../../tmp/p', join(root, 'etc/passwd'));
    symlinkSync('/etc/hostname', join(root, 'etc/group'));
    expect(readUserDatabase(root)).toEqual({ passwd: 'x:x:1:1::/:\n', group: undefined });
  });

  it('does not wait for a fifo', () => {
    const other = join(root, 'other');
    mkdirSync(join(other, 'etc'), { recursive: true });
    mknod(join(other, 'etc/passwd'), S_IFIFO | 0o644, 0n);
    mkdirSync(join(other, 'etc/group'));
    expect(readUserDatabase(other)).toEqual({ passwd: undefined, group: undefined });
  });
});
