import { describe, expect, it } from '@jest/globals';
import { isCacheId, isContainerId, isLinkId, newIdentityId, newLinkId, newStringId } from '../../src/formats/ids.ts';

const hex = '0f'.repeat(32);

describe('the grammars', () => {
  it('take what Docker makes', () => {
    expect(isCacheId('00b65b9c288df8c0ae7cdacba531a7dc5cb006e6c768e19ee36055717b782acc')).toBe(true);
    expect(isCacheId('1e53dddb1a0bb04ee4ebd24a8edb94b96e2fd471a72bf1b8608096b38cb16646-init')).toBe(true);
    expect(isCacheId('x1y2z3abcdefghijklmnopq0r')).toBe(true);
    expect(isLinkId('2NFRHNZBFYCUAPMTFCKUR5R4DS')).toBe(true);
    expect(isContainerId('9bd6ac07a8c962e2403203e1c45f4fb54733f9953cf318b34fc3f155bf2c0c59')).toBe(true);
  });

  it.each([
    '',
    '..',
    'l',
    `${hex}/`,
    `../${hex}`,
    hex.toUpperCase(),
    `${hex}-INIT`,
    `${hex}-init-init`,
    `${hex}\n`,
    'a'.repeat(24),
  ])('have no cache id %j', (text) => {
    expect(isCacheId(text)).toBe(false);
  });

  it.each(['', 'A'.repeat(25), 'A'.repeat(27), '1'.repeat(26), 'a'.repeat(26), `${'A'.repeat(25)}/`])(
    'have no link id %j',
    (text) => {
      expect(isLinkId(text)).toBe(false);
    },
  );

  it('have no container id with a suffix', () => {
    expect(isContainerId(`${hex}-init`)).toBe(false);
    expect(isContainerId(hex.slice(1))).toBe(false);
  });
});

describe('the generators', () => {
  it('make ids that fit the grammars and differ', () => {
    const made = new Set<string>();
    for (let count = 0; count < 300; count++) {
      const [text, identity, link] = [newStringId(), newIdentityId(), newLinkId()];
      expect(isContainerId(text)).toBe(true);
      expect(text).not.toMatch(/^[0-9]{12}/);
      expect(identity).toMatch(/^[0-9a-z]{25}$/);
      expect(isLinkId(link)).toBe(true);
      made.add(text).add(identity).add(link);
    }
    expect(made.size).toBe(900);
  });
});
