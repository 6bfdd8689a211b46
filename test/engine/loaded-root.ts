import { load } from '../../src/engine/load.ts';
import { tempFolder } from '../temp-root.ts';
import { type FixtureName, fixturePath } from '../transports/docker-archive/fixture-archive.ts';

/** A fresh data-root with the images of these archives. */
export async function loadedRoot(...names: readonly FixtureName[]): Promise<string> {
  const dataRoot = `${tempFolder()}/root`;
  for (const name of names) await load({ dataRoot, input: fixturePath(name) });
  return dataRoot;
}
