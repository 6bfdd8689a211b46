import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { ContextTree } from '../../executor/context/context-tree.ts';
import { toByteString } from '../../formats/bytestring.ts';
import { type Digest, isDigest } from '../../formats/digest.ts';
import { contextName, type PlannedContext } from '../../planner/named-context.ts';
import type { Platform } from '../../planner/plan-options.ts';
import { formatPlatform, servesPlatform } from '../../planner/platforms.ts';
import { chainsOf } from '../../store/layerdb.ts';
import type { Store } from '../../store/store.ts';
import { loadOciImage } from '../../transports/oci-layout/load-oci-image.ts';
import type { BaseImages } from './base-images.ts';
import { openFolder } from './read-input.ts';

/** The named contexts of a build, ready to be used. */
export interface NamedContexts {
  readonly planned: ReadonlyMap<string, PlannedContext>;
  readonly folders: ReadonlyMap<string, ContextTree>;
  /** Where those folders are. */
  readonly places: ReadonlyMap<string, string>;
  /** The topmost layers that were brought in: what no image stands on after the build is to go again. */
  readonly tops: readonly Digest[];
}

const REMOTE = /^(?:https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/;

/**
 * Opens what `--build-context NAME=VALUE` names, as docker buildx reads it: `docker-image://`, `oci-layout://` or a folder,
 * which brings a .dockerignore of its own. Images of layouts join `bases` under their ids, for this build only.
 *
 * @throws LL_USAGE for a name that is none, LL_UNSUPPORTED for a URL, LL_CONTEXT for a folder that is not there, LL_ARCHIVE
 *   and more for a layout
 */
export async function openNamedContexts(
  given: Readonly<Record<string, string>>,
  { store, bases, platform }: { readonly store: Store; readonly bases: BaseImages; readonly platform: Platform },
): Promise<NamedContexts> {
  const planned = new Map<string, PlannedContext>();
  const folders = new Map<string, ContextTree>();
  const places = new Map<string, string>();
  const tops: Digest[] = [];
  for (const [key, value] of Object.entries(given)) {
    const name = contextName(key);
    if (name === undefined) {
      throw new LayerlabError('LL_USAGE', `invalid context name ${key}`, {
        hint: 'A name is one that a stage or an image may have: lower-case letters, digits and separators.',
      });
    }
    const [, scheme, rest = ''] = /^(docker-image|oci-layout):\/\/(.*)$/s.exec(value) ?? [];
    if (scheme === 'docker-image') planned.set(name, { kind: 'image', reference: rest, shown: rest });
    else if (scheme === 'oci-layout') {
      const { id, config } = await loadOciImage(store, ...layoutOf(rest, platform));
      bases.add(id, config);
      tops.push(...chainsOf(config.diffIds).slice(-1));
      planned.set(name, { kind: 'image', reference: id, shown: 'OCI load from client' });
    } else if (REMOTE.test(value)) throw remote(name, value);
    else {
      places.set(name, checkFolder(name, value));
      folders.set(name, openFolder(places.get(name) as string));
      planned.set(name, { kind: 'folder' });
    }
  }
  return { planned, folders, places, tops };
}

/** Where a fetcher of git and http sources would come in: it gives a folder, and the rest is that of a folder. */
function remote(name: string, value: string): LayerlabError {
  return new LayerlabError('LL_UNSUPPORTED', `the build context ${name} is remote: ${value}`, {
    hint: 'Fetch it into a folder first and name the folder.',
  });
}

function checkFolder(name: string, value: string): string {
  const folder = resolve(value);
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new LayerlabError(
      'LL_CONTEXT',
      `failed to get build context ${name}: stat ${value}: no such file or directory`,
    );
  }
  if (!stat.isDirectory()) {
    throw new LayerlabError('LL_CONTEXT', `failed to get build context path ${value}: not a directory`);
  }
  return folder;
}

/** `PATH[:TAG][@DIGEST]`; the tag is `latest` unless told. */
function layoutOf(
  text: string,
  wanted: Platform,
): Parameters<typeof loadOciImage> extends [Store, ...infer Rest] ? Rest : never {
  const [place = '', digest] = splitLast(text, '@');
  const [path = '', tag = 'latest'] = place.split(':', 2);
  if (digest !== undefined && !isDigest(digest)) {
    throw new LayerlabError('LL_DIGEST', `invalid digest ${JSON.stringify(digest.slice(0, 100))} of an OCI layout`);
  }
  const choose = (offered: readonly Platform[]): number => {
    const exact = offered.findIndex((one) => formatPlatform(one) === formatPlatform(wanted));
    return exact >= 0 ? exact : offered.findIndex((one) => servesPlatform(one, wanted));
  };
  return [toByteString(resolve(path)), { tag, digest: digest as Digest | undefined, choose }];
}

function splitLast(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.lastIndexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
