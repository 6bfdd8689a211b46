import { lex, type Token } from './lexer.ts';
import { parseNumber, unquoteCharacter, unquoteString } from './literals.ts';
import type { BranchNode, Command, Node, Operand, Pipe } from './node.ts';
import { parseError } from './template-error.ts';

const KEYWORDS = new Set(['if', 'else', 'end', 'range', 'with', 'break', 'continue', 'define', 'template', 'block']);
const MAX_DEPTH = 200;

/**
 * The tree of a template (text/template/parse parse.go): everything but `define`, `template` and `block`, which docker's
 * formats have no use for. Throws LL_FORMAT.
 */
export function parse(source: string, functions: ReadonlySet<string>): readonly Node[] {
  return new Parser(source, functions).parseAll();
}

interface List {
  readonly nodes: readonly Node[];
  /** What ended the list: `end`, `else`, or nothing at the end of the text. */
  readonly stop: 'end' | 'else' | 'text';
}

class Parser {
  readonly source: string;
  readonly functions: ReadonlySet<string>;
  readonly tokens: readonly Token[];
  at = 0;
  depth = 0;
  ranges = 0;
  variables: string[] = ['$'];

  constructor(source: string, functions: ReadonlySet<string>) {
    this.source = source;
    this.functions = functions;
    this.tokens = lex(source);
  }

  parseAll(): readonly Node[] {
    const list = this.list();
    if (list.stop !== 'text') throw this.error(`unexpected {{${list.stop}}}`);
    return list.nodes;
  }

  private list(): List {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.next();
      if (token.kind === 'end') return { nodes, stop: 'text' };
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = this.peek();
      if (word.kind === 'word' && (word.text === 'end' || word.text === 'else')) {
        this.next();
        if (word.text === 'end') this.close('end');
        return { nodes, stop: word.text };
      }
      nodes.push(this.action());
    }
  }

  private action(): Node {
    const word = this.peek();
    if (word.kind === 'word' && KEYWORDS.has(word.text)) {
      this.next();
      switch (word.text) {
        case 'if':
        case 'with':
        case 'range':
          return this.branch(word.text);
        case 'break':
        case 'continue':
          this.close(word.text);
          if (this.ranges === 0) throw this.error(`{{${word.text}}} outside {{range}}`);
          return { kind: word.text };
        default:
          throw this.error(`unexpected {{${word.text}}}: templates of their own cannot be defined or called here`);
      }
    }
    const pipe = this.pipe('command', 'close');
    return { kind: 'action', pipe };
  }

  private branch(kind: BranchNode['kind']): BranchNode {
    this.enter();
    const outer = [...this.variables];
    const pipe = this.pipe(kind, 'close');
    if (kind === 'range') this.ranges += 1;
    const body = this.list();
    if (kind === 'range') this.ranges -= 1;
    if (body.stop === 'text') throw this.error('unexpected EOF');
    const otherwise = body.stop === 'else' ? this.otherwise(kind) : [];
    this.variables = outer;
    this.depth -= 1;
    return { kind, pipe, body: body.nodes, otherwise };
  }

  /** Behind `{{else`: either `}}` and a list, or another `if` or `with` whose end is this one's too. */
  private otherwise(kind: BranchNode['kind']): readonly Node[] {
    const word = this.peek();
    if (word.kind === 'word' && (word.text === 'if' || word.text === 'with') && word.text === kind) {
      this.next();
      return [this.branch(word.text)];
    }
    this.close('else');
    const list = this.list();
    if (list.stop === 'else') throw this.error('expected end; found {{else}}');
    if (list.stop === 'text') throw this.error('unexpected EOF');
    return list.nodes;
  }

  private pipe(context: string, until: 'close' | ')'): Pipe {
    this.enter();
    const position = this.peek().position;
    const { variables, assigns } = this.declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const command = this.command();
      if (command.words.length === 0) {
        if (commands.length > 0) throw this.error(`missing value for ${context}`);
        throw this.error(`missing value for ${context}`);
      }
      const [first] = command.words;
      if (commands.length > 0 && first !== undefined && isConstant(first)) {
        throw this.error(`non executable command in pipeline stage ${commands.length + 1}`);
      }
      commands.push(command);
      const token = this.next();
      if (token.text === '|' && token.kind === 'symbol') continue;
      const ends = until === 'close' ? token.kind === 'close' : token.text === ')' && token.kind === 'symbol';
      if (!ends) throw this.unexpected(token, until === 'close' ? context : 'parenthesized pipeline');
      this.variables.push(...(assigns ? [] : variables));
      this.depth -= 1;
      return { kind: 'pipe', position, variables, assigns, commands };
    }
  }

  private declarations(context: string): { readonly variables: readonly string[]; readonly assigns: boolean } {
    const start = this.at;
    const variables: string[] = [];
    while (this.peek().kind === 'variable') {
      variables.push(this.next().text);
      const symbol = this.next();
      if (symbol.text === ',' && context === 'range' && variables.length < 2) continue;
      if (symbol.text === ':=' || symbol.text === '=') {
        const assigns = symbol.text === '=';
        const missing = assigns ? variables.find((name) => !this.variables.includes(name)) : undefined;
        if (missing !== undefined) throw this.error(`undefined variable ${JSON.stringify(missing)}`);
        return { variables, assigns };
      }
      break;
    }
    this.at = start;
    return { variables: [], assigns: false };
  }

  private command(): Command {
    const position = this.peek().position;
    const words: Operand[] = [];
    for (;;) {
      const operand = this.operand();
      if (operand === undefined) return { position, words };
      words.push(operand);
      const next = this.peek();
      const boundary = next.kind === 'close' || (next.kind === 'symbol' && (next.text === '|' || next.text === ')'));
      if (!next.spaceBefore && !boundary && next.text !== '(') throw this.unexpected(next, 'operand');
    }
  }

  private operand(): Operand | undefined {
    const base = this.term();
    if (base === undefined) return undefined;
    const names: string[] = [];
    let position = base.position;
    while (this.peek().kind === 'field' && !this.peek().spaceBefore) {
      const token = this.next();
      if (names.length === 0 || base.kind === 'field' || base.kind === 'variable') position = token.position;
      names.push(token.text.slice(1));
    }
    if (names.length === 0) return base;
    if (base.kind === 'field')
      return { kind: 'field', position: this.firstChain(base, names), names: [...base.names, ...names] };
    if (base.kind === 'variable')
      return { ...base, position: this.firstChain(base, names), names: [...base.names, ...names] };
    if (base.kind === 'dot' || base.kind === 'pipe' || base.kind === 'function') {
      return { kind: 'chain', position, base, names };
    }
    throw this.error(`unexpected . after term ${JSON.stringify(this.source.slice(base.position, position))}`);
  }

  // Go gives a chain of fields the position of its second field.
  private firstChain(base: Operand & { readonly names: readonly string[] }, names: readonly string[]): number {
    const text = names.map((name) => `.${name}`).join('');
    const end = this.tokens[this.at - 1];
    return end === undefined ? base.position : end.position + end.text.length - text.length;
  }

  private term(): Operand | undefined {
    const token = this.peek();
    const { position } = token;
    switch (token.kind) {
      case 'word':
        this.next();
        if (token.text === 'true' || token.text === 'false') {
          return { kind: 'boolean', position, value: token.text === 'true' };
        }
        if (token.text === 'nil') return { kind: 'nil', position };
        if (KEYWORDS.has(token.text)) throw this.unexpected(token, 'command');
        if (!this.functions.has(token.text)) throw this.error(`function ${JSON.stringify(token.text)} not defined`);
        return { kind: 'function', position, name: token.text };
      case 'dot':
        this.next();
        return { kind: 'dot', position };
      case 'field':
        this.next();
        return { kind: 'field', position, names: [token.text.slice(1)] };
      case 'variable':
        this.next();
        if (!this.variables.includes(token.text)) {
          throw this.error(`undefined variable ${JSON.stringify(token.text)}`);
        }
        return { kind: 'variable', position, name: token.text, names: [] };
      case 'number':
        this.next();
        return { kind: 'number', position, text: token.text, value: parseNumber(this.source, token) };
      case 'character':
        this.next();
        return { kind: 'number', position, text: token.text, value: unquoteCharacter(this.source, token) };
      case 'string':
      case 'raw-string':
        this.next();
        return { kind: 'string', position, text: token.text, value: unquoteString(this.source, token) };
      case 'symbol':
        if (token.text !== '(') return undefined;
        this.next();
        return { ...this.pipe('parenthesized pipeline', ')'), position };
      default:
        return undefined;
    }
  }

  private enter(): void {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw this.error('max expression depth exceeded');
  }

  private close(context: string): void {
    const token = this.next();
    if (token.kind !== 'close') throw this.unexpected(token, context);
  }

  private peek(): Token {
    const token = this.tokens[Math.min(this.at, this.tokens.length - 1)];
    if (token === undefined) throw this.error('unexpected EOF');
    return token;
  }

  private next(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  private unexpected(token: Token, context: string) {
    if (token.kind === 'end') return this.error('unexpected EOF');
    return this.error(`unexpected ${token.kind === 'close' ? '"}}"' : `<${token.text}>`} in ${context}`);
  }

  private error(message: string) {
    const token = this.tokens[Math.min(Math.max(this.at - 1, 0), this.tokens.length - 1)];
    return parseError(this.source, token?.position ?? 0, message);
  }
}

function isConstant(operand: Operand): boolean {
  return ['boolean', 'dot', 'nil', 'number', 'string'].includes(operand.kind);
}
