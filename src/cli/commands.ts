import type { Command } from './command.ts';
import { base } from './commands/base.ts';
import { build } from './commands/build.ts';
import { cat } from './commands/cat.ts';
import { check } from './commands/check.ts';
import { compare } from './commands/compare.ts';
import { df } from './commands/df.ts';
import { diff } from './commands/diff.ts';
import { explain } from './commands/explain.ts';
import { extract } from './commands/extract.ts';
import { history } from './commands/history.ts';
import { images } from './commands/images.ts';
import { importCommand } from './commands/import.ts';
import { imageInspect, inspect } from './commands/inspect.ts';
import { layers } from './commands/layers.ts';
import { lint } from './commands/lint.ts';
import { load } from './commands/load.ts';
import { ls } from './commands/ls.ts';
import { plan } from './commands/plan.ts';
import { builder, gc, prune } from './commands/prune.ts';
import { ps } from './commands/ps.ts';
import { repair } from './commands/repair.ts';
import { rmi } from './commands/rmi.ts';
import { save } from './commands/save.ts';
import { tag } from './commands/tag.ts';
import { tree } from './commands/tree.ts';
import { version } from './commands/version.ts';
import { waste } from './commands/waste.ts';
import { whichLayer } from './commands/which-layer.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  build,
  lint,
  plan,
  images,
  history,
  inspect,
  compare,
  waste,
  explain,
  tree,
  layers,
  ls,
  cat,
  whichLayer,
  extract,
  ps,
  diff,
  tag,
  rmi,
  save,
  load,
  importCommand,
  base,
  check,
  repair,
  df,
  prune,
  builder,
  gc,
  version,
];

/** What may stand behind `layerlab image`, as behind `docker image`. */
export const imageCommands: Readonly<Record<string, Command>> = {
  build,
  ls: images,
  list: images,
  history,
  inspect: imageInspect,
  tag,
  rm: rmi,
  remove: rmi,
  save,
  load,
  import: importCommand,
  prune,
};
