import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ownPeak, treeMemory } from './memory.js';

const SAMPLE_EVERY_MS = 10;
const MS_PER_TICK = 10;

let running;

/** Ends what is being timed, when the bench itself has to end. */
export function stopRunning() {
  running?.kill();
}

/**
 * What one run took.
 *
 * @typedef {object} Measured
 * @property {number} milliseconds wall time
 * @property {number} cpuMs user and system time of the program and of all it waited for
 * @property {number} peakMiB memory of the program and all it started; 0 unless asked for
 */

/**
 * Runs a program to its end. Memory is looked at every few milliseconds, which costs time of its own: ask for it in a run
 * whose time does not count.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ readonly env?: Record<string, string>, readonly memory?: boolean }} [options]
 * @returns {Promise<Measured>}
 * @throws {Error} with the program's words when it fails
 */
export async function measure(command, args, options = {}) {
  // Node reads this file of certificates at every start, which is no part of what is measured.
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const spentBefore = childrenTime();
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...inherited, ...options.env } });
  running = child;
  const words = [];
  child.stdout.on('data', (chunk) => words.push(chunk));
  child.stderr.on('data', (chunk) => words.push(chunk));
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, treeMemory(child.pid), ownPeak(child.pid));
  };
  const sampler = options.memory === true ? setInterval(look, SAMPLE_EVERY_MS) : undefined;
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  clearInterval(sampler);
  running = undefined;
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')} exited with ${code}:\n${Buffer.concat(words).toString().trim()}`);
  return { milliseconds, cpuMs: childrenTime() - spentBefore, peakMiB: peak };
}

/** The time of all children that have ended, and of theirs: fields 16 and 17 of proc(5)'s stat. */
function childrenTime() {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
  } catch {
    return 0;
  }
}
