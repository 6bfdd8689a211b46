import { describe, expect, it } from '@jest/globals';
import { emptyContainerConfig } from '../../../src/formats/container-config.ts';
import { digestOf, hexOf } from '../../../src/formats/digest.ts';
import { parseImageConfig } from '../../../src/formats/image-config.ts';
import { legacyImages } from '../../../src/transports/docker-archive/legacy-image.ts';
import { fixtureBytes } from './fixture-archive.ts';

/** The file of the archive whose name ends like this. */
function fileOf(archive: Buffer, name: string): Buffer {
  const at = archive.indexOf(`blobs/sha256/${name}\0`);
  const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
  return archive.subarray(at + 512, at + 512 + size);
}

describe('legacyImages', () => {
  for (const name of ['classic', 'buildkit', 'child'] as const) {
    it(`gives the documents that are in the daemon's archive: ${name}`, () => {
      const archive = fixtureBytes(name);
      const manifest = archive.indexOf('[{"Config":"blobs/sha256/');
      const config = fileOf(archive, archive.toString('latin1', manifest + 25, manifest + 89));
      const documents = legacyImages(parseImageConfig(config));
      expect(documents.length).toBeGreaterThan(1);
      for (const document of documents) {
        expect(fileOf(archive, hexOf(digestOf(document))).equals(document)).toBe(true);
      }
    });
  }

  // The id is that of Docker 28.5 for the same image.
  it('writes null for an image that does not say when it was made', () => {
    const [document] = legacyImages({
      architecture: 'amd64',
      os: 'linux',
      author: '',
      comment: '',
      created: undefined,
      container: '',
      containerConfig: undefined,
      config: emptyContainerConfig,
      dockerVersion: '',
      history: [],
      diffIds: ['sha256:6ca8a829bfd20129aa05af165cebbf84cd7c004a3135abb87b823cdd0666bf5a'],
      unknown: new Map(),
    });
    expect(document?.toString()).toMatch(
      /^\{"id":"e023516246ef811899b2dd1fa3c6f918f2581bd7bf73547fd19c7ced75ba238e","created":null,/,
    );
  });
});
