/**
 * Tells on stderr what is being done: on a terminal in one line that changes, elsewhere only what lasts.
 *
 * @returns {{ tell: (words: string, lasting?: boolean) => void, end: () => void }}
 */
export function openProgress(stream = process.stderr) {
  let open = false;
  const clear = () => {
    if (open) stream.write('\r\u001b[K');
    open = false;
  };
  return {
    tell: (words, lasting = false) => {
      clear();
      if (lasting) stream.write(`bench: ${words}\n`);
      else if (stream.isTTY) {
        stream.write(words.slice(0, (stream.columns ?? 80) - 1));
        open = true;
      }
    },
    end: clear,
  };
}
