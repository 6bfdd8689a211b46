import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** What `docker save` wrote: `legacy` by Docker 20.10, all others by 28.5. */
export type FixtureName = 'classic' | 'child' | 'buildkit' | 'several' | 'untagged' | 'legacy';

/** Path of an archive, gzip-compressed. */
export function fixturePath(name: FixtureName): string {
  return new URL(`./fixtures/${name}.tar.gz`, import.meta.url).pathname;
}

/** The archive's bytes. */
export function fixtureBytes(name: FixtureName): Buffer {
  return gunzipSync(readFileSync(fixturePath(name)));
}

/** Image ids in the fixtures. */
export const fixtureIds = {
  classic: 'sha256:6b4f66d7486f23f179dddf304f3f7394166b427990f5af2fc79a4aa28615cec7',
  child: 'sha256:06ac8004005a8e3a6c18f62c9e4ddb6e5e4bdc9f30fdc09310d0f933ed7be8c3',
  buildkit: 'sha256:661a19688c98951d6b9e690105dfd5b197a3238d2ef5ef975fedc46237d4c708',
} as const;
