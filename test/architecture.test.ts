import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const src = resolve(import.meta.dirname, '../src');

/** Which rooms a room may take from, besides itself: docs/ARCHITECTURE.md. */
const below: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  formats: ['errors'],
  host: ['errors', 'formats'],
  profiles: ['errors', 'formats'],
  parser: ['errors', 'formats', 'profiles'],
  planner: ['errors', 'formats', 'profiles', 'parser'],
  store: ['errors', 'formats', 'host'],
  snapshot: ['errors', 'formats', 'host', 'store'],
  transports: ['errors', 'formats', 'host', 'store', 'snapshot', 'committer'],
  committer: ['errors', 'formats', 'host', 'profiles', 'store', 'snapshot', 'transports'],
  executor: ['errors', 'formats', 'host', 'profiles', 'planner', 'store', 'snapshot', 'committer', 'transports'],
  engine: [
    ...['errors', 'formats', 'host', 'profiles', 'parser', 'planner', 'store', 'snapshot', 'committer', 'transports'],
    'executor',
  ],
  cli: ['errors', 'formats', 'host', 'parser', 'engine'],
};

const pure = ['errors', 'formats', 'profiles', 'parser', 'planner'];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

function imports(): Import[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    const targets = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] as string);
    return targets.map((target) => ({
      file,
      room: file.includes('/') ? (file.split('/')[0] as string) : '',
      target: target.startsWith('.') ? relative(src, resolve(src, dirname(file), target)) : target,
    }));
  });
}

describe('the rooms of src', () => {
  it('take only from rooms below them', () => {
    const wrong = imports().filter(({ room, target }) => {
      if (room === '' || !/^[a-z]+\//.test(target) || target.startsWith('node:')) return false;
      const other = target.split('/')[0] as string;
      return other in below && other !== room && !(below[room] ?? []).includes(other);
    });
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('export no name whose value changes: scripts/pack.js copies what a module exports once it has run', () => {
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    expect(files.filter((file) => /^export (?:let|var) /m.test(readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });

  it('import what they need of a module of Node by name: scripts/pack.js loads it when a name is first used', () => {
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const whole = /^import \* as \w+ from '(?:node:|(?:crypto|http|https|net|os|stream|zlib)')/m;
    expect(files.filter((file) => whole.test(readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });

  it('that are pure touch no file system and start no process', () => {
    const wrong = imports().filter(
      ({ room, target }) => pure.includes(room) && /^node:(fs|child_process|http|https|os|worker_threads)/.test(target),
    );
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('have names that the architecture page knows', () => {
    const rooms = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map(({ name }) => name).sort()).toEqual(Object.keys(below).sort());
  });
});
