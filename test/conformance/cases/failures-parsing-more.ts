import type { ConformanceCase } from '../harness/case.ts';
import { fails, on, syntax } from './failing.ts';

/** Dockerfiles that cannot be read, instruction by instruction: what both builders say of them. */
export const failuresOfParsingMore: readonly ConformanceCase[] = [
  fails(
    'fail-health-none2',
    on('HEALTHCHECK NONE x'),
    'dockerfile parse error on line 2: HEALTHCHECK NONE takes no arguments',
  ),
  fails(
    'fail-health-cmd',
    on('HEALTHCHECK CMD'),
    'dockerfile parse error on line 2: Missing command after HEALTHCHECK CMD',
  ),
  fails(
    'fail-health-type',
    on('HEALTHCHECK RUN true'),
    'dockerfile parse error on line 2: Unknown type "RUN" in HEALTHCHECK (try CMD)',
  ),
  fails(
    'fail-health-small',
    on('HEALTHCHECK --interval=1us CMD true'),
    'dockerfile parse error on line 2: Interval "interval" cannot be less than 1ms',
  ),
  fails(
    'fail-health-bad',
    on('HEALTHCHECK --interval=abc CMD true'),
    'dockerfile parse error on line 2: time: invalid duration "abc"',
  ),
  fails(
    'fail-health-nounit',
    on('HEALTHCHECK --interval=5 CMD true'),
    'dockerfile parse error on line 2: time: missing unit in duration "5"',
  ),
  fails(
    'fail-health-neg',
    on('HEALTHCHECK --retries=-1 CMD true'),
    'dockerfile parse error on line 2: --retries cannot be negative (-1)',
  ),
  fails(
    'fail-health-neg2',
    on('HEALTHCHECK --interval=-1s CMD true'),
    'dockerfile parse error on line 2: Interval "interval" cannot be less than 1ms',
  ),
  fails(
    'fail-health-retries',
    on('HEALTHCHECK --retries=x CMD true'),
    'dockerfile parse error on line 2: strconv.ParseInt: parsing "x": invalid syntax',
  ),
  fails(
    'fail-health-start',
    on('HEALTHCHECK --start-interval=1ns CMD true'),
    'dockerfile parse error on line 2: Interval "start-interval" cannot be less than 1ms',
  ),
  fails('fail-onbuild-none', on('ONBUILD'), 'dockerfile parse error on line 2: ONBUILD requires at least one argument'),
  fails(
    'fail-onbuild-from',
    on('ONBUILD FROM x'),
    "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger",
  ),
  fails(
    'fail-onbuild-maint',
    on('ONBUILD MAINTAINER x'),
    "dockerfile parse error on line 2: MAINTAINER isn't allowed as an ONBUILD trigger",
  ),
  syntax('fail-onbuild-env', on('ONBUILD ENV a'), 'ENV must have two arguments'),
  fails(
    'fail-unknown-suggest',
    on('COPPY a b'),
    'dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)',
  ),
  fails(
    'fail-unknown-cont',
    on('RUN echo a\n  && echo b'),
    'dockerfile parse error on line 3: unknown instruction: &&',
  ),
  fails(
    'fail-unknown-cont2',
    on('ENV a=b \\\n  c=d\n  e=f'),
    'dockerfile parse error on line 4: unknown instruction: e=f (did you mean env?)',
  ),
  fails(
    'fail-unterminated-quote',
    on('ENV a="b'),
    'failed to process "\\"b": unexpected end of statement while looking for matching double-quote',
  ),
  fails(
    'fail-unterminated-squote',
    on("ENV a='b"),
    'failed to process "\'b": unexpected end of statement while looking for matching single-quote',
  ),
  fails(
    'fail-unterminated-label',
    on('LABEL a="b'),
    'failed to process "\\"b": unexpected end of statement while looking for matching double-quote',
  ),
  fails('fail-exp-brace', on(`ENV a=\${b`), `failed to process "\${b": unsupported modifier (\ufffd) in substitution`),
  fails('fail-exp-bad', on(`ENV a=\${}`), `failed to process "\${}": syntax error: bad substitution`),
  syntax('fail-exp-bad2', on(`ENV a=\${b c}`), 'Syntax error - can\'t find = in "c}". Must be of the form: name=value'),
  fails(
    'fail-exp-mod',
    on(`ENV a=\${b:!c}`),
    `failed to process "\${b:!c}": unsupported modifier (:!) in substitution`,
  ),
  fails(
    'fail-exp-mod2',
    on(`ENV a=\${b:#c}`),
    `failed to process "\${b:#c}": unsupported modifier (:#) in substitution`,
  ),
  fails('fail-exp-mod3', on(`ENV a=\${b^}`), `failed to process "\${b^}": unsupported modifier (^) in substitution`),
  fails('fail-exp-slash', on(`ENV a=\${PATH/x}`), `failed to process "\${PATH/x}": syntax error: missing '/' in \${}`),
  fails('fail-exp-req', on(`ENV a=\${b?}`), `failed to process "\${b?}": b: is not allowed to be unset`),
  fails('fail-exp-req2', on(`ENV b=\nENV a=\${b:?}`), `failed to process "\${b:?}": b: is not allowed to be empty`),
  syntax(
    'fail-exp-req3',
    on(`ENV a=\${b?say this}`),
    'Syntax error - can\'t find = in "this}". Must be of the form: name=value',
  ),
  fails('fail-exp-req4', on(`ARG a=\${b:?in arg}`), `failed to process "\${b:?in": syntax error: missing '}'`),
  fails('fail-exp-workdir', on(`WORKDIR \${b:?in workdir}`), `failed to process "\${b:?in workdir}": b: in workdir`),
  fails('fail-exp-user', on(`USER \${b?in user}`), `failed to process "\${b?in user}": b: in user`),
  fails('fail-exp-copy', on(`COPY \${b?in copy} /x`), `failed to process "\${b?in": syntax error: missing '}'`),
  fails(
    'fail-exp-chown',
    on(`COPY --chown=\${b?in chown} a /x`),
    `failed to process "\${b?in": syntax error: missing '}'`,
  ),
  fails('fail-exp-expose', on(`EXPOSE \${b?in expose}`), `failed to process "\${b?in": syntax error: missing '}'`),
  fails('fail-exp-volume', on(`VOLUME \${b?in volume}`), `failed to process "\${b?in": syntax error: missing '}'`),
  fails('fail-exp-stop', on(`STOPSIGNAL \${b?in stop}`), `failed to process "\${b?in stop}": b: in stop`),
  fails('fail-exp-from', `ARG X\nFROM \${X:?wanted}\n`, `failed to process "\${X:?wanted}": X: wanted`),
  fails(
    'fail-exp-platform',
    `FROM --platform=\${X:?wanted} conf/base\n`,
    `failed to process arguments for platform : failed to process "\${X:?wanted}": X: wanted`,
  ),
  fails('fail-exp-label', on(`LABEL \${x?y}=z`), `failed to process "\${x?y}": x: y`),
  syntax('fail-spaces', '  \n\t\n', 'file with no instructions'),
  syntax('fail-heredoc-unterminated', on('COPY <<E /x\nabc'), 'unterminated heredoc'),
  fails(
    'fail-heredoc-dest',
    on('COPY a <<E\nabc\nE'),
    'dockerfile parse error on line 2: COPY cannot accept a heredoc as a destination',
  ),
  fails(
    'fail-secretmount',
    on('RUN --network=foo true'),
    'dockerfile parse error on line 2: invalid network mode "foo"',
  ),
  fails(
    'fail-device',
    on('RUN --device=foo true'),
    'the --device option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled',
    { builders: ['classic'] },
  ),
  fails(
    'fail-platform-brace',
    `FROM --platform=\${X conf/base\n`,
    `failed to process arguments for platform : failed to process "\${X": unsupported modifier (\ufffd) in substitution`,
  ),
];
