/** Colours of a drawing; without them it is the same text. */
export interface Paint {
  readonly layer: (text: string) => string;
  readonly config: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly wrong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const plain = (text: string): string => text;
const colour = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;

/** Colours for a terminal, none where NO_COLOR is set or nobody looks. */
export function choosePaint(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  if (!isTTY || env.NO_COLOR || env.TERM === 'dumb') {
    return { layer: plain, config: plain, warn: plain, wrong: plain, faint: plain };
  }
  return { layer: colour(32), config: colour(36), warn: colour(33), wrong: colour(31), faint: colour(2) };
}
