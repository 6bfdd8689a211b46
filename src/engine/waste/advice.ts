import type { WasteCause } from './find-waste.ts';

/** An instruction that wrote or hid bytes. */
export interface WasteActor {
  /** The instruction's text, without the builder's wrapping. */
  readonly text: string;
  readonly base: boolean;
}

/** What to change in a Dockerfile so that the bytes are not stored: one sentence. */
export function adviceFor(cause: WasteCause, writer: WasteActor, hider: WasteActor): string {
  if (writer.base && hider.base) return "Only another base image helps: both layers are the base's.";
  if (writer.base) {
    return cause === 'rewritten'
      ? "The files are the base image's, and a change of mode, owner or time copies them whole: change fewer of them."
      : "The files are the base image's and stay in its layer: a smaller base saves more than deleting.";
  }
  const wordOf = (actor: WasteActor): string => (/^[A-Za-z]+/.exec(actor.text)?.[0] ?? '').toUpperCase();
  const copied = wordOf(writer) === 'COPY' || wordOf(writer) === 'ADD';
  switch (cause) {
    case 'deleted':
      return copied
        ? 'Do not copy what is deleted later: use .dockerignore, RUN --mount=type=bind, or a stage of its own.'
        : 'Delete in the same RUN that writes: put both commands on one line with &&, or use RUN --mount=type=cache.';
    case 'rewritten':
      return copied
        ? `Give the files their owner and mode at once, with ${wordOf(writer)} --chown and --chmod, not by a later RUN.`
        : 'Change mode and owner in the same RUN that writes the files.';
    case 'moved':
      return copied ? 'Copy to the final place at once.' : 'Write to the final place at once, or move in the same RUN.';
    case 'replaced':
      return copied
        ? 'Copy the file once, in its last form: order the lines so that later ones do not write it again.'
        : 'Write the file once: join the two commands, or leave the first out.';
  }
}
