/** Where text goes: stdout or stderr, or a list of texts in a test. */
export interface Output {
  write(data: string | Uint8Array): void;
  readonly isTTY: boolean;
  /** Size of the terminal in characters; 80 by 24 where there is none. */
  size(): { readonly columns: number; readonly rows: number };
}

/** An Output over a stream of the process. */
export function streamOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (data) => {
      stream.write(data);
    },
    isTTY: stream.isTTY === true,
    size: () => ({ columns: positive(stream.columns, 80), rows: positive(stream.rows, 24) }),
  };
}

function positive(value: number | undefined, fallback: number): number {
  return value !== undefined && value > 0 ? value : fallback;
}
