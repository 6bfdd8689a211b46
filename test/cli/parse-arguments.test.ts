import { describe, expect, it } from '@jest/globals';
import { commands, imageCommands } from '../../src/cli/commands.ts';
import { findCommand, findImageCommand } from '../../src/cli/find-command.ts';
import { readOptions } from '../../src/cli/read-options.ts';
import { readPlainArguments } from '../../src/cli/read-plain-arguments.ts';
import { readArguments } from '../../src/cli/yargs-arguments.ts';

describe('a command by its name', () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    '%s is the one of the help',
    async (name, command) => {
      expect(await findCommand(name)).toBe(command);
    },
  );

  it.each(Object.entries(imageCommands))('image %s is the one of the help', async (name, command) => {
    expect(await findImageCommand(name)).toBe(command);
  });

  it.each(['', 'constructor', 'image', 'toString'])('is none for %j', async (name) => {
    expect([await findCommand(name), await findImageCommand(name)]).toEqual([undefined, undefined]);
  });
});

describe('words that are read without the whole of yargs', () => {
  const lines = [
    [],
    ['.'],
    ['a', 'b', '7', '0x10', '-'],
    ['-t', 'x', '.'],
    ['-t', 'a', '--tag', 'b', '-t=c', '--tag=d', '.'],
    ['-tx', '.'],
    ['-qt', 'x', '.'],
    ['-q', '.', '--no-cache'],
    ['--quiet=false', '.'],
    ['--quiet', 'false', '.'],
    ['--quiet=true', '.'],
    ['--no-cache=false', '.'],
    ['--build-arg', 'A=B', '--build-arg', '--C', '--build-arg=D=E=F', '.'],
    ['--build-arg', '-x', '.'],
    ['--target', '', '.'],
    ['--target=', '.'],
    ['--target', '007', '--target', '1e3', '.'],
    ['--network', 'host', '--network', 'none', '.'],
    ['--data-root', '/x', '--write', '.', '--debug'],
    ['--data-root=/x', '.'],
    ['-f', '-', '-'],
    ['--label', 'a.b.c=d', '.'],
    ["--label='quoted'", '"."'],
    ['.', '--', '-t'],
    ['--timestamp', '-1', '.'],
    ['.', '-t'],
    ['--nope', '.'],
    ['-z', '.'],
    ['--noCache', '.'],
    ['--buildArg', 'x', '.'],
    ['--no-quiet', '.'],
    ['--_', 'x'],
    ['--__proto__', 'x'],
    ['--constructor', 'x'],
    ['--tag.x', 'y', '.'],
    ['---t', 'x'],
  ];

  it.each(lines.map((words) => [words.join(' '), words] as const))('build %s', async (_title, words) => {
    const build = commands.find(({ name }) => name === 'build');
    if (build === undefined) throw new Error('no build');
    const plain = readPlainArguments(build.options, words);
    if (plain === undefined) return;
    const { text, values } = await readArguments(build, 'build', words, 80);
    expect(text).toBe('');
    expect([plain._, readOptions(build.options, plain)]).toEqual([values._, readOptions(build.options, values)]);
    expect([plain['data-root'], plain.write]).toEqual([values['data-root'], values.write]);
  });

  it.each([[['-h']], [['--help']], [['--nope']], [['-z']], [['.', '-t']], [['.', '--', 'x']], [['--no-quiet', '.']]])(
    'are not %j',
    (words) => {
      const build = commands.find(({ name }) => name === 'build');
      expect(readPlainArguments(build?.options ?? {}, words)).toBeUndefined();
    },
  );

  it('are what nearly everybody types', () => {
    const build = commands.find(({ name }) => name === 'build');
    const words = ['--network', 'none', '-q', '-t', 'x', '--build-arg', 'A=B', '.'];
    expect(readPlainArguments(build?.options ?? {}, words)).toMatchObject({
      _: ['.'],
      q: true,
      tag: ['x'],
      network: 'none',
    });
  });
});
