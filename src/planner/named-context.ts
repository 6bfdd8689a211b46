import { LayerlabError } from '../errors/layerlab-error.ts';
import { familiarString, parseReference } from '../formats/reference.ts';

/** What a name given by `--build-context` stands for in a plan. */
export type PlannedContext =
  | {
      readonly kind: 'image';
      /** An image of the data-root, by a name or an id. */
      readonly reference: string;
      /** Behind `[context NAME] ` in progress. */
      readonly shown: string;
    }
  | { readonly kind: 'folder' };

/** The named contexts of a build by their names in one form (see `contextName`). */
export type PlannedContexts = ReadonlyMap<string, PlannedContext>;

/**
 * The one form of a context's name, so that `x`, `x:latest` and `docker.io/library/x` are the same (buildkit
 * frontend/dockerui NamedContext). Undefined for what is no image name, which names no context.
 */
export function contextName(text: string): string | undefined {
  try {
    return familiarString(parseReference(text)).replace(/:latest$/, '');
  } catch (error) {
    if (error instanceof LayerlabError && error.code === 'LL_REFERENCE') return undefined;
    throw error;
  }
}

/** Looks a stage's, a base's or a `--from` name up. `scratch` always means what it means without contexts. */
export function findContext(
  contexts: PlannedContexts | undefined,
  text: string,
): (PlannedContext & { readonly name: string }) | undefined {
  if (contexts === undefined || contexts.size === 0 || /^scratch$/i.test(text)) return undefined;
  const name = contextName(text);
  const found = name === undefined ? undefined : contexts.get(name);
  return name === undefined || found === undefined ? undefined : { ...found, name };
}
