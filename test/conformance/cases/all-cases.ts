import type { ConformanceCase } from '../harness/case.ts';
import { add } from './add.ts';
import { checksInBuilds } from './checks-in-builds.ts';
import { config } from './config.ts';
import { contexts } from './contexts.ts';
import { copy } from './copy.ts';
import { copyFlags } from './copy-flags.ts';
import { destinations } from './destinations.ts';
import { expansion } from './expansion.ts';
import { failures } from './failures.ts';
import { failuresOfBuilding } from './failures-building.ts';
import { failuresOfParsing } from './failures-parsing.ts';
import { failuresOfParsingMore } from './failures-parsing-more.ts';
import { filesystem } from './filesystem.ts';
import { filesystemMore } from './filesystem-more.ts';
import { heredocs } from './heredocs.ts';
import { ignore } from './ignore.ts';
import { ignoreMore } from './ignore-more.ts';
import { mounts } from './mounts.ts';
import { multiStage } from './multi-stage.ts';
import { namedContexts } from './named-contexts.ts';
import { names } from './names.ts';
import { onbuild } from './onbuild.ts';
import { ownership } from './ownership.ts';
import { permissions } from './permissions.ts';
import { platforms } from './platforms.ts';
import { projects } from './projects.ts';
import { projectsMore } from './projects-more.ts';
import { remote } from './remote.ts';
import { runs } from './run.ts';
import { stages } from './stages.ts';
import { refused2010, versions } from './versions.ts';
import { words } from './words.ts';
import { workdir } from './workdir.ts';

/** Every theme with its cases; a new theme is a file of its own and a line here. */
export const allCases: readonly (readonly [string, readonly ConformanceCase[]])[] = [
  ['config', config],
  ['expansion', expansion],
  ['stages', stages],
  ['multi-stage', multiStage],
  ['platforms', platforms],
  ['copy', copy],
  ['copy-flags', copyFlags],
  ['destinations', destinations],
  ['ownership', ownership],
  ['names', names],
  ['ignore', ignore],
  ['ignoring more', ignoreMore],
  ['add', add],
  ['workdir', workdir],
  ['run', runs],
  ['mounts', mounts],
  ['onbuild', onbuild],
  ['heredocs', heredocs],
  ['remote', remote],
  ['contexts', contexts],
  ['named contexts', namedContexts],
  ['words', words],
  ['projects', [...projects, ...projectsMore]],
  ['permissions', permissions],
  ['filesystem', [...filesystem, ...filesystemMore]],
  ['checks in builds', checksInBuilds],
  ['failures', failures],
  ['failures of parsing', [...failuresOfParsing, ...failuresOfParsingMore]],
  ['failures of building', failuresOfBuilding],
  ['versions', versions],
  ['refused by 20.10', refused2010],
];
