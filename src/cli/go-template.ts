import { type ExecuteOptions, execute } from './go-template/execute.ts';
import { basicFunctions, headerFunctions } from './go-template/functions.ts';
import { parse } from './go-template/parser.ts';
import type { TemplateValue } from './go-template/value.ts';

/** A parsed Go template with docker's functions. */
export interface Template {
  /** The text for a value. `missingKey` says what a map gives for a key it lacks. Throws LL_FORMAT. */
  render(value: TemplateValue, missingKey?: ExecuteOptions['missingKey']): string;
  /** The head of a table: the names of columns pass through functions unchanged; where the template fails, the text ends. */
  renderHeader(headers: ReadonlyMap<string, string>): string;
}

const FUNCTION_NAMES: ReadonlySet<string> = new Set(Object.keys(basicFunctions));

/**
 * Parses the subset of Go's text/template that docker's --format needs: fields, chains, pipelines, variables, `if`,
 * `with`, `range`, comments, trim markers, and the functions of Go and docker. Throws LL_FORMAT in docker's words.
 */
export function parseTemplate(source: string): Template {
  const nodes = parse(source, FUNCTION_NAMES);
  return {
    render: (value, missingKey = 'no-value') => {
      let out = '';
      execute(source, nodes, value, { functions: basicFunctions, missingKey }, (text) => {
        out += text;
      });
      return out;
    },
    renderHeader: (headers) => {
      let out = '';
      try {
        execute(source, nodes, headers, { functions: headerFunctions, missingKey: 'empty' }, (text) => {
          out += text;
        });
      } catch {
        // docker ignores this error too: the rows have shown it already where it matters.
      }
      return out;
    },
  };
}
