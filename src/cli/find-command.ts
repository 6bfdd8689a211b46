import type { Command } from './command.ts';

type Find = () => Promise<Command>;

// A command is loaded when it is called: all of them together take longer than most of them run.
const build: Find = async () => (await import('./commands/build.ts')).build;
const history: Find = async () => (await import('./commands/history.ts')).history;
const images: Find = async () => (await import('./commands/images.ts')).images;
const importCommand: Find = async () => (await import('./commands/import.ts')).importCommand;
const load: Find = async () => (await import('./commands/load.ts')).load;
const prune: Find = async () => (await import('./commands/prune.ts')).prune;
const rmi: Find = async () => (await import('./commands/rmi.ts')).rmi;
const save: Find = async () => (await import('./commands/save.ts')).save;
const tag: Find = async () => (await import('./commands/tag.ts')).tag;

const commands: ReadonlyMap<string, Find> = new Map([
  ['base', async () => (await import('./commands/base.ts')).base],
  ['build', build],
  ['builder', async () => (await import('./commands/prune.ts')).builder],
  ['cat', async () => (await import('./commands/cat.ts')).cat],
  ['check', async () => (await import('./commands/check.ts')).check],
  ['compare', async () => (await import('./commands/compare.ts')).compare],
  ['df', async () => (await import('./commands/df.ts')).df],
  ['diff', async () => (await import('./commands/diff.ts')).diff],
  ['explain', async () => (await import('./commands/explain.ts')).explain],
  ['extract', async () => (await import('./commands/extract.ts')).extract],
  ['gc', async () => (await import('./commands/prune.ts')).gc],
  ['history', history],
  ['images', images],
  ['import', importCommand],
  ['inspect', async () => (await import('./commands/inspect.ts')).inspect],
  ['layers', async () => (await import('./commands/layers.ts')).layers],
  ['lint', async () => (await import('./commands/lint.ts')).lint],
  ['load', load],
  ['ls', async () => (await import('./commands/ls.ts')).ls],
  ['plan', async () => (await import('./commands/plan.ts')).plan],
  ['prune', prune],
  ['ps', async () => (await import('./commands/ps.ts')).ps],
  ['repair', async () => (await import('./commands/repair.ts')).repair],
  ['rmi', rmi],
  ['save', save],
  ['tag', tag],
  ['tree', async () => (await import('./commands/tree.ts')).tree],
  ['version', async () => (await import('./commands/version.ts')).version],
  ['waste', async () => (await import('./commands/waste.ts')).waste],
  ['which-layer', async () => (await import('./commands/which-layer.ts')).whichLayer],
]);

const imageCommands: ReadonlyMap<string, Find> = new Map([
  ['build', build],
  ['ls', images],
  ['list', images],
  ['history', history],
  ['inspect', async () => (await import('./commands/inspect.ts')).imageInspect],
  ['tag', tag],
  ['rm', rmi],
  ['remove', rmi],
  ['save', save],
  ['load', load],
  ['import', importCommand],
  ['prune', prune],
]);

/** The command of this name, loaded; undefined where there is none. `commands.ts` has all of them at once, for help. */
export async function findCommand(name: string): Promise<Command | undefined> {
  return commands.get(name)?.();
}

/** The same for what stands behind `layerlab image`. */
export async function findImageCommand(name: string): Promise<Command | undefined> {
  return imageCommands.get(name)?.();
}
