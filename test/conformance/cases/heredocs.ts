import type { Builder, ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

const builders: readonly Builder[] = ['buildkit'];

const lines = (...text: readonly string[]): string => `FROM conf/base\n${text.join('\n')}\n`;

/** Texts in the Dockerfile: files for COPY and ADD, commands and scripts for RUN. Classic goes on without them. */
export const heredocs: readonly ConformanceCase[] = [
  {
    name: 'heredoc-copy',
    builders,
    dockerfile: lines(
      'ARG X=1',
      'COPY <<A file <<"B" <<-C /srv/dir/',
      'a $X "q" \\$X',
      'A',
      'b $X "q" \\$X',
      'B',
      `\t\tc \${Y:-y}`,
      '\tC',
      'COPY --chown=app:staff --chmod=4711 <<E /srv/owned',
      'E',
      'ADD <<E /opt/data/',
      'added',
      'E',
    ),
    context: [file('file')],
  },
  {
    name: 'heredoc-run',
    builders,
    dockerfile: lines(
      'RUN <<E',
      'echo one > /srv/one',
      'E',
      'RUN cat <<A <<B | sh',
      'echo a > /srv/a',
      'A',
      'echo b > /srv/b',
      'B',
      'RUN <<-E',
      '\techo chomped > /srv/chomped',
      '\tE',
    ),
  },
  {
    name: 'heredoc-blanks',
    builders: ['buildkit', 'classic'],
    dockerfile: lines(
      'RUN << E',
      'echo one > /srv/one',
      'E',
      'RUN cat <<  A <<\t"B" > /srv/two',
      'a $PATH',
      'A',
      'b $PATH',
      'B',
      'RUN cat <<  \\',
      '  D > /srv/three',
      'd',
      'D',
      'RUN << S',
      '#!/bin/sh',
      'echo "$0" > /srv/name',
      'S',
    ),
  },
  {
    name: 'heredoc-blanks-copy',
    builders,
    dockerfile: lines('COPY << E /srv/dir/', 'never', 'E'),
    context: [file('<<'), file('E')],
  },
  {
    name: 'heredoc-script',
    builders,
    dockerfile: lines(
      'RUN <<SCRIPT',
      '#!/bin/sh',
      'echo "$0" > /srv/name',
      'ls -l $0 | cut -c1-10 >> /srv/name',
      'SCRIPT',
    ),
  },
  {
    name: 'heredoc-script-first',
    builders,
    dockerfile: 'FROM conf/bare\nRUN <<E\n#!/bin/sh\necho x > /x\nE\n',
  },
  {
    name: 'heredoc-onbuild',
    builders,
    dockerfile:
      'FROM conf/base AS parent\nONBUILD COPY <<E /srv/made\n$PATH\nE\nONBUILD RUN <<E\n#!/bin/sh\ncat /srv/made > /srv/seen\nE\nFROM parent\n',
  },
  {
    name: 'heredoc-classic-run',
    builders: ['classic'],
    dockerfile: lines(
      'RUN <<E',
      'echo never > /never',
      'E',
      'RUN cat <<A > /x && cat <<-"B" > /y',
      'a',
      'A',
      '\tb',
      '\tB',
    ),
  },
  {
    name: 'heredoc-classic-copy',
    builders: ['classic'],
    dockerfile: lines('COPY file <<E /srv/dir/', 'never', 'E'),
    context: [file('file')],
  },
  {
    name: 'heredoc-classic-copy-alone',
    builders: ['classic'],
    dockerfile: lines('COPY <<E /srv/x', 'never', 'E'),
    expectFailure: 'COPY failed: no source files were specified',
  },
  {
    name: 'heredoc-classic-onbuild',
    builders: ['classic'],
    dockerfile: 'FROM conf/base AS parent\nONBUILD RUN <<E\necho never > /never\nE\nFROM parent\n',
  },
];
