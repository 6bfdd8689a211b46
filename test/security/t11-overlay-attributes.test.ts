import { afterEach, describe, expect, it } from '@jest/globals';
import { xattrsOf } from '../committer/apply-tar/apply-case.ts';
import { removeTempFolders } from '../temp-root.ts';
import { applyHostile, hostileTar } from './apply-hostile.ts';

afterEach(removeTempFolders);

describe("T11: overlay's own attributes in a layer", () => {
  for (const name of [
    'trusted.overlay.opaque',
    'trusted.overlay.redirect',
    'trusted.overlay.metacopy',
    'trusted.overlay.overlay.opaque',
    'user.overlay.opaque',
    'user.overlay.whiteout',
  ]) {
    it(`${name} is never taken from an archive (dockerd takes it: there a layer can so hide or redirect those below)`, async () => {
      const xattrs = new Map([[name, Buffer.from('y')]]);
      const { diff } = await applyHostile(
        hostileTar([
          { name: 'd/', type: '5', mode: 0o755, xattrs },
          { name: 'f', xattrs },
        ]),
      );
      expect([xattrsOf(`${diff}/d`), xattrsOf(`${diff}/f`)]).toEqual([{}, {}]);
    });
  }

  it('other attributes are kept', async () => {
    const xattrs = new Map([['user.note', Buffer.from('kept')]]);
    const { diff } = await applyHostile(hostileTar([{ name: 'f', xattrs }]));
    expect(xattrsOf(`${diff}/f`)).toEqual({ 'user.note': Buffer.from('kept').toString('base64') });
  });
});
