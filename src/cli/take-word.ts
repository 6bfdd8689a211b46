/** Takes the first word out that is no flag and no flag's value. */
export function takeWord(argv: readonly string[]): {
  readonly word: string | undefined;
  readonly rest: readonly string[];
} {
  const at = argv.findIndex((word, index) => !word.startsWith('-') && argv[index - 1] !== '--data-root');
  return at < 0 ? { word: undefined, rest: argv } : { word: argv[at], rest: argv.toSpliced(at, 1) };
}
