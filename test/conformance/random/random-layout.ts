import type { RandomSource } from './random-source.ts';

/** The keyword of a line in another case. */
export function inSomeCase(random: RandomSource, line: string): string {
  if (!random.percent(10)) return line;
  const lower = random.percent(50);
  return line.replace(/^[A-Z]+/, (word) => (lower ? word : word.slice(1)).toLowerCase().padStart(word.length, word[0]));
}

/** Blanks before and behind a line, and a line broken after its keyword. */
export function laidOut(random: RandomSource, line: string): string {
  if (!random.percent(12)) return line;
  const [first = '', ...rest] = line.split('\n');
  const broken = (more: string): string => first.replace(/^([A-Za-z]+) /, `$1 \\\n${more}`);
  const changed = random.pick([
    () => `  ${first}`,
    () => `\t${first}`,
    () => `${first} `,
    () => `${first}\t `,
    () => broken(''),
    () => broken('# comment\n'),
    () => broken('\n  # comment \\\n\n   '),
    () => broken(' \\\n'),
    () => first.replace(/^([A-Za-z]+) /, '$1\\\n '),
    () => first.replace(/^([A-Za-z]+) /, '$1 \\  \t\n '),
    () => first.replace(/^([A-Za-z]+) /, '$1\t \t'),
  ])();
  return [changed, ...rest].join('\n');
}

const COMMON = 'JSONArgsRecommended,FromAsCasing,ConsistentInstructionCasing,LegacyKeyValueFormat,UndefinedVar';
const CHECKS = [
  ...[
    'skip=all;error=true',
    `skip=${COMMON};error=true`,
    'skip=all',
    'error=false',
    `error=true;skip=${COMMON}, NoEmptyContinuation`,
  ],
  ...[`skip=${COMMON},WorkdirRelativePath,NoEmptyContinuation,MaintainerDeprecated;error=1`, 'experimental=all'],
];
const ODD_CHECKS = ['x', 'error=maybe', 'skip=all;y=1', '=', 'error=true'];

/** What stands at the very top, and what editors do to a file. */
export function disturb(random: RandomSource, text: string): string {
  switch (random.below(40)) {
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
    case 5:
    case 6:
      return `${random.pick(['# escape=`', '#escape = `', '#\tEscape=` '])}\n${text.replaceAll('\\\n', '`\n')}`;
    case 7:
      return `${random.pick(['# escape=\\', '# comment\n# escape=`', '\n# escape=`', '# escape=x', '# unknown=1\n# escape=\\'])}\n${text}`;
    case 8:
    case 9:
      return `# check=${random.mostly(CHECKS, ODD_CHECKS)}\n${text}`;
    case 10:
      return `\n\n  # first\n\n${text}\n\n# last\n \n`;
    case 11:
      return `${text}\n \\\n`;
    default:
      return text;
  }
}
