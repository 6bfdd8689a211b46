import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Writes docs/ERRORS.md from src/errors/catalogue.ts. With --check it only says, by its exit code, whether the file is current.

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'docs/ERRORS.md');

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/errors/catalogue.ts'],
  format: 'esm',
  write: false,
});
const { catalogue } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);

const exitMeanings = [
  [0, 'done'],
  [1, 'failed'],
  [2, 'the command line or a name on it does not fit'],
  [4, 'the data-root is damaged'],
  [5, 'not found'],
  [6, 'the host cannot, or the user may not'],
  [7, 'a dockerd is running on the data-root'],
  [8, 'no room on the disk'],
  [130, 'interrupted (SIGINT)'],
  [143, 'terminated (SIGTERM)'],
];

const cell = (text) => text.replaceAll('|', '\\|');
const rows = Object.entries(catalogue).map(
  ([code, { exit, title, hint = '' }]) => `| \`${code}\` | ${exit} | ${cell(title)} | ${cell(hint)} |`,
);

const text = `<!-- Made by scripts/make-errors-doc.js from src/errors/catalogue.ts. -->
# Errors

Every failure has a code that stays the same between versions. The command prints it under the message:

\`\`\`
ERROR: No such image: app
  code: LL_NOT_FOUND
\`\`\`

The library throws it as \`LayerlabError\`, with \`code\`, \`hint\`, \`cause\`, \`exitCode\` and, where a line of a Dockerfile is at
fault, \`location\`. \`--debug\` prints causes and stacks.

## Exit codes

| code | meaning |
| --- | --- |
${exitMeanings.map(([code, meaning]) => `| ${code} | ${meaning} |`).join('\n')}

A \`RUN\` that fails ends a build of the classic builder with the exit code of its command, as docker does; a build of
BuildKit's kind ends with 1. \`check\` ends with 4 where there is damage and with 6 where none was found but not everything could be
read; \`repair --write\` with 4 where damage remains ([damages](DAMAGES.md)). An exit code that is not listed counts as a failure.

\`compare\` answers as diff(1) does: 0 for the same, 1 for a difference, 2 for every failure (but 130 and 143). \`waste\` ends with 1 where
a rule of \`.dive-ci\` fails.

## Codes

| code | exit | what happened | what usually helps |
| --- | --- | --- | --- |
${rows.join('\n')}
`;

if (process.argv.includes('--check')) {
  const current = readFileSync(target, 'utf8') === text;
  if (!current) process.stderr.write('docs/ERRORS.md is not current: run node scripts/make-errors-doc.js\n');
  process.exitCode = current ? 0 : 1;
} else {
  writeFileSync(target, text);
}
