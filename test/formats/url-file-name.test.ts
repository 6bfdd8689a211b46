import { describe, expect, it } from '@jest/globals';
import { parseHttpTime } from '../../src/formats/http-time.ts';
import { looksLikeArchive } from '../../src/formats/looks-like-archive.ts';
import { redactUrl } from '../../src/formats/redact-url.ts';
import { buildkitFileName, classicFileName, dispositionFileName } from '../../src/formats/url-file-name.ts';

/** What Docker 28.5 called the file of each URL. */
describe('the name of a download', () => {
  it.each([
    ['http://h/plain.txt', 'plain.txt'],
    ['http://h/dir/', 'dir'],
    ['http://h/', '__unnamed__'],
    ['http://h', '__unnamed__'],
    ['http://h/sub/.', '__unnamed__'],
    ['http://h/a?b=c/d', 'a'],
    ['http://h/a%20b', 'a b'],
    ['http://h/a%2Fb', 'b'],
    ['http://h/x%2e%2e', 'x..'],
    ['http://h/..', 'download'],
    ['http://h/a/../../b', 'b'],
  ])('BuildKit: %s is %s', (url, name) => {
    expect(buildkitFileName(url)).toBe(name);
  });

  it.each([
    ['http://h/cd', 'attachment; filename="other"', 'cd'],
    ['http://h/cd/', 'attachment; filename="dispo name.txt"', 'dispo name.txt'],
    ['http://h/cd/', 'attachment; filename="../../etc/passwd"', 'passwd'],
    ['http://h/cd/', 'attachment; filename="d/"', ''],
    ['http://h/cd/', undefined, ''],
    ['http://h/', undefined, ''],
    ['http://h/a%2Fb', undefined, 'b'],
  ])('classic: %s with %j is %j', (url, header, name) => {
    expect(classicFileName(url, header)).toBe(name);
  });

  it('is read of a Content-Disposition as RFC 6266 has it', () => {
    expect(dispositionFileName('attachment')).toBeUndefined();
    expect(dispositionFileName('inline; filename=plain; x=y')).toBe('plain');
    expect(dispositionFileName('attachment; FILENAME="a \\"b\\""')).toBe('a "b"');
    expect(dispositionFileName("attachment; filename=a; filename*=UTF-8''%e2%82%ac%20rates")).toBe('€ rates');
  });
});

describe('parseHttpTime', () => {
  it.each([
    ['Tue, 15 Nov 1994 12:45:26 GMT', 784_903_526],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777],
    ['Sun Nov  6 08:49:37 1994', 784_111_777],
    ['Sun, 06 Nov 1960 08:49:37 GMT', -288_803_423],
    ['Sun, 06 Nov 2050 08:49:37 GMT', 2_551_337_377],
    ['yesterday', undefined],
    ['Tue, 31 Feb 1994 12:45:26 GMT', undefined],
    ['', undefined],
  ])('%s', (text, seconds) => {
    expect(parseHttpTime(text)).toBe(seconds);
  });
});

describe('redactUrl', () => {
  it.each([
    ['git://u:secret@h:9/x', 'git://xxxxx:xxxxx@h:9/x'],
    ['https://token@h/x', 'https://xxxxx@h/x'],
    ['https://h/a@b', 'https://h/a@b'],
    ['git@h:x', 'git@h:x'],
  ])('%s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});

describe('looksLikeArchive', () => {
  it.each(['FROM scratch\n', '', '\0'.repeat(1024), `# ${'x'.repeat(600)}`, 'PK\x03\x04'])('%j is none', (text) => {
    expect(looksLikeArchive(Buffer.from(text, 'latin1'))).toBe(false);
  });
});
