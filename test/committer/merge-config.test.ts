import { describe, expect, it } from '@jest/globals';
import { mergeConfig } from '../../src/committer/merge-config.ts';
import { emptyContainerConfig } from '../../src/formats/container-config.ts';

const withEntrypoint = (...entrypoint: readonly string[]) => ({ ...emptyContainerConfig, entrypoint });

// What `container_config` of a daemon 28.5 says after `ENTRYPOINT [...]` and a step that only sets the config.
describe('the config of the container of a step', () => {
  it.each([
    ['an image', withEntrypoint('/e')],
    ['nothing', undefined],
  ])('has no entrypoint for one empty word, on %s', (_, image) => {
    expect(mergeConfig(withEntrypoint(''), image).entrypoint).toBeNull();
  });

  it('keeps two empty words', () => {
    expect(mergeConfig(withEntrypoint('', ''), undefined).entrypoint).toEqual(['', '']);
  });

  it("takes the image's entrypoint where it has none of its own", () => {
    expect(mergeConfig(emptyContainerConfig, withEntrypoint('/e')).entrypoint).toEqual(['/e']);
  });
});
