import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { Platform } from '../../planner/plan-options.ts';
import { normalizePlatform, parsePlatform } from '../../planner/platforms.ts';
import { builderProfile } from '../../profiles/builder-profile.ts';
import type { BuildOptions } from '../build-options.ts';
import { hostPlatform } from './host-platform.ts';

/** What a build is done on and for. */
export interface BuildPlatforms {
  readonly host: Platform;
  /** What `scratch` and TARGETPLATFORM are: what the user asks for, else the host. */
  readonly target: Platform;
  /** Whether the user asked for it: BuildKit writes it into the image then, whatever the base says. */
  readonly given: boolean;
}

/**
 * Reads `--platform`. BuildKit normalises it (`linux/arm` is v7, `linux/arm64/v8` has no variant), classic takes it as it
 * is. Throws LL_USAGE for what is no platform, LL_UNSUPPORTED for several and for other systems than Linux.
 */
export function buildPlatforms({
  platform,
  builder,
  compat,
}: Pick<BuildOptions, 'platform' | 'builder' | 'compat'>): BuildPlatforms {
  const host = hostPlatform();
  if (platform === undefined || platform === '') return { host, target: host, given: false };
  if (platform.includes(',')) {
    throw new LayerlabError('LL_UNSUPPORTED', 'Multi-platform build is not supported', {
      hint: "Build once for each platform: a data-root of overlay2 holds no multi-platform images, dockerd's neither.",
    });
  }
  let target: Platform;
  try {
    target = parsePlatform(platform, host, builderProfile(builder ?? 'buildkit', compat).platforms);
  } catch (error) {
    if (!(error instanceof LayerlabError)) throw error;
    throw new LayerlabError('LL_USAGE', error.message, {
      hint: 'A platform is os/arch or os/arch/variant: linux/arm64.',
    });
  }
  if (target.os !== 'linux') throw new LayerlabError('LL_UNSUPPORTED', 'operating system is not supported');
  return { host, target: builder === 'classic' ? target : normalizePlatform(target), given: true };
}
