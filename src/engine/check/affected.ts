import { readContainer } from './check-containers.ts';
import { readNames } from './check-references.ts';
import type { Finding } from './damage.ts';
import type { LayerClues } from './layer-clues.ts';
import type { Survey } from './survey.ts';

/** Whom a finding concerns: the images that stand on its layer, by their names, and its container. */
export function affected(
  { repositories, containers }: Survey,
  clues: LayerClues,
  { layer, image, container }: Finding,
): { readonly images: readonly string[]; readonly containers: readonly string[] } {
  const ids = [...(layer === undefined ? [] : clues.images(layer)), ...(image === undefined ? [] : [image])];
  const rows = ids.length === 0 ? [] : readNames(repositories);
  const names = ids.flatMap((id) => {
    const own = typeof rows === 'string' ? [] : rows.filter((row) => row.id === `sha256:${id}`);
    return own.length === 0 ? [id.slice(0, 12)] : own.map(({ reference }) => reference);
  });
  const facts = container === undefined ? undefined : containers.get(container);
  const config = facts === undefined ? undefined : readContainer(facts);
  const shown = config === undefined || typeof config === 'string' ? container?.slice(0, 12) : config.name;
  return { images: names, containers: shown === undefined ? [] : [shown] };
}
