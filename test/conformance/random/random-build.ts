import type { ConformanceCase } from '../harness/case.ts';
import { randomContext } from './random-context.ts';
import { randomCopyFrom } from './random-copy.ts';
import { randomInstruction } from './random-instruction.ts';
import { openRandomSource, type RandomSource } from './random-source.ts';
import { randomWord } from './random-words.ts';

/** A build that nobody thought of: the same one for the same seed and number. It may fail, and then has to with both tools. */
export function randomBuild(seed: number, number: number): ConformanceCase {
  const random = openRandomSource(seed * 100_003 + number);
  const context = randomContext(random);
  const paths = context
    .flatMap(({ path }) => [path, path, path.replace(/\/[^/]*$/, '')])
    .filter((path) => path !== '.dockerignore');
  const hasShell = random.percent(40);
  const names: string[] = [];
  const stages = random.several(1, random.percent(60) ? 0 : 2, () => randomStage(random, names, paths, hasShell));
  const globals = random.percent(30) ? [`ARG A=${randomWord(random)}\n`] : [];
  const dockerfile = disturb(random, [...globals, ...stages].join(''));
  const given = random.percent(30) ? { A: random.pick(['arg a', '', '7']), NAME: 'a' } : {};
  return { name: `random-${seed}-${number}`, dockerfile, context, buildArgs: given };
}

/** @param names what stages are called by now; those without a name, by their number. The new one is added. */
function randomStage(random: RandomSource, names: string[], paths: readonly string[], hasShell: boolean): string {
  const named = names.filter((name) => !/^\d/.test(name));
  const images = hasShell ? ['conf/base'] : ['conf/base', 'scratch', 'conf/bare', 'conf/rich-buildkit'];
  const base = named.length > 0 && random.percent(40) ? random.pick(named) : random.pick(images);
  const name = random.percent(60) ? `s${names.length}` : undefined;
  const runs = hasShell && base !== 'scratch';
  const lines = random.several(1, runs ? 5 : 8, () => inSomeCase(random, randomInstruction(random, paths, runs)));
  if (names.length > 0 && random.percent(70)) lines.push(randomCopyFrom(random, names));
  names.push(name ?? String(names.length));
  const from = name === undefined ? base : `${base} ${random.pick(['AS', 'as', 'As'])} ${name}`;
  return `FROM ${from}\n${lines.join('\n')}\n`;
}

function inSomeCase(random: RandomSource, line: string): string {
  if (!random.percent(10)) return line;
  const lower = random.percent(50);
  return line.replace(/^[A-Z]+/, (word) => (lower ? word : word.slice(1)).toLowerCase().padStart(word.length, word[0]));
}

/** What editors do to a file. */
function disturb(random: RandomSource, text: string): string {
  switch (random.below(25)) {
    case 0:
      return text.replaceAll('\n', '\r\n');
    case 1:
      return `\ufeff${text}`;
    case 2:
      return `${text}LABEL last=\\`;
    case 3:
      return text.trimEnd();
    case 4:
      return `# escape=\`\n${text}`;
    default:
      return text;
  }
}
