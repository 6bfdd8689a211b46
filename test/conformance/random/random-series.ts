import { type ConformanceCase, type ContextEntry, file } from '../harness/case.ts';
import { openRandomSource, type RandomSource } from './random-source.ts';

/** A build with something changed. */
export interface ChangedBuild {
  readonly what: string;
  readonly dockerfile: string;
  readonly context: readonly ContextEntry[];
  readonly buildArgs: Readonly<Record<string, string>>;
}

type FileEntry = Extract<ContextEntry, { kind: 'file' }>;

/** The build and what becomes of it in a few edits, one after the other; each is one of the build as it was or as it is by then. */
export function randomSeries({
  name,
  dockerfile,
  context = [],
  buildArgs = {},
}: ConformanceCase): readonly ChangedBuild[] {
  const random = openRandomSource([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 2 ** 31);
  const first = { what: 'first build', dockerfile, context: context.map(withoutArchive), buildArgs };
  const series: ChangedBuild[] = [first];
  for (let number = 1; number <= 5; number++) {
    const from = random.percent(30) ? first : (series.at(-1) ?? first);
    series.push(random.percent(12) ? { ...from, what: 'nothing' } : changed(random, from, number));
  }
  return series;
}

/** An archive is made anew for each build with times of its own inside, which BuildKit's client does not see by its size and time. */
const withoutArchive = (entry: ContextEntry): ContextEntry => (entry.kind === 'archive' ? file(entry.path) : entry);

function changed(random: RandomSource, build: ChangedBuild, number: number): ChangedBuild {
  const { dockerfile, context, buildArgs } = build;
  const time = String(1_650_000_000 + number);
  const files = context.filter((entry): entry is FileEntry => entry.kind === 'file' && entry.path !== '.dockerignore');
  const one = files.length === 0 ? undefined : random.pick(files);
  const edited = (what: string, changes: Partial<FileEntry>): ChangedBuild => ({
    ...build,
    what: `${what} of ${one?.path}`,
    context: context.map((entry) => (entry === one ? { ...one, ...changes } : entry)),
  });
  const isLinked = context.some((entry) => entry.kind === 'hardlink' && entry.target === one?.path);
  return random.pick([
    () => edited('content', { content: `changed ${number}\n`, mtime: time }),
    () => edited('content', { content: `changed ${number}\n`, mtime: time }),
    () => edited('time', { mtime: time }),
    () => edited('mode', { mode: 0o601, mtime: time }),
    () => edited('owner', { uid: 7, gid: 8, mtime: time }),
    () =>
      isLinked
        ? { ...build, what: 'nothing, since it is linked' }
        : { ...build, what: `removed ${one?.path}`, context: context.filter((entry) => entry !== one) },
    () => ({ ...build, what: 'a new file', context: [...context, file(`new-${number}`)] }),
    () => ({ ...build, what: 'an argument', buildArgs: { ...buildArgs, A: `given ${number}` } }),
    () => ({ ...build, what: 'an unused argument', buildArgs: { ...buildArgs, NOBODY: String(number) } }),
    () => ({ ...build, what: 'a line at the end', dockerfile: `${dockerfile.trimEnd()}\nLABEL z=${number}\n` }),
    () => ({ ...build, what: 'a comment', dockerfile: dockerfile.replace(/^FROM/m, '# new\nFROM') }),
    () => ({ ...build, what: 'an ENV', dockerfile: dockerfile.replace(/^(FROM .*)$/m, `$1\nENV INS=${number}`) }),
    () => ({ ...build, what: 'a command', dockerfile: dockerfile.replace(/^(RUN .*)true/m, '$1 true') }),
  ])();
}
