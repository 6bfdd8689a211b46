import { describe, expect, it } from '@jest/globals';
import type { Step } from '../../src/planner/step.ts';
import { plan } from './fixtures.ts';

function only(line: string, before = ''): Step {
  const made = plan(`${before}FROM bb\nARG X=1\n${line}\n`);
  const step = made.stages[0]?.steps[1];
  if (step === undefined) throw new Error('no step');
  return step;
}

describe('inline documents of COPY and ADD', () => {
  // Texts as BuildKit of Docker 28.5 wrote them into the layer.
  it.each([
    [`COPY <<E /f\n"$X" '$X' \\$X \${Q:-d} \\\\ \\n\nE`, '"1" \'1\' $X d \\ n\n'],
    ['COPY <<"E" /f\n"$X" \\$X\nE', '"$X" \\$X\n'],
    ['COPY <<-E /f\n\ta\n\t\t$X\n E\n\tE', 'a\n1\n E\n'],
    ['ADD <<E /f\nE', ''],
  ])('%j', (line, data) => {
    expect(only(line).action).toMatchObject({ sources: [], documents: [{ name: 'E', data }] });
  });

  it('reads a body by the backslash, whatever the escape of the file is', () => {
    const { action } = only('COPY <<E /f\n\\$X `$X \\\\ ``\nE', '# escape=`\n');
    expect(action).toMatchObject({ documents: [{ data: '$X `1 \\ ``\n' }] });
  });

  it('takes the last text of a name that stands twice', () => {
    const { action } = only('COPY <<E <<E /d/\n1\nE\n2\nE');
    expect(action).toMatchObject({ documents: [{ data: '2\n' }, { data: '2\n' }] });
  });

  it('keeps names below the root', () => {
    const step = only('COPY <<../b /d/\nx\n../b');
    expect(step.createdBy).toBe('COPY <<../b /d/ # buildkit');
    expect(step.action).toMatchObject({ documents: [{ name: 'b' }] });
  });

  it.each([
    ['COPY <<a/b /d/\nx\na/b', 'open /a/b: no such file or directory'],
    ['RUN <<a/b\n#!/bin/sh\na/b', 'open /a/b: no such file or directory'],
    [`COPY <<${'n'.repeat(256)} /d/\nx\n${'n'.repeat(256)}`, `lstat /${'n'.repeat(256)}: file name too long`],
    ['COPY <<. /d/\nx\n.', 'open : is a directory'],
    [`COPY <<E /d/\n\${Q:?need}\nE`, `failed to process "\${Q:?need}\\n": Q: need`],
  ])('%j fails as with the daemon', (line, message) => {
    expect(() => only(line)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
  });
});

describe('inline documents of RUN', () => {
  it.each([
    ['RUN <<E\n$X\nE', '$X\n'],
    ['RUN <<-E\n\ta\n\t b\n\tE', 'a\n b\n'],
    ['RUN 3<<E\nx\nE', 'x\n'],
    ['RUN <<E\nE', ''],
    ['RUN cat <<E | sh\n$X\nE', 'cat <<E | sh\n$X\nE'],
    ['RUN cat <<-E <<F\n\ta\n\tE\nb\nF', 'cat <<-E <<F\n\ta\nE\nb\nF'],
    ['RUN <<-E\n\t#!/bin/sh\nE', '#!/bin/sh\n'],
  ])('%j is given to the shell', (line, command) => {
    const { action } = only(line);
    expect(action).toMatchObject({ args: ['/bin/sh', '-c', command] });
    expect(action).not.toHaveProperty('script');
  });

  it('makes a script of what begins with #!', () => {
    expect(only('RUN <<-"E"\n#!/bin/cat\n\t$X\nE').action).toMatchObject({
      args: ['/bin/sh', '-c', '/dev/pipes/E'],
      script: { name: 'E', data: '#!/bin/cat\n$X\n' },
    });
  });

  it('shows the first line of the text', () => {
    expect(only('RUN <<E\n\n  echo $X\r\nb\nE').display).toBe('RUN <<E (echo 1...)');
    expect(only('RUN <<E\necho\nE').display).toBe('RUN <<E (echo)');
    expect(only('RUN cat <<E\necho\nE').display).toBe('RUN cat <<E');
  });
});
