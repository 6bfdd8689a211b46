import type { ConformanceCase } from '../harness/case.ts';
import { add } from './add.ts';
import { config } from './config.ts';
import { copy } from './copy.ts';
import { destinations } from './destinations.ts';
import { expansion } from './expansion.ts';
import { failures } from './failures.ts';
import { heredocs } from './heredocs.ts';
import { ignore } from './ignore.ts';
import { names } from './names.ts';
import { onbuild } from './onbuild.ts';
import { ownership } from './ownership.ts';
import { runs } from './run.ts';
import { stages } from './stages.ts';
import { refused2010, versions } from './versions.ts';
import { workdir } from './workdir.ts';

/** Every theme with its cases; a new theme is a file of its own and a line here. */
export const allCases: readonly (readonly [string, readonly ConformanceCase[]])[] = [
  ['config', config],
  ['expansion', expansion],
  ['stages', stages],
  ['copy', copy],
  ['destinations', destinations],
  ['ownership', ownership],
  ['names', names],
  ['ignore', ignore],
  ['add', add],
  ['workdir', workdir],
  ['run', runs],
  ['onbuild', onbuild],
  ['heredocs', heredocs],
  ['failures', failures],
  ['versions', versions],
  ['refused by 20.10', refused2010],
];
