import { LayerlabError } from '../../errors/layerlab-error.ts';
import type { SourceRange } from '../instruction.ts';
import { nearestOption } from '../suggest.ts';
import { type CheckOptions, skippedByComments } from './check-options.ts';
import { findPlace } from './find-place.ts';
import { type RuleName, ruleOf } from './rules.ts';

/** Something that a rule found. */
export interface CheckFinding {
  readonly rule: string;
  readonly url: string;
  readonly message: string;
  /** The lines of the instruction, as docker names them. */
  readonly range: SourceRange;
  /** The exact word in it, where that is known. */
  readonly place: SourceRange | undefined;
}

/** Takes findings down where the rule is not skipped. */
export interface Reporter {
  /** `words`: texts to underline, the first that is found counts. */
  report(rule: RuleName, range: SourceRange, message: string, ...words: readonly string[]): void;
  /** The option that a misspelt name may have meant, or an empty text. */
  suggest(name: string, options: Iterable<string>): string;
}

const MAX_FINDINGS = 1000;
/** Comparisons of names in all: a hostile file could ask for as many as the square of its length. */
const MAX_COMPARISONS = 20_000;

/** A Reporter that keeps what it is told. */
export class FindingList implements Reporter {
  readonly findings: CheckFinding[] = [];
  readonly #lines: readonly string[];
  readonly #options: CheckOptions;
  readonly #comments: ReadonlyMap<number, readonly string[]>;
  #comparisons = 0;

  constructor(source: string, options: CheckOptions, comments: ReadonlyMap<number, readonly string[]>) {
    this.#lines = source.split('\n');
    this.#options = options;
    this.#comments = comments;
  }

  report(name: RuleName, range: SourceRange, message: string, ...words: readonly string[]): void {
    const rule = ruleOf(name);
    const { skip, experimental } = this.#options;
    if (rule.experimental) {
      if (experimental !== 'all' && !experimental.has(name)) return;
    } else if (skip === 'all' || skip.has(name)) {
      return;
    }
    const local = skippedByComments(this.#comments.get(range.startLine) ?? []);
    if (local === 'all' || local.has(name)) return;
    if (this.findings.length >= MAX_FINDINGS) {
      throw new LayerlabError('LL_LIMIT', `the checks found more than ${MAX_FINDINGS} things`, {
        hint: 'Mend what is listed, or skip a rule by # check=skip=Rule, and check again.',
      });
    }
    let place: SourceRange | undefined;
    for (const word of words) place ??= findPlace(this.#lines, range, word);
    this.findings.push({ rule: name, url: rule.url, message, range, place });
  }

  suggest(name: string, options: Iterable<string>): string {
    const near: string[] = [];
    for (const option of options) {
      if (option === name) return '';
      if (Math.abs(option.length - name.length) > 2) continue;
      if (++this.#comparisons > MAX_COMPARISONS) break;
      near.push(option);
    }
    return nearestOption(name, near);
  }
}
