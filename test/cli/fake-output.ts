import type { Output } from '../../src/cli/output.ts';

/** An Output that keeps what is written. */
export function fakeOutput(isTTY = false, columns = 80, rows = 24): Output & { readonly text: () => string } {
  const chunks: Buffer[] = [];
  return {
    write: (data) => {
      chunks.push(Buffer.from(data));
    },
    isTTY,
    size: () => ({ columns, rows }),
    text: () => Buffer.concat(chunks).toString(),
  };
}
