import type { LayerlabError } from '../../errors/layerlab-error.ts';
import type { FunctionTable, Parameter, TemplateFunction } from './functions.ts';
import { type Command, commandText, type Node, type Operand, operandText, type Pipe } from './node.ts';
import { printValue } from './print.ts';
import { executeError } from './template-error.ts';
import {
  isList,
  isMap,
  isTrue,
  JsonNumber,
  sortedEntries,
  TemplateStruct,
  type TemplateValue,
  typeNameOf,
} from './value.ts';

export interface ExecuteOptions {
  readonly functions: FunctionTable;
  /** What a map gives for a key it does not have: `<no value>`, an error, or an empty text. */
  readonly missingKey: 'no-value' | 'error' | 'empty';
}

type Flow = 'break' | 'continue' | undefined;

/** What is missing in front of a command that is the first of its pipe. */
const NOTHING = Symbol('nothing');
type Piped = TemplateValue | typeof NOTHING;

/** Runs a tree on a value (text/template exec.go), handing over text as it is made. Throws LL_FORMAT. */
export function execute(
  source: string,
  nodes: readonly Node[],
  value: TemplateValue,
  options: ExecuteOptions,
  write: (text: string) => void,
): void {
  new Execution(source, options, write, value).walk(nodes, value);
}

class Execution {
  readonly source: string;
  readonly options: ExecuteOptions;
  readonly write: (text: string) => void;
  readonly variables: { name: string; value: TemplateValue }[];

  constructor(source: string, options: ExecuteOptions, write: (text: string) => void, root: TemplateValue) {
    this.source = source;
    this.options = options;
    this.write = write;
    this.variables = [{ name: '$', value: root }];
  }

  walk(nodes: readonly Node[], dot: TemplateValue): Flow {
    for (const node of nodes) {
      const flow = this.walkNode(node, dot);
      if (flow !== undefined) return flow;
    }
    return undefined;
  }

  private walkNode(node: Node, dot: TemplateValue): Flow {
    switch (node.kind) {
      case 'text':
        this.write(node.text);
        return undefined;
      case 'action': {
        const value = this.pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.write(printValue(value));
        return undefined;
      }
      case 'break':
      case 'continue':
        return node.kind;
      case 'range':
        return this.scoped(() => this.range(node.pipe, node.body, node.otherwise, dot));
      default:
        return this.scoped(() => {
          const value = this.pipe(node.pipe, dot);
          if (!isTrue(value)) return this.walk(node.otherwise, dot);
          return this.walk(node.body, node.kind === 'with' ? value : dot);
        });
    }
  }

  private range(pipe: Pipe, body: readonly Node[], otherwise: readonly Node[], dot: TemplateValue): Flow {
    const { variables } = pipe;
    const collection = this.commands(pipe, dot);
    const items = this.items(pipe, collection);
    if (items.length === 0) return this.walk(otherwise, dot);
    for (const [key, item] of items) {
      const flow = this.scoped(() => {
        const [first, second] = variables;
        if (second !== undefined) this.variables.push({ name: second, value: item });
        if (first !== undefined) this.variables.push({ name: first, value: second === undefined ? item : key });
        return this.walk(body, item);
      });
      if (flow === 'break') break;
    }
    return undefined;
  }

  private items(pipe: Pipe, value: TemplateValue): readonly (readonly [TemplateValue, TemplateValue])[] {
    if (value === undefined || value === null) return [];
    if (isList(value)) return value.map((item, index) => [index, item] as const);
    if (isMap(value)) return sortedEntries(value);
    if (typeof value === 'number' && Number.isInteger(value) && value <= 100_000) {
      return Array.from({ length: Math.max(0, value) }, (_, index) => [index, index] as const);
    }
    throw this.fail(pipe, operandText(pipe).slice(1, -1), `range can't iterate over ${printValue(value)}`);
  }

  private scoped(run: () => Flow): Flow {
    const mark = this.variables.length;
    const flow = run();
    this.variables.length = mark;
    return flow;
  }

  private pipe(pipe: Pipe, dot: TemplateValue): TemplateValue {
    const value = this.commands(pipe, dot);
    for (const name of pipe.variables) {
      const there = pipe.assigns ? this.variables.findLast((variable) => variable.name === name) : undefined;
      if (there === undefined) this.variables.push({ name, value });
      else there.value = value;
    }
    return value;
  }

  private commands(pipe: Pipe, dot: TemplateValue): TemplateValue {
    let value: Piped = NOTHING;
    for (const command of pipe.commands) value = this.command(command, dot, value);
    return value === NOTHING ? undefined : value;
  }

  private command(command: Command, dot: TemplateValue, piped: Piped): TemplateValue {
    const first = command.words[0];
    if (first === undefined) return undefined;
    // Most commands are one field.
    if (first.kind === 'field' && command.words.length === 1 && piped === NOTHING) return this.operand(first, dot);
    const rest = command.words.slice(1);
    if (first.kind === 'function') return this.call(first.name, first, command, rest, dot, piped);
    const hasArguments = rest.length > 0 || piped !== NOTHING;
    if (hasArguments && (first.kind === 'field' || first.kind === 'chain' || first.kind === 'variable')) {
      const last = first.names.at(-1);
      if (last !== undefined) {
        this.operand(first, dot);
        throw this.fail(first, operandText(first), `${last} is not a method but has arguments`);
      }
    }
    if (first.kind === 'nil') throw this.fail(first, 'nil', 'nil is not a command');
    if (hasArguments) {
      throw this.fail(first, operandText(first), `can't give argument to non-function ${operandText(first)}`);
    }
    return this.operand(first, dot);
  }

  private operand(operand: Operand, dot: TemplateValue): TemplateValue {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'field':
        return this.fields(operand, operand.names, dot);
      case 'variable':
        return this.fields(operand, operand.names, this.variable(operand.name));
      case 'chain':
        return this.fields(operand, operand.names, this.operand(operand.base, dot));
      case 'function':
        return this.call(operand.name, operand, { position: operand.position, words: [operand] }, [], dot, NOTHING);
      case 'pipe':
        return this.pipe(operand, dot);
      case 'nil':
        return undefined;
      default:
        return operand.value;
    }
  }

  private variable(name: string): TemplateValue {
    return this.variables.findLast((variable) => variable.name === name)?.value;
  }

  private fields(operand: Operand, names: readonly string[], start: TemplateValue): TemplateValue {
    let value = start;
    for (const name of names) value = this.field(operand, name, value);
    return value;
  }

  private field(operand: Operand, name: string, receiver: TemplateValue): TemplateValue {
    if (receiver instanceof TemplateStruct) {
      const field = receiver.field(name);
      if (field !== undefined) return field.value;
    } else if (isMap(receiver)) {
      if (receiver.has(name)) return receiver.get(name);
      if (this.options.missingKey === 'error') {
        throw this.fail(operand, operandText(operand), `map has no entry for key ${JSON.stringify(name)}`);
      }
      return this.options.missingKey === 'empty' ? '' : undefined;
    } else if (receiver === undefined) {
      if (this.options.missingKey === 'no-value') return undefined;
      throw this.fail(operand, operandText(operand), `nil data; no entry for key ${JSON.stringify(name)}`);
    } else if (receiver === null) {
      throw this.fail(operand, operandText(operand), `nil pointer evaluating interface {}.${name}`);
    }
    // A text or number out of decoded JSON has no static type.
    const type = receiver instanceof TemplateStruct ? receiver.typeName : 'interface {}';
    throw this.fail(operand, operandText(operand), `can't evaluate field ${name} in type ${type}`);
  }

  private call(
    name: string,
    operand: Operand,
    command: Command,
    words: readonly Operand[],
    dot: TemplateValue,
    piped: Piped,
  ): TemplateValue {
    const target = this.options.functions[name];
    if (target === undefined) throw this.fail(operand, name, `${JSON.stringify(name)} is not a defined function`);
    this.checkCount(name, target, operand, words.length + (piped === NOTHING ? 0 : 1));
    const values: TemplateValue[] = [];
    for (const [index, word] of words.entries()) {
      const value = this.argument(word, parameterAt(target, index), dot);
      values.push(value);
      if ((name === 'and' && !isTrue(value)) || (name === 'or' && isTrue(value))) return value;
    }
    if (piped !== NOTHING) {
      this.checkType(operand, parameterAt(target, words.length), piped);
      values.push(piped);
    }
    try {
      return target.call(...values);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw this.failAt(command.position, commandText(command), `error calling ${name}: ${reason}`);
    }
  }

  private checkCount(name: string, target: TemplateFunction, operand: Operand, count: number): void {
    const fixed = target.parameters.length - (target.variadic === true ? 1 : 0);
    if (target.variadic === true ? count >= fixed : count === fixed) return;
    const wanted = target.variadic === true ? `at least ${fixed}` : String(fixed);
    throw this.fail(operand, operandText(operand), `wrong number of args for ${name}: want ${wanted} got ${count}`);
  }

  private argument(word: Operand, parameter: Parameter, dot: TemplateValue): TemplateValue {
    const constant = word.kind === 'number' || word.kind === 'string' || word.kind === 'boolean';
    const value = this.operand(word, dot);
    if (constant && !accepts(parameter, value)) {
      const wanted = parameter === 'int' ? 'integer' : parameter;
      throw this.fail(word, operandText(word), `expected ${wanted}; found ${operandText(word)}`);
    }
    this.checkType(word, parameter, value);
    return value;
  }

  private checkType(word: Operand, parameter: Parameter, value: TemplateValue): void {
    if (accepts(parameter, value)) return;
    const wanted = parameter === 'texts' ? '[]string' : parameter;
    const message =
      value === undefined
        ? `invalid value; expected ${wanted}`
        : `wrong type for value; expected ${wanted}; got ${typeNameOf(value)}`;
    throw this.fail(word, operandText(word), message);
  }

  private fail(operand: Operand, context: string, message: string): LayerlabError {
    return this.failAt(operand.position, context, message);
  }

  private failAt(position: number, context: string, message: string): LayerlabError {
    return executeError(this.source, position, context, message);
  }
}

function parameterAt(target: TemplateFunction, index: number): Parameter {
  return target.parameters[index] ?? target.parameters.at(-1) ?? 'any';
}

function accepts(parameter: Parameter, value: TemplateValue): boolean {
  switch (parameter) {
    case 'any':
      return true;
    case 'string':
      return typeof value === 'string';
    case 'int':
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
    case 'texts':
      return isList(value) && value.every((item) => typeof item === 'string' || item instanceof JsonNumber);
  }
}
