import type { ImageConfig } from '../../formats/image-config.ts';

/** The instruction that made a layer, as far as the image's history tells. */
export interface LayerStep {
  /** Empty where the history does not say. */
  readonly createdBy: string;
  readonly created: string;
  readonly comment: string;
}

/** The history rows that made layers, in the order of the diff_ids; a history that is too short leaves empty ones. */
export function layerSteps(config: ImageConfig): LayerStep[] {
  const rows = config.history.filter((row) => row.emptyLayer !== true);
  return config.diffIds.map((_, index) => {
    const row = rows[index];
    return { createdBy: row?.createdBy ?? '', created: row?.created ?? '', comment: row?.comment ?? '' };
  });
}

/** An instruction without the words that builders put around it: `RUN apk add curl` instead of `/bin/sh -c apk add curl # buildkit`. */
export function plainInstruction({ createdBy, comment }: LayerStep): string {
  if (createdBy === '') return comment;
  const text = createdBy.replace(/\s+# buildkit$/, '').trim();
  const nop = /^\/bin\/sh -c #\(nop\)\s+(.*)$/s.exec(text);
  if (nop?.[1] !== undefined) return nop[1];
  const run = /^(?:RUN )?(?:\|\d+ .*?)?\/bin\/sh -c (.*)$/s.exec(text);
  return run?.[1] === undefined ? text : `RUN ${run[1]}`;
}
