import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Writes docs/DAMAGES.md from src/engine/check/damage-catalogue.ts; with --check it only says whether that is current.

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'docs/DAMAGES.md');
const { outputFiles } = await build({
  entryPoints: [join(root, 'src/engine/check/damage-catalogue.ts')],
  bundle: true,
  format: 'esm',
  write: false,
});
const source = `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`;
const { damageCatalogue } = await import(source);
const rows = Object.entries(damageCatalogue).map(
  ([id, { severity, means, mend, repair }]) =>
    `| \`${id}\` | ${severity} | ${means} | ${mend} | ${repair ? 'yes' : 'no'} |`,
);
const text = `<!-- Made by scripts/make-damages-doc.js from src/engine/check/damage-catalogue.ts. -->
# Damages

What \`layerlab check\` can find in a data-root. The ids stay the same between versions. **damage** ends the command with exit
code 4; a **leftover** costs room and no more, and leaves it at 0. What Docker 28.5 does with each was tried: a daemon was started on a
data-root with that damage in it. The last column says whether \`layerlab repair\` does something about it.

| id | weight | what it means | what mends it | repair |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;

if (process.argv.includes('--check')) {
  const current = readFileSync(target, 'utf8') === text;
  if (!current) process.stderr.write('docs/DAMAGES.md is not current: run node scripts/make-damages-doc.js\n');
  process.exitCode = current ? 0 : 1;
} else {
  writeFileSync(target, text);
}
