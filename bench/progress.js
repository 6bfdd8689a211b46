/**
 * Tells on stderr what is being done: on a terminal in one line that changes, elsewhere what begins and what lasts.
 *
 * @returns {{ begin: (words: string) => void, tell: (words: string, lasting?: boolean) => void, end: () => void }}
 */
export function openProgress(stream = process.stderr) {
  let open = false;
  const clear = () => {
    if (open) stream.write('\r\u001b[K');
    open = false;
  };
  const tell = (words, lasting = false) => {
    clear();
    if (lasting) stream.write(`bench: ${words}\n`);
    else if (stream.isTTY) {
      stream.write(words.slice(0, (stream.columns ?? 80) - 1));
      open = true;
    }
  };
  return { begin: (words) => tell(words, !stream.isTTY), tell, end: clear };
}
