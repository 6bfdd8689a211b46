import type { ByteString } from '../../formats/bytestring.ts';
import type { BuiltLayer } from '../../store/built-layer.ts';
import { CACHE_FOLDER, parseBuiltLayer } from '../../store/pending-layers.ts';
import type { Survey } from './survey.ts';

/** A layer of the build cache that no image stands on yet. */
export interface PendingFacts {
  readonly name: string;
  readonly dir: ByteString;
  /** Undefined where the record cannot be used. */
  readonly layer: BuiltLayer | undefined;
  readonly cacheId: string | undefined;
}

/** The layers in `layerlab/cache/layers`. */
export function readPending({ reader, paths }: Survey): readonly PendingFacts[] {
  const root = `${paths.own}/${CACHE_FOLDER}/layers`;
  return reader
    .names(root)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((name) => {
      const dir = `${root}/${name}`;
      const record = reader.small(`${dir}/layer.json`, 1 << 20);
      const layer =
        record.state === 'text' ? parseBuiltLayer(`sha256:${name}`, record.bytes.toString('utf8')) : undefined;
      return { name, dir, layer, cacheId: layer?.cacheId };
    });
}
