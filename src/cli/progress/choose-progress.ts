import type { BuilderName } from '../../engine/build-options.ts';
import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { CommandContext } from '../command.ts';
import { ClassicProgress } from './classic.ts';
import { PlainProgress } from './plain.ts';
import { quietProgress } from './quiet.ts';
import { RawJsonProgress } from './raw-json.ts';
import type { ProgressRenderer } from './renderer.ts';
import { TtyProgress } from './tty.ts';

export const PROGRESS_MODES = ['auto', 'plain', 'tty', 'quiet', 'none', 'rawjson'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/**
 * How a build is shown: the classic builder's text on stdout, as docker does, BuildKit's on stderr. `quiet` (also `-q`)
 * keeps silent unless the build fails, `none` even then. Throws LL_USAGE for `tty` without a terminal.
 */
export function chooseProgress(
  mode: ProgressMode,
  builder: BuilderName,
  context: Pick<CommandContext, 'stdout' | 'stderr' | 'env' | 'now'>,
): ProgressRenderer {
  const { stdout, stderr, env, now } = context;
  const colours = !env.NO_COLOR;
  if (mode === 'none') return quietProgress(undefined);
  if (mode === 'rawjson') return new RawJsonProgress(stderr);
  if (mode === 'quiet') {
    // docker prints what it held back on stderr: stdout is for the ID.
    return quietProgress(builder === 'classic' ? new ClassicProgress(stderr, { colours }) : new PlainProgress(stderr));
  }
  if (builder === 'classic') return new ClassicProgress(stdout, { colours });
  if (mode === 'tty' && !stderr.isTTY) {
    throw new LayerlabError('LL_USAGE', 'failed to get console: stderr is not a terminal', {
      hint: 'Use --progress plain, or leave --progress out.',
    });
  }
  const terminal = stderr.isTTY && env.TERM !== 'dumb';
  return mode === 'tty' || (mode === 'auto' && terminal)
    ? new TtyProgress(stderr, { colours, now })
    : new PlainProgress(stderr);
}
