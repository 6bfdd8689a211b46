/** `/bin/sh -c #(nop) ` and the like, with which the classic builder wraps what ran no command. */
const NOP = /^\/bin\/sh -c #\(nop\)\s+/;
const SHELL = /^(?:\/bin\/sh -c|\/bin\/bash -c)\s+/;
const ARGS = /^\|\d+ /;
const MARK = /\s+# buildkit$/;
const INSTRUCTION =
  /^(?:FROM|RUN|CMD|LABEL|MAINTAINER|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)\b/i;

/**
 * A history row's `created_by` as the line of a Dockerfile that it came from, as far as it tells: without the shell that
 * either builder writes in front, and without BuildKit's mark at the end.
 */
export function instructionText(createdBy: string): string {
  const text = createdBy.replace(MARK, '').trim();
  if (NOP.test(text)) return text.replace(NOP, '').replace(/^(\S+)\s+/, '$1 ');
  if (/^RUN\s/.test(text)) return `RUN ${withoutShell(text.slice(4))}`;
  if (INSTRUCTION.test(text)) return text;
  return text === '' ? '' : SHELL.test(text) || ARGS.test(text) ? `RUN ${withoutShell(text)}` : text;
}

function withoutShell(text: string): string {
  // `|2 A=1 B=2 /bin/sh -c command`: the build arguments in front are no part of the line.
  const bare = ARGS.test(text) ? text.replace(/^\|\d+ .*?(?=\/bin\/(?:ba)?sh -c )/s, '') : text;
  return bare.trim().replace(SHELL, '').trim();
}
