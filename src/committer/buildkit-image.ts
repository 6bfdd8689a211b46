import type { ContainerConfig } from '../formats/container-config.ts';
import type { Digest } from '../formats/digest.ts';
import { encodeBuildkitImage, type HistoryRow, type ImageConfig } from '../formats/image-config.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';

export const BUILDKIT_COMMENT = 'buildkit.dockerfile.v0';

export interface BuildkitImageInput {
  readonly architecture: string;
  readonly os: string;
  readonly variant: string | undefined;
  readonly author: string;
  readonly config: ContainerConfig;
  /** Rows of the base as they stand, then the build's; a row without `created` gets one here. */
  readonly history: readonly HistoryRow[];
  readonly diffIds: readonly Digest[];
  readonly profile: BuilderProfile;
}

/**
 * The config of an image that BuildKit exports. Rows without a time get that of the layer before them, those in front of the
 * first new layer that layer's; the image's own time is the last row's (moby builder/builder-next/exporter/mobyexporter
 * writer.go, normalizeLayersAndHistory).
 */
export function buildkitImage(input: BuildkitImageInput): Buffer {
  const history = fillTimes(input.history);
  const created = history.findLast((row) => row.created !== undefined)?.created;
  const image: ImageConfig = {
    architecture: input.architecture,
    os: input.os,
    ...(input.variant === undefined || input.variant === '' ? {} : { variant: input.variant }),
    author: input.author,
    comment: '',
    created,
    container: '',
    containerConfig: undefined,
    config: input.config,
    dockerVersion: '',
    history,
    diffIds: input.diffIds,
    unknown: new Map(),
  };
  return encodeBuildkitImage(image, input.profile.configs);
}

function fillTimes(rows: readonly HistoryRow[]): HistoryRow[] {
  let created: string | undefined;
  let missing = false;
  for (const row of rows) {
    if (row.created === undefined) missing = true;
    else {
      created = row.created;
      if (missing) break;
    }
  }
  missing = false;
  return rows.map((row) => {
    if (row.created !== undefined) {
      if (missing) created = row.created;
      return row;
    }
    missing = true;
    return created === undefined ? row : { ...row, created };
  });
}
