/** One link of the derivation: what was computed, what is on disk, and whether they agree. */
export interface ExplainStep {
  /** From 1. */
  readonly number: number;
  /** What the step gives, e.g. `chain_id`. */
  readonly name: string;
  /** The layer it is about, from 0 for the base; undefined for the image or container as a whole. */
  readonly layer: number | undefined;
  /** How it follows, in words or as a formula, e.g. `sha256("<chain_id of the parent> <diff_id>")`. */
  readonly formula: string;
  /** The very text that is hashed, where one is. */
  readonly hashed: string | undefined;
  /** What follows from the formula. */
  readonly expected: string;
  /** What is on disk; undefined where nothing is. */
  readonly found: string | undefined;
  readonly ok: boolean;
  /** The file or folder it stands in, relative to the data-root. */
  readonly where: string;
  /** A shell command whose output begins with, or is, `expected`. */
  readonly command: string;
}

export type NewStep = Omit<ExplainStep, 'number' | 'ok' | 'layer' | 'hashed'> & {
  readonly layer?: number;
  readonly hashed?: string;
  /** Where it is more than `expected` equal to `found`. */
  readonly ok?: boolean;
};

/** Numbers the steps and judges them. */
export function numbered(steps: readonly NewStep[]): ExplainStep[] {
  return steps.map((step, index) => ({
    ...step,
    number: index + 1,
    layer: step.layer,
    hashed: step.hashed,
    ok: step.ok ?? step.expected === step.found,
  }));
}
