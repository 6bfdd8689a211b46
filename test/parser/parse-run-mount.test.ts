import { describe, expect, it } from '@jest/globals';
import { parseRunMount } from '../../src/parser/parse-run-mount.ts';

describe('parseRunMount', () => {
  it('reads fields, with bind as the default type', () => {
    const mount = parseRunMount('target=/x,"source=a,b",ro');
    expect(mount.type).toBe('bind');
    expect([...mount.options]).toEqual([
      ['target', '/x'],
      ['source', 'a,b'],
      ['ro', undefined],
    ]);
  });

  it.each([
    ['type=foo', 'unsupported mount type "foo"'],
    ['foo', "invalid field 'foo' must be a key=value pair"],
    ['type=bind,bar=x', "unexpected key 'bar' in 'bar=x'"],
    ['', "invalid field '' must be a key=value pair"],
  ])('refuses %j as docker does', (text, message) => {
    expect(() => parseRunMount(text)).toThrow(message);
  });
});
