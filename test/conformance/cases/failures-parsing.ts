import type { ConformanceCase } from '../harness/case.ts';
import { fails, on, syntax } from './failing.ts';

/** Dockerfiles that cannot be read, instruction by instruction: what both builders say of them. */
export const failuresOfParsing: readonly ConformanceCase[] = [
  syntax(
    'fail-directive-twice',
    '# escape=\\\n# escape=`\nFROM conf/base\n',
    'only one escape parser directive can be used',
  ),
  syntax('fail-env-one', on('ENV A'), 'ENV must have two arguments'),
  fails('fail-env-none', on('ENV'), 'dockerfile parse error on line 2: ENV requires at least one argument'),
  fails('fail-env-blank', on('ENV =x'), 'dockerfile parse error on line 2: ENV names can not be blank'),
  syntax('fail-env-mixed', on('ENV A=1 B'), 'Syntax error - can\'t find = in "B". Must be of the form: name=value'),
  syntax('fail-label-one', on('LABEL a'), 'LABEL must have two arguments'),
  fails('fail-label-none', on('LABEL'), 'dockerfile parse error on line 2: LABEL requires at least one argument'),
  fails('fail-label-blank', on('LABEL =x'), 'dockerfile parse error on line 2: LABEL names can not be blank'),
  syntax('fail-label-mixed', on('LABEL a=1 b'), 'Syntax error - can\'t find = in "b". Must be of the form: name=value'),
  fails(
    'fail-flag-unknown',
    on('COPY --frm=x a /a'),
    'dockerfile parse error on line 2: unknown flag: --frm (did you mean from?)',
  ),
  fails(
    'fail-flag-dup',
    on('COPY --chown=1 --chown=2 a /a'),
    'dockerfile parse error on line 2: duplicate flag specified: --chown',
  ),
  fails(
    'fail-flag-novalue',
    on('COPY --chown a /a'),
    'dockerfile parse error on line 2: missing a value on flag: --chown',
  ),
  fails(
    'fail-flag-bool',
    on('COPY --link=maybe a /a'),
    'dockerfile parse error on line 2: expecting boolean value for flag --link, not: maybe',
  ),
  fails('fail-flag-run', on('RUN --foo=bar true'), 'dockerfile parse error on line 2: unknown flag: --foo'),
  fails('fail-flag-add', on('ADD --frm=x a /a'), 'dockerfile parse error on line 2: unknown flag: --frm'),
  fails(
    'fail-flag-from',
    'FROM --plat=linux/amd64 conf/base\n',
    'dockerfile parse error on line 1: unknown flag: --plat',
  ),
  fails(
    'fail-flag-healthcheck',
    on('HEALTHCHECK --foo=1s CMD true'),
    'dockerfile parse error on line 2: unknown flag: --foo',
  ),
  fails('fail-flag-cmd', on('CMD --foo=1 x'), 'dockerfile parse error on line 2: unknown flag: --foo'),
  fails('fail-flag-workdir', on('WORKDIR --foo=1 /x'), 'dockerfile parse error on line 2: unknown flag: --foo'),
  fails(
    'fail-from-two',
    'FROM conf/base AS\n',
    'dockerfile parse error on line 1: FROM requires either one or three arguments',
  ),
  fails('fail-from-none', 'FROM\n', 'dockerfile parse error on line 1: FROM requires either one or three arguments'),
  fails(
    'fail-from-notas',
    'FROM conf/base is x\n',
    'dockerfile parse error on line 1: FROM requires either one or three arguments',
  ),
  fails(
    'fail-from-badname',
    'FROM conf/base AS 1x\n',
    'dockerfile parse error on line 1: invalid name for build stage: "1x", name can\'t start with a number or contain symbols',
  ),
  fails(
    'fail-from-badname2',
    'FROM conf/base AS a+b\n',
    'dockerfile parse error on line 1: invalid name for build stage: "a+b", name can\'t start with a number or contain symbols',
  ),
  fails(
    'fail-arg-before',
    'ARG\nFROM conf/base\n',
    'dockerfile parse error on line 1: ARG requires at least one argument',
  ),
  fails('fail-arg-blank', on('ARG =x'), 'dockerfile parse error on line 2: ARG names can not be blank'),
  fails('fail-arg-none', on('ARG'), 'dockerfile parse error on line 2: ARG requires at least one argument'),
  fails(
    'fail-copy-one',
    on('COPY a'),
    'dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
  ),
  fails(
    'fail-copy-none',
    on('COPY'),
    'dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
  ),
  fails(
    'fail-add-one',
    on('ADD a'),
    'dockerfile parse error on line 2: ADD requires at least two arguments, but only one was provided. Destination could not be determined',
  ),
  fails(
    'fail-copy-checksum',
    on('COPY --checksum=sha256:aa a /x'),
    'dockerfile parse error on line 2: unknown flag: --checksum',
  ),
  fails('fail-add-checksum', on('ADD --checksum=sha256:aa a /x'), 'checksum requires HTTP(S) or Git sources', {
    builders: ['buildkit'],
  }),
  fails('fail-copy-chmod-bad', on('COPY --chmod=999 a /a'), {
    buildkit: "invalid chmod parameter: '999'. it should be octal string and between 0 and 07777",
    classic:
      'the --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled',
  }),
  fails('fail-copy-chmod-bad2', on('COPY --chmod=zz a /a'), {
    buildkit: 'invalid syntax',
    classic:
      'the --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled',
  }),
  fails('fail-copy-chmod-big', on('COPY --chmod=77777 a /a'), {
    buildkit: "invalid chmod parameter: '77777'. it should be octal string and between 0 and 07777",
    classic:
      'the --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled',
  }),
  fails('fail-workdir-none', on('WORKDIR'), 'dockerfile parse error on line 2: WORKDIR requires exactly one argument'),
  fails('fail-user-none', on('USER'), 'dockerfile parse error on line 2: USER requires exactly one argument'),
  fails(
    'fail-stopsignal-none',
    on('STOPSIGNAL'),
    'dockerfile parse error on line 2: STOPSIGNAL requires exactly one argument',
  ),
  fails('fail-expose-none', on('EXPOSE'), 'dockerfile parse error on line 2: EXPOSE requires at least one argument'),
  fails('fail-volume-none', on('VOLUME'), 'dockerfile parse error on line 2: VOLUME requires at least one argument'),
  fails(
    'fail-volume-empty',
    on('VOLUME [""]'),
    'dockerfile parse error on line 2: VOLUME specified can not be an empty string',
  ),
  fails(
    'fail-volume-empty3',
    on('VOLUME []'),
    'dockerfile parse error on line 2: VOLUME requires at least one argument',
  ),
  fails(
    'fail-shell-notjson',
    on('SHELL /bin/sh -c'),
    'dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form',
  ),
  fails('fail-shell-none', on('SHELL'), 'dockerfile parse error on line 2: SHELL requires at least one argument'),
  fails('fail-shell-empty', on('SHELL []'), 'dockerfile parse error on line 2: SHELL requires at least one argument'),
  fails(
    'fail-maint-none',
    on('MAINTAINER'),
    'dockerfile parse error on line 2: MAINTAINER requires exactly one argument',
  ),
  fails(
    'fail-health-none',
    on('HEALTHCHECK'),
    'dockerfile parse error on line 2: HEALTHCHECK requires at least one argument',
  ),
];
