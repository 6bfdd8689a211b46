/** A template's syntax tree (text/template/parse node.go). Positions are byte-less offsets into the template's text. */
export type Node = TextNode | ActionNode | BranchNode | BreakNode;

export interface TextNode {
  readonly kind: 'text';
  readonly text: string;
}

export interface ActionNode {
  readonly kind: 'action';
  readonly pipe: Pipe;
}

export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

export interface BreakNode {
  readonly kind: 'break' | 'continue';
}

/** `$a, $b := command | command`. */
export interface Pipe {
  readonly kind: 'pipe';
  readonly position: number;
  readonly variables: readonly string[];
  /** `=` sets variables that are there, `:=` makes them. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly position: number;
  readonly words: readonly Operand[];
}

export type Operand =
  | { readonly kind: 'field'; readonly position: number; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly position: number; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'chain'; readonly position: number; readonly base: Operand; readonly names: readonly string[] }
  | { readonly kind: 'function'; readonly position: number; readonly name: string }
  | { readonly kind: 'dot'; readonly position: number }
  | { readonly kind: 'nil'; readonly position: number }
  | { readonly kind: 'boolean'; readonly position: number; readonly value: boolean }
  | { readonly kind: 'number'; readonly position: number; readonly text: string; readonly value: number | bigint }
  | { readonly kind: 'string'; readonly position: number; readonly text: string; readonly value: string }
  | Pipe;

/** A node as error messages quote it (the String methods of parse/node.go). */
export function operandText(operand: Operand): string {
  switch (operand.kind) {
    case 'field':
      return dotted(operand.names);
    case 'variable':
      return operand.name + dotted(operand.names);
    case 'chain':
      return `${operand.base.kind === 'pipe' ? `(${pipeText(operand.base)})` : operandText(operand.base)}${dotted(operand.names)}`;
    case 'function':
      return operand.name;
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'boolean':
      return String(operand.value);
    case 'number':
    case 'string':
      return operand.text;
    case 'pipe':
      return `(${pipeText(operand)})`;
  }
}

export function commandText(command: Command): string {
  return command.words.map(operandText).join(' ');
}

function pipeText(pipe: Pipe): string {
  const declared = pipe.variables.length === 0 ? '' : `${pipe.variables.join(', ')} ${pipe.assigns ? '=' : ':='} `;
  return declared + pipe.commands.map(commandText).join(' | ');
}

function dotted(names: readonly string[]): string {
  return names.map((name) => `.${name}`).join('');
}
