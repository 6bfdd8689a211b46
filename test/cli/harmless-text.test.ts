import { describe, expect, it } from '@jest/globals';
import { harmlessText } from '../../src/cli/harmless-text.ts';

describe('harmlessText', () => {
  it('shows escape sequences instead of sending them', () => {
    expect(harmlessText('a\u001b[31mred\u001b]0;title\u0007')).toBe('a^[[31mred^[]0;title^G');
  });

  it('shows delete, C1 controls and marks that turn text around', () => {
    expect(harmlessText('\u007f\u009b2J\u202eexe.txt')).toBe('^?\\u009b2J\\u202eexe.txt');
  });

  it('shows a carriage return, which could overwrite a line', () => {
    expect(harmlessText('safe\rEVIL')).toBe('safe^MEVIL');
  });

  it('keeps tabs, newlines and all other text', () => {
    expect(harmlessText('a\tb\nü 镜像 🙂')).toBe('a\tb\nü 镜像 🙂');
  });
});
