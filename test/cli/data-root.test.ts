import { describe, expect, it } from '@jest/globals';
import { dataRootOf } from '../../src/cli/data-root.ts';

describe('dataRootOf', () => {
  it('follows the convention of each platform', () => {
    expect(dataRootOf(undefined, {}, 'linux', '/home/u')).toBe('/home/u/.local/share/layerlab');
    expect(dataRootOf(undefined, { XDG_DATA_HOME: '/x' }, 'linux', '/home/u')).toBe('/x/layerlab');
    expect(dataRootOf(undefined, { XDG_DATA_HOME: 'relative' }, 'linux', '/home/u')).toBe(
      '/home/u/.local/share/layerlab',
    );
    expect(dataRootOf(undefined, {}, 'darwin', '/Users/u')).toBe('/Users/u/Library/Application Support/layerlab');
    expect(dataRootOf(undefined, { LOCALAPPDATA: '/local' }, 'win32', '/home/u')).toBe('/local/layerlab');
  });

  it('takes the flag first, then LAYERLAB_DATA_ROOT; an empty text is none', () => {
    const env = { LAYERLAB_DATA_ROOT: '/env', XDG_DATA_HOME: '/x' };
    expect(dataRootOf('/flag', env, 'linux', '/home/u')).toBe('/flag');
    expect(dataRootOf('', env, 'linux', '/home/u')).toBe('/env');
    expect(dataRootOf(undefined, { ...env, LAYERLAB_DATA_ROOT: '' }, 'linux', '/home/u')).toBe('/x/layerlab');
  });
});
