import type { ArgInstruction, FromInstruction } from '../instruction.ts';
import type { Reporter } from './report.ts';

/** InvalidDefinitionDescription: the last comment above a named stage or an ARG begins with that name. */
export function checkDescription(
  instruction: FromInstruction | ArgInstruction,
  comments: readonly string[],
  reporter: Reporter,
): void {
  const last = comments.at(-1);
  if (last === undefined) return;
  const keys =
    instruction.kind === 'ARG'
      ? instruction.args.map(({ key }) => key)
      : instruction.name === undefined
        ? []
        : [instruction.name];
  const [first = '', ...others] = keys;
  if (keys.length === 0 || keys.includes(last.split(' ', 1)[0] ?? '')) return;
  const name = others.length > 0 ? '<arg_key>' : first;
  const message = `Comment for ${instruction.kind} should follow the format: \`# ${name} <description>\``;
  reporter.report('InvalidDefinitionDescription', instruction.range, message);
}
