import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const SAMPLE_EVERY_MS = 15;

/**
 * Runs a program and gives its wall time in milliseconds and the peak of its memory in MiB: the resident sets of the
 * process and everything it started, added up every few milliseconds (0 where there is no /proc). Throws with the
 * program's words when it fails.
 */
export async function measure(command, args, options = {}) {
  // Node reads this file of certificates at every start, which is no part of what is measured.
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...inherited, ...options.env } });
  const words = [];
  child.stdout.on('data', (chunk) => words.push(chunk));
  child.stderr.on('data', (chunk) => words.push(chunk));
  let peak = 0;
  const sampler =
    options.memory === true
      ? setInterval(() => {
          peak = Math.max(peak, treeMemory(child.pid));
        }, SAMPLE_EVERY_MS)
      : undefined;
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  clearInterval(sampler);
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')} exited with ${code}:\n${Buffer.concat(words).toString()}`);
  return { milliseconds, peakMiB: peak };
}

function treeMemory(root) {
  const parents = new Map();
  const memory = new Map();
  for (const name of processes()) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
      memory.set(Number(name), (Number(fields[21]) * 4096) / 1_048_576);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  let sum = 0;
  for (const [pid, mebibytes] of memory) if (descends(pid, root, parents)) sum += mebibytes;
  return sum;
}

function processes() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function descends(pid, root, parents) {
  for (let at = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === root) return true;
  return false;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
