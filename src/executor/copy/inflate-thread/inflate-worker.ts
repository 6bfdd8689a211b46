import { readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { ioError } from '../../../host/io-error.ts';
import { decompress } from '../../../transports/decompress.ts';
import { HELD, type InflateProgress, type InflateWork, MOST_HELD, STATE, TARGET, WAITS } from './inflate-thread.ts';

// A thread of its own (dist/inflate-worker.cjs): decompresses one file into another, and says how far it is.

const { source, name, gate } = workerData as InflateWork;
const open = new Int32Array(gate);
const CHUNK = 1 << 20;
/** Bytes that are worth telling of. */
const STEP = 1 << 20;

function* compressed(): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; ; ) {
    let count: number;
    try {
      count = readSync(source, buffer, 0, CHUNK, at);
    } catch (error) {
      throw ioError(error, `reading ${name}`);
    }
    if (count === 0) return;
    at += count;
    yield buffer.subarray(0, count);
  }
}

function tell(progress: InflateProgress): void {
  parentPort?.postMessage(progress);
}

async function run(): Promise<void> {
  let written = 0;
  try {
    Atomics.wait(open, STATE, WAITS);
    const target = open[TARGET] as number;
    let told = 0;
    for await (const chunk of decompress(compressed(), { here: true }).chunks) {
      for (let done = 0; done < chunk.length; ) done += writeSync(target, chunk, done);
      written += chunk.length;
      if (written > MOST_HELD) Atomics.wait(open, STATE, HELD);
      if (written - told < STEP) continue;
      told = written;
      tell({ written, isEnd: false });
    }
    tell({ written, isEnd: true });
  } catch (error) {
    const { code, message, hint } = ioError(error, `unpacking ${name}`);
    tell({ written, isEnd: true, failure: { code, message, hint } });
  }
}

void run();
