import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const launcher = resolve(import.meta.dirname, '../../bin/layerlab.js');

/** A place to build in: a context, a data-root, and the command line as a user has it. */
export class Lab {
  readonly home = mkdtempSync(join(tmpdir(), 'layerlab-lab-'));
  readonly context = join(this.home, 'context');
  readonly dataRoot = join(this.home, 'root');

  constructor() {
    mkdirSync(this.context);
    chmodSync(this.home, 0o755);
  }

  write(name: string, text: string): void {
    const path = join(this.context, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Runs layerlab, by way of another program where one is given. */
  run(
    args: readonly string[],
    options: { readonly by?: readonly string[]; readonly dataRoot?: string } = {},
  ): SpawnSyncReturns<string> {
    const dataRoot = options.dataRoot ?? this.dataRoot;
    const words = [...(options.by ?? []), process.execPath, launcher, '--data-root', dataRoot, ...args];
    const { NODE_OPTIONS: _, ...env } = process.env;
    return spawnSync(words[0] as string, words.slice(1), { encoding: 'utf8', env, timeout: 120_000 });
  }

  /** The standard output of a run that has to succeed. */
  ok(args: readonly string[], options: { readonly by?: readonly string[]; readonly dataRoot?: string } = {}): string {
    const result = this.run(args, options);
    if (result.status !== 0)
      throw new Error(`layerlab ${args.join(' ')}: ${result.status}\n${result.stdout}${result.stderr}`);
    return result.stdout.trim();
  }

  build(
    more: readonly string[] = [],
    options: { readonly by?: readonly string[]; readonly dataRoot?: string } = {},
  ): string {
    return this.ok(['build', '-q', '--network', 'none', ...more, this.context], options);
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
