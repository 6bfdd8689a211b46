import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Lab } from './lab.ts';

const withoutMounts = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
const WAYS: readonly (readonly [name: string, args: readonly string[], by: readonly string[]])[] = [
  ['crun', ['--runtime', 'crun'], []],
  ['runc', ['--runtime', 'runc'], []],
  ['chroot', ['--runtime', 'chroot'], []],
  ['a copy', [], withoutMounts],
];

// Needs root: RUN mounts overlays.
describe('RUN --mount', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.ok(['base']);
  });
  afterEach(() => lab.remove());

  const dockerfile = (...lines: readonly string[]): void =>
    lab.write('Dockerfile', `FROM layerlab/base\n${lines.join('\n')}\n`);
  const output = (args: readonly string[] = [], by: readonly string[] = []): string => {
    const words = ['build', '--progress', 'plain', '--network', 'none', '-t', 'x', ...args, lab.context];
    const result = lab.run(words, { by });
    if (result.status !== 0) throw new Error(result.stderr);
    return result.stderr;
  };
  /** Names in the newest layer. */
  const topLayer = (): string[] => {
    const upper = lab.ok(['inspect', '-f', '{{.GraphDriver.Data.UpperDir}}', 'x']);
    return readdirSync(upper, { recursive: true, encoding: 'utf8' }).sort();
  };

  describe.each(WAYS)('by %s', (_way, args, by) => {
    it('shows the context, stages, caches and empty file systems, and leaves no trace of them', () => {
      lab.write('in/file', 'context\n');
      lab.write(
        'Dockerfile',
        [
          'FROM layerlab/base AS tools',
          'RUN mkdir -p /made/sub && echo stage > /made/sub/f',
          'FROM layerlab/base',
          'RUN --mount=source=in,target=/x/in --mount=from=tools,source=made,target=/y,rw --mount=type=cache,target=/c \\',
          '  --mount=type=tmpfs,target=/t cat /x/in/file /y/sub/f && echo own >> /y/sub/f && cat /y/sub/f && \\',
          '  echo kept >> /c/n && touch /t/lost && touch /layer',
          'RUN --mount=type=cache,target=/again,id=/c cat /again/n; ls /x /y /c /t 2>&1 | wc -l',
        ].join('\n'),
      );
      const text = output(args, by);
      for (const line of ['context', 'stage', 'own', 'kept', '4']) expect(text).toContain(` ${line}\n`);
      const upper = lab.ok(['inspect', '-f', '{{.GraphDriver.Data.LowerDir}}', 'x']).split(':')[0] as string;
      const names = readdirSync(upper, { recursive: true, encoding: 'utf8' });
      expect(names).toContain('layer');
      expect(names.filter((name) => /^[xyct](\/|$)/.test(name))).toEqual([]);
    });

    it('gives a secret as a variable and keeps it off the disk', () => {
      dockerfile(
        'RUN --mount=type=secret,id=s,env=TOKEN test "$TOKEN" = seven-of-nine && grep -l nine -r /etc || touch /ok',
      );
      writeFileSync(join(lab.home, 'secret'), 'seven-of-nine');
      output([...args, '--secret', `id=s,src=${lab.home}/secret`], by);
      expect(topLayer()).toContain('ok');
    });
  });

  it.each(['crun', 'runc', 'chroot'])('gives a secret as a file and forwards an agent, by %s', async (runtime) => {
    writeFileSync(join(lab.home, 'secret'), 'locutus\n');
    const server = createServer((client) => client.destroy()).listen(join(lab.home, 'agent'));
    dockerfile(
      'RUN --mount=type=secret,id=s,mode=0440,gid=7 --mount=type=ssh test -S $SSH_AUTH_SOCK && cat /run/secrets/s && stat -c %a:%u:%g /run/secrets/s $SSH_AUTH_SOCK',
    );
    try {
      const flags = ['--secret', `id=s,src=${lab.home}/secret`, '--ssh', `default=${lab.home}/agent`];
      const text = output(['--runtime', runtime, ...flags]);
      for (const line of ['locutus', '440:0:7', '600:0:0']) expect(text).toContain(` ${line}\n`);
      expect(topLayer().filter((name) => name.startsWith('run'))).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('refuses a secret file where nothing can be mounted', () => {
    dockerfile('RUN --mount=type=secret,id=s true');
    const result = lab.run(['build', '--secret', 'id=s,env=HOME', lab.context], { by: withoutMounts });
    expect(result.status).toBe(6);
    expect(result.stderr).toContain('LL_RUN_IMPOSSIBLE');
    expect(result.stderr).toContain('env=NAME');
  });

  it('takes a step from the cache as long as what is mounted is the same', () => {
    const built = (run: string, flags: readonly string[] = []): string => {
      dockerfile(`RUN ${run} date +%s%N > /r`);
      return lab.build(flags);
    };
    lab.write('a', 'one\n');
    lab.write('b', 'one\n');
    lab.write('other', 'x\n');
    chmodSync(join(lab.context, 'a'), 0o644);
    chmodSync(join(lab.context, 'b'), 0o644);
    const first = built('--mount=source=a,target=/x');
    // The name of the source does not count, nor does what is not mounted.
    expect(built('--mount=source=b,target=/x')).toBe(first);
    lab.write('other', 'y\n');
    expect(built('--mount=source=a,target=/x')).toBe(first);
    expect(built('--mount=source=a,target=/y')).not.toBe(first);
    expect(built('--mount=source=a,target=/x,rw')).not.toBe(first);
    lab.write('a', 'two\n');
    expect(built('--mount=source=a,target=/x')).not.toBe(first);
    lab.write('a', 'one\n');
    expect(built('--mount=source=a,target=/x')).toBe(first);
    chmodSync(join(lab.context, 'a'), 0o600);
    expect(built('--mount=source=a,target=/x')).not.toBe(first);

    const secret = built('--mount=type=secret,id=s,env=S', ['--secret', 'id=s,env=HOME']);
    expect(built('--mount=type=secret,id=s,env=S', ['--secret', 'id=s,env=PATH'])).toBe(secret);
    expect(built('--mount=type=secret,id=s,env=S')).toBe(secret);
    expect(built('--mount=type=secret,id=s,env=T')).not.toBe(secret);

    const cache = built('--mount=type=cache,target=/c');
    expect(built('--mount=type=cache,target=/c,id=/c')).toBe(cache);
    expect(built('--mount=type=cache,target=/c,sharing=locked')).toBe(cache);
    for (const more of ['id=o', 'ro', 'mode=0700', 'from=layerlab/base']) {
      expect(built(`--mount=type=cache,target=/c,${more}`)).not.toBe(cache);
    }
    const old = ['--compat', '20.10'];
    const before = built('--mount=type=cache,target=/c', old);
    expect(built('--mount=type=cache,target=/c', old)).toBe(before);
    expect(built('--mount=type=cache,target=/c,sharing=locked', old)).not.toBe(before);
  });

  it('keeps caches apart by BUILDKIT_CACHE_MOUNT_NS', () => {
    dockerfile('RUN --mount=type=cache,target=/c echo x >> /c/n; wc -l < /c/n');
    expect(output(['--no-cache'])).toContain(' 1\n');
    expect(output(['--no-cache'])).toContain(' 2\n');
    expect(output(['--no-cache', '--build-arg', 'BUILDKIT_CACHE_MOUNT_NS=other'])).toContain(' 1\n');
  });

  it('serves private keys by an agent that only lists and signs', () => {
    dockerfile('RUN --mount=type=ssh true');
    writeFileSync(join(lab.home, 'none'), 'no key\n');
    const result = lab.run(['build', '--ssh', `default=${lab.home}/none`, lab.context]);
    expect(result.stderr).toContain('ssh: no key found');
    expect(result.status).toBe(2);
  });

  it.each([
    [['--secret', 'foo'], "invalid field 'foo' must be a key=value pair"],
    [['--secret', 'id=x,foo=y'], "unexpected key 'foo' in 'foo=y'"],
    [['--secret', 'src=/etc/passwd'], 'secret missing ID'],
    [['--secret', 'id=x,type=blah'], 'unsupported secret type "blah"'],
    [['--secret', 'id=x,src=/absent-file'], 'failed to stat /absent-file'],
    [['--allow', 'everything'], 'invalid entitlement: everything'],
    [['--ssh', 'default=/absent-file'], 'stat /absent-file: no such file or directory'],
  ])('%j does not fit', (flags, message) => {
    dockerfile('RUN true');
    const result = lab.run(['build', ...flags, lab.context]);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain(message);
  });

  it('never shows what .dockerignore leaves out, nor what a link of the context leads to', () => {
    lab.write('secret.key', 'hidden\n');
    lab.write('.dockerignore', 'secret.key\n');
    symlinkSync('/etc/hostname', join(lab.context, 'out'));
    dockerfile('RUN --mount=target=/x ls /x; test ! -e /x/secret.key && test -L /x/out && touch /ok');
    output();
    expect(topLayer()).toContain('ok');
    dockerfile('RUN --mount=source=out,target=/x true');
    const result = lab.run(['build', lab.context]);
    expect(result.stderr).toContain('"/out": not found');
    expect(existsSync(join(lab.dataRoot, 'layerlab/tmp'))).toBe(true);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(lab.home);
  });
});
