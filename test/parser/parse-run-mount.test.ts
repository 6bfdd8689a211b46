import { describe, expect, it } from '@jest/globals';
import { parseRunMount, runMountFrom } from '../../src/parser/parse-run-mount.ts';

const same = (word: string): string => word;

describe('parseRunMount', () => {
  it('reads fields, with a read-only bind as the default', () => {
    expect(parseRunMount('target=/x,"source=a,b"', same)).toMatchObject({
      ...{ type: 'bind', target: '/x', source: 'a,b', readonly: true, id: '', sharing: undefined },
    });
  });

  it('expands every value, the type too', () => {
    const expand = (word: string): string => word.replace('$T', 'cache').replace('$M', '0770');
    expect(parseRunMount('type=$T,dst=/x,mode=$M,uid=7', expand)).toMatchObject({
      ...{ type: 'cache', target: '/x', mode: 0o770, uid: 7, gid: undefined, readonly: false },
    });
  });

  it.each([
    ['type=bind,target=/x,rw', false],
    ['type=bind,target=/x,readwrite=false', true],
    ['type=cache,target=/x,ro', true],
    ['type=tmpfs,target=/x', false],
    ['type=secret,id=x', true],
  ])('knows whether %s is read-only', (text, readonly) => {
    expect(parseRunMount(text, same).readonly).toBe(readonly);
  });

  it.each([
    ['type=tmpfs,size=64m', 67_108_864],
    ['type=tmpfs,size=1.5GiB', 1_610_612_736],
    ['type=tmpfs,size=5', 5],
  ])('reads the size of %s', (text, size) => {
    expect(parseRunMount(text, same).size).toBe(size);
  });

  // The words of docker 28.5 for each.
  it.each([
    ['type=foo', 'unsupported mount type "foo"'],
    ['foo', "invalid field 'foo' must be a key=value pair"],
    ['type=bind,bar=x', "unexpected key 'bar' in 'bar=x'"],
    ['type=bind,foo=x', "unexpected key 'foo' in 'foo=x' (did you mean from?)"],
    ['', 'failed to parse csv mounts: EOF'],
    ['target', "invalid field 'target' must be a key=value pair"],
    ['type=tmpfs,target=/x,size=abc', 'invalid value for size: abc'],
    ['type=bind,target=/x,size=5', "unexpected key 'size' for mount type 'bind'"],
    ['type=secret', 'invalid secret mount. one of source, target required'],
    ['type=secret,id=x,mode=9', 'invalid value 9 for mode'],
    ['type=cache,target=/x,mode=0x1ff', 'invalid value 0x1ff for mode'],
    ['type=secret,id=x,from=bb', 'secret mount should not have a from'],
    ['type=secret,id=x,sharing=private', 'secret mount should not define sharing'],
    ['type=secret,source=abc,id=def', "both source and id can't be set"],
    ['type=cache,target=/x,sharing=foo', 'unsupported sharing value "foo"'],
    ['type=bind,target=/x,sharing=private', 'invalid cache sharing set for bind mount'],
    ['type=bind,target=/x,mode=0700', 'mode not allowed for "bind" type mounts'],
    ['type=bind,target=/x,uid=1', 'uid not allowed for "bind" type mounts'],
    ['type=tmpfs,target=/x,mode=0700', 'mode not allowed for "tmpfs" type mounts'],
    ['type=cache,target=/x,uid=a', 'invalid value a for uid'],
    ['type=cache,target=/x,uid=-1', 'invalid value -1 for uid'],
    ['type=cache,target=/x,uid=99999999999', 'invalid value 99999999999 for uid'],
    ['type=bind,target=/x,required=maybe', "unexpected key 'required' for mount type 'bind'"],
    ['required,type=secret,id=x', "unexpected key 'required' for mount type 'bind'"],
    ['type=bind,target=/x,ro=maybe', 'invalid value for ro: maybe'],
    ['type=ssh,source=abc', 'ssh does not support source'],
    ['type=ssh,sharing=locked', 'invalid cache sharing set for ssh mount'],
  ])('refuses %j as docker does', (text, message) => {
    expect(() => parseRunMount(text, same)).toThrow(message);
  });
});

describe('runMountFrom', () => {
  it('gives the source without expanding anything', () => {
    expect(runMountFrom('type=$T,from=Base,target=/x')).toBe('Base');
    expect(runMountFrom('type=cache,target=/x')).toBe('');
  });

  it('refuses a variable', () => {
    const words = "'from' doesn't support variable expansion, define alias stage instead";
    expect(() => runMountFrom('from=$X,target=/x')).toThrow(words);
  });
});
