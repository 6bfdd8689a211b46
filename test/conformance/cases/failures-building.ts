import type { ConformanceCase } from '../harness/case.ts';
import { file, symlink } from '../harness/case.ts';
import { fails, on } from './failing.ts';

/** Dockerfiles that can be read and not built. */
export const failuresOfBuilding: readonly ConformanceCase[] = [
  fails('fail-from-empty-arg', `ARG X\nFROM \${X}\nENV a=b\n`, `base name (\${X}) should not be blank`),
  fails('fail-from-badref', 'FROM BB\nENV a=b\n', {
    buildkit:
      'failed to parse stage name "BB": invalid reference format: repository name (library/BB) must be lowercase',
    classic: 'invalid reference format: repository name (library/BB) must be lowercase',
  }),
  fails('fail-from-badref2', 'FROM conf/base:_:x\nENV a=b\n', {
    buildkit: 'failed to parse stage name "conf/base:_:x": invalid reference format',
    classic: 'invalid reference format',
  }),
  fails('fail-from-index', on('COPY --from=3 a /a'), {
    buildkit: 'invalid stage index 3',
    classic: 'invalid from flag value 3: index out of bounds',
  }),
  fails('fail-from-self', 'FROM conf/base AS x\nCOPY --from=x a /a\n', 'circular dependency detected on stage: x', {
    builders: ['buildkit'],
  }),
  fails('fail-from-self-index', on('COPY --from=0 a /a'), {
    buildkit: 'circular dependency detected on stage: stage-0',
    classic: 'invalid from flag value 0: refers to current build stage',
  }),
  fails(
    'fail-from-later',
    'FROM conf/base AS x\nCOPY --from=y a /a\nFROM conf/base AS y\nENV a=b\n',
    'cannot copy from stage "y", it needs to be defined before current stage "x"',
    { builders: ['buildkit'], target: 'x' },
  ),
  fails(
    'fail-from-circle',
    'FROM conf/base AS x\nCOPY --from=y a /a\nFROM x AS y\nENV a=b\n',
    'cannot copy from stage "y", it needs to be defined before current stage "x"',
    { builders: ['buildkit'] },
  ),
  fails('fail-pattern-below-nothing', on('COPY nodir/sub/x* /x/'), '/nodir/sub: no such file or directory', {
    builders: ['buildkit'],
    compat: ['28', '20.10'],
  }),
  fails(
    'fail-pattern-below-nothing-in-stage',
    'FROM conf/base AS s\nRUN ln -s nowhere /link\nFROM scratch\nCOPY --from=s /link/x/* /x/\n',
    '/nowhere/x: no such file or directory',
    { builders: ['buildkit'], compat: ['28', '20.10'] },
  ),
  fails(
    'fail-pattern-below-file',
    'FROM conf/base AS s\nFROM scratch\nCOPY --from=s /etc/passwd/x/* /x/\n',
    '/etc/passwd/x: not a directory',
    { builders: ['buildkit'], compat: ['28', '20.10'] },
  ),
  fails(
    'fail-secret-not-given-2010',
    on('RUN --mount=type=secret,id=absent,required true'),
    'secret absent not found: not found',
    { builders: ['buildkit'], compat: ['20.10'] },
  ),
  fails(
    'fail-mount-of-nothing-2010',
    on('RUN --mount=source=absent,target=/m true'),
    'failed to compute cache key: "/absent" not found: not found',
    { builders: ['buildkit'], compat: ['20.10'] },
  ),
  fails(
    'fail-cache-of-nothing-2010',
    'FROM conf/base AS s\nFROM conf/base\nRUN --mount=type=cache,from=s,source=/absent,target=/m true\n',
    'executor failed running [/bin/sh -c true]: exit code: 1',
    { builders: ['buildkit'], compat: ['20.10'] },
  ),
  fails('fail-from-var', 'FROM conf/base AS x\nFROM conf/base\nCOPY --from=$x a /a\n', {
    buildkit:
      'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
    classic: 'invalid from flag value $x: invalid reference format',
  }),
  fails(
    'fail-from-platform',
    'FROM --platform=nope/nope/x/y conf/base\nENV a=b\n',
    'failed to parse platform nope/nope/x/y: "nope/nope/x/y": cannot parse platform specifier: invalid argument',
  ),
  fails('fail-run-before', 'RUN true\nFROM conf/base\n', 'no build stage in current context'),
  fails('fail-run-none', on('RUN'), "The command '/bin/sh -c' returned a non-zero code: 2", { builders: ['classic'] }),
  fails('fail-run-empty-json', on('RUN []'), {
    buildkit: 'failed to marshal LLB definition: arguments are required',
    classic: 'no command specified',
  }),
  fails('fail-run-empty-string', on('RUN [""]'), {
    buildkit: 'process "" did not complete successfully: exit code: 1',
    classic:
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "": executable file not found in $PATH',
  }),
  fails('fail-run-json-missing', on('RUN ["/no/such"]'), {
    buildkit: 'process "/no/such" did not complete successfully: exit code: 1',
    classic:
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/no/such": stat /no/such: no such file or directory',
  }),
  fails('fail-run-notexec', on('COPY a /a\nRUN ["/a"]'), {
    buildkit: 'process "/a" did not complete successfully: exit code: 1',
    classic:
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/a": permission denied',
  }),
  fails('fail-run-dir', on('RUN ["/etc"]'), {
    buildkit: 'process "/etc" did not complete successfully: exit code: 1',
    classic:
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/etc": is a directory: permission denied',
  }),
  fails('fail-copy-git', on('COPY https://github.com/a/b.git /x'), {
    buildkit: "source can't be a git ref for COPY",
    classic: "COPY failed: source can't be a URL for COPY",
  }),
  fails('fail-copy-url', on('COPY http://example.org/x /x'), {
    buildkit: "source can't be a URL for COPY",
    classic: "COPY failed: source can't be a URL for COPY",
  }),
  fails(
    'fail-add-checksum-multi',
    on('ADD --checksum=sha256:aa a b /x/'),
    "checksum can't be specified for multiple sources",
    { builders: ['buildkit'] },
  ),
  fails('fail-copy-missing-stage-file', 'FROM conf/base AS s\nFROM conf/base\nCOPY --from=s /nofile /x\n', {
    buildkit: 'lstat /nofile: no such file or directory',
    classic: 'COPY failed: stat nofile: file does not exist',
  }),
  fails('fail-copy-through-file', on('COPY a /etc/passwd/x'), 'mkdir /etc/passwd: not a directory', {
    builders: ['buildkit'],
  }),
  fails('fail-copy-through-file2', on('COPY a /etc/passwd/'), 'mkdir /etc/passwd: not a directory', {
    builders: ['buildkit'],
  }),
  fails('fail-run-user-unknown', on('USER nobody-here:nogroup\nRUN true'), {
    buildkit:
      'process "/bin/sh -c true" did not complete successfully: unable to find user nobody-here: no matching entries in passwd file',
    classic: 'unable to find user nobody-here: no matching entries in passwd file',
  }),
  fails('fail-run-group-unknown', on('USER 0:nogroup\nRUN true'), {
    buildkit:
      'process "/bin/sh -c true" did not complete successfully: unable to find group nogroup: no matching entries in group file',
    classic: 'unable to find group nogroup: no matching entries in group file',
  }),
  fails('fail-run-user-big', on('USER 99999999999\nRUN true'), {
    buildkit: 'process "/bin/sh -c true" did not complete successfully: uids and gids must be in range 0-2147483647',
    classic: 'uids and gids must be in range 0-2147483647',
  }),
  fails('fail-run-user-neg', on('USER -1\nRUN true'), {
    buildkit: 'process "/bin/sh -c true" did not complete successfully: uids and gids must be in range 0-2147483647',
    classic: 'uids and gids must be in range 0-2147483647',
  }),
  fails('fail-workdir-file', on('WORKDIR /etc/passwd'), {
    buildkit: 'mkdir /etc/passwd: not a directory',
    classic: 'Cannot mkdir: /etc/passwd is not a directory',
  }),
  fails('fail-workdir-below-file', on('WORKDIR /etc/passwd/x'), 'lstat /etc/passwd/x: not a directory', {
    builders: ['buildkit'],
  }),
  fails('fail-stopsignal-bad', on('STOPSIGNAL NOPE'), 'invalid signal: NOPE'),
  fails('fail-stopsignal-two', on('STOPSIGNAL 9 9'), 'invalid signal: 9 9'),
  fails('fail-expose-bad', on('EXPOSE abc'), {
    buildkit: 'invalid containerPort: abc',
    classic: 'Invalid containerPort: abc',
  }),
  fails('fail-expose-proto', on('EXPOSE 80/xyz'), {
    buildkit: 'invalid port: "80/xyz": invalid proto: xyz',
    classic: 'Invalid proto: xyz',
  }),
  fails('fail-expose-big', on('EXPOSE 70000'), {
    buildkit: 'invalid containerPort: 70000',
    classic: 'Invalid containerPort: 70000',
  }),
  fails('fail-expose-range', on('EXPOSE 90-80'), {
    buildkit: 'invalid containerPort: 90-80',
    classic: 'Invalid containerPort: 90-80',
  }),
  fails('fail-expose-range2', on('EXPOSE 80-'), {
    buildkit: 'invalid containerPort: 80-',
    classic: 'Invalid containerPort: 80-',
  }),
  fails('fail-expose-ipr', on('EXPOSE 8080-8081:80-83'), {
    buildkit: 'invalid ranges specified for container and host Ports: 80-83 and 8080-8081',
    classic: 'Invalid ranges specified for container and host Ports: 80-83 and 8080-8081',
  }),
  fails('fail-volume-empty2', on('VOLUME ""'), 'VOLUME specified can not be an empty string'),
  fails(
    'fail-target-num',
    'FROM conf/base AS One\nENV a=b\nFROM conf/base\nENV c=d\n',
    'target stage "1" could not be found',
    { target: '1' },
  ),
  fails('fail-only-arg', 'ARG X=1\n', 'dockerfile contains no stages to build', { builders: ['buildkit'] }),
  fails('fail-arg-then-run', 'ARG X=1\nRUN true\nFROM conf/base\n', 'no build stage in current context'),
  fails('fail-env-first', 'ENV X=1\nFROM conf/base\n', 'no build stage in current context'),
  fails('fail-empty-file', '', {
    buildkit: 'the Dockerfile cannot be empty',
    classic: 'the Dockerfile (Dockerfile) cannot be empty',
  }),
  fails('fail-from-scratch-run', 'FROM scratch\nRUN true\n', {
    buildkit: 'process "/bin/sh -c true" did not complete successfully: exit code: 1',
    classic:
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/bin/sh": stat /bin/sh: no such file or directory',
  }),
  fails('fail-from-scratch-run-json', 'FROM scratch\nRUN ["/x"]\n', {
    buildkit: 'process "/x" did not complete successfully: exit code: 1',
    classic:
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/x": stat /x: no such file or directory',
  }),
  fails('fail-from-scratch-user', 'FROM scratch\nUSER app\nWORKDIR /x\n', 'invalid user index: -1', {
    builders: ['buildkit'],
  }),
  fails('fail-copy-chown-scratch', 'FROM scratch\nCOPY --chown=app a /a\n', 'invalid user index: -1', {
    builders: ['buildkit'],
  }),
  fails(
    'fail-copy-many-noslash',
    on('COPY a b /etc/passwd'),
    'When using COPY with more than one source file, the destination must be a directory and end with a /',
    { builders: ['classic'] },
  ),
  // On `/` itself too: it is the written word that has to end so.
  ...['.', '..', '/.', '/srv/.'].map((destination, index) =>
    fails(
      `fail-copy-many-into-dots-${index}`,
      on(`COPY a b ${destination}`),
      'When using COPY with more than one source file, the destination must be a directory and end with a /',
      { builders: ['classic'] },
    ),
  ),
  fails(
    'fail-copy-glob-noslash',
    on('COPY * /etc/passwd'),
    'When using COPY with more than one source file, the destination must be a directory and end with a /',
    { builders: ['classic'] },
  ),
  // BuildKit follows links that lie in the root of a source when it filters that: one that leads nowhere is no file then.
  ...[
    'COPY --exclude=zz . /x/',
    'ADD --exclude=zz --exclude=!l / /x/',
    'COPY --exclude=zz --from=0 / /x/',
    'COPY --exclude=zz d/.. /x/',
  ].map((line, index) =>
    fails(`fail-exclude-beside-link-${index}`, `FROM scratch\nCOPY . /\nFROM scratch\n${line}\n`, '"/l": not found', {
      builders: ['buildkit'],
      context: [file('a'), file('d/x'), symlink('l', 'nowhere')],
    }),
  ),
  fails('fail-copy-badglob', on('COPY a[ /x/'), 'COPY failed: no source files were specified', {
    builders: ['classic'],
  }),
  fails('fail-copy-badglob2', on('COPY [a-] /x/'), 'COPY failed: no source files were specified', {
    builders: ['classic'],
  }),
  fails('fail-copy-nomatch', on('COPY zz* /x/'), 'COPY failed: no source files were specified', {
    builders: ['classic'],
  }),
  fails('fail-add-nomatch', on('ADD zz* /x/'), 'ADD failed: no source files were specified', { builders: ['classic'] }),
  fails(
    'fail-from-dup-stage',
    'FROM conf/base AS x\nENV a=b\nFROM conf/base AS x\nENV c=d\nFROM x\nENV e=f\n',
    'x stage name already used',
    { builders: ['classic'] },
  ),
  fails('fail-chown-group-scratch', 'FROM scratch\nCOPY --chown=1:staff a /a\n', 'invalid user index: -1', {
    builders: ['buildkit'],
  }),
  fails('fail-workdir-group-scratch', 'FROM scratch\nUSER :x\nWORKDIR /x\n', 'invalid user index: -1', {
    builders: ['buildkit'],
  }),
  fails('fail-from-image-missing', on('COPY --from=conf/base /no /x/'), {
    buildkit: 'lstat /no: no such file or directory',
    classic: 'COPY failed: stat no: file does not exist',
  }),
  fails('fail-copy-nested-conflict', on('RUN mkdir -p /q/x/y\nCOPY d /q'), '/q/x with file', {
    builders: ['buildkit'],
  }),
  fails('fail-copy-onto-folder', on('RUN mkdir -p /q/a\nCOPY a /q/'), '/q/a with file', { builders: ['buildkit'] }),
  fails('fail-copy-pattern-onto-file', on('COPY * /etc/motd'), {
    buildkit: '/etc/motd',
    classic: 'When using COPY with more than one source file, the destination must be a directory and end with a /',
  }),
  fails('fail-pattern', on('COPY a[ /x/'), {
    buildkit: 'syntax error in pattern',
    classic: 'COPY failed: no source files were specified',
  }),
  fails('fail-folder-onto-loop', on('RUN ln -s /q /q\nCOPY d /q'), 'too many links'),
  fails('fail-file-onto-loop', on('RUN ln -s /q /q\nCOPY a /q'), 'too many links'),
  fails('fail-file-behind-loop', on('RUN ln -s /q /q\nCOPY a /q/z/y'), 'too many links'),
  fails('fail-backslash', on('COPY b\\\\*c /x'), {
    buildkit: '"/b\\\\*c": not found',
    classic: 'stat b\\*c: file does not exist',
  }),
  ...(['l-loop', 'l-dangling', 'l-absolute', 'l-up'] as const).map((link) =>
    fails(
      `fail-source-${link}`,
      on(`COPY ${link} /q/`),
      link === 'l-loop'
        ? { buildkit: 'too many links', classic: 'COPY failed: forbidden path outside the build context: l-loop ()' }
        : { buildkit: `"/${link}": not found`, classic: `stat ${link}: file does not exist` },
      {
        context: [
          symlink('l-loop', 'l-loop'),
          symlink('l-dangling', 'nowhere'),
          symlink('l-absolute', '/etc/passwd'),
          symlink('l-up', '../../../../etc'),
        ],
      },
    ),
  ),
  fails('fail-pattern-behind-link', on('COPY to/x* /f/'), 'COPY failed: no source files were specified', {
    builders: ['classic'],
    context: [symlink('to', 'd'), file('d/x')],
  }),
  ...['!\n', '[\n', 'a[b-\n', 'a\\\n'].map((patterns, index) =>
    fails(
      `fail-ignore-${index}`,
      on('COPY . /x'),
      index === 0 ? 'illegal exclusion pattern: "!"' : 'syntax error in pattern',
      { context: [file('a'), file('.dockerignore', patterns)] },
    ),
  ),
  fails('fail-chown-name-on-scratch', 'FROM scratch\nENV a=b\nADD --chown=app a /x\n', {
    buildkit: 'invalid user index: -1',
    classic: "can't find uid for user app: ",
  }),
];
