import type { ContainerConfig } from '../formats/container-config.ts';
import type { Digest } from '../formats/digest.ts';
import { encodeClassicImage, type HistoryRow, type ImageConfig } from '../formats/image-config.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';

export interface ClassicImageInput {
  readonly architecture: string;
  readonly os: string;
  readonly variant: string | undefined;
  readonly author: string;
  readonly config: ContainerConfig;
  readonly container: string;
  readonly containerConfig: ContainerConfig;
  readonly created: string;
  /** The parent's rows. */
  readonly history: readonly HistoryRow[];
  readonly diffIds: readonly Digest[];
  /** Whether the step brought no layer. */
  readonly emptyLayer: boolean;
  readonly profile: BuilderProfile;
}

/** The config of an image that one step of the classic builder leaves (moby image.NewChildImage, MarshalJSON). */
export function classicImage(input: ClassicImageInput): Buffer {
  const row: HistoryRow = {
    created: input.created,
    createdBy: (input.containerConfig.cmd ?? []).join(' '),
    ...(input.author === '' ? {} : { author: input.author }),
    ...(input.emptyLayer ? { emptyLayer: true } : {}),
  };
  const image: ImageConfig = {
    architecture: input.architecture,
    os: input.os,
    ...(input.variant === undefined ? {} : { variant: input.variant }),
    author: input.author,
    comment: '',
    created: input.created,
    container: input.container,
    containerConfig: input.containerConfig,
    config: input.config,
    dockerVersion: input.profile.dockerVersion,
    history: [...input.history, row],
    diffIds: input.diffIds,
    unknown: new Map(),
  };
  return encodeClassicImage(image, input.profile.configs);
}
