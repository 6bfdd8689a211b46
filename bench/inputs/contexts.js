import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1_048_576;

/** Numbers that are the same in every run, so that two runs build the same files. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A folder with a Dockerfile. */
export function context(folder, dockerfile) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  return folder;
}

/** `count` files of 0.2 to 6 KB in folders of a hundred. */
export function smallFiles(folder, count) {
  context(folder, 'FROM scratch\nCOPY files /files\n');
  writeSmall(join(folder, 'files'), count);
  return folder;
}

export function oneFile(folder, mebibytes) {
  context(folder, 'FROM scratch\nCOPY big.bin /big.bin\n');
  writeRandom(join(folder, 'big.bin'), mebibytes);
  return folder;
}

/** An image of three layers, of big files and small ones. */
export function mixedImage(folder, mebibytes, files = 3000) {
  context(folder, 'FROM scratch\nCOPY large /large\nCOPY files /files\nCOPY more /more\nCMD ["/none"]\n');
  mkdirSync(join(folder, 'large'));
  mkdirSync(join(folder, 'more'));
  writeRandom(join(folder, 'large/a.bin'), Math.ceil(mebibytes / 2));
  writeRandom(join(folder, 'more/b.bin'), Math.ceil(mebibytes / 2));
  writeSmall(join(folder, 'files'), files);
  return folder;
}

function writeSmall(folder, count) {
  const random = generator(1);
  const bytes = randomFillSync(Buffer.alloc(8192));
  for (let i = 0; i < count; i++) {
    const home = join(folder, `d${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(home, { recursive: true });
    bytes.writeUInt32LE(i, 0);
    writeFileSync(join(home, `file-${i}.dat`), bytes.subarray(0, 200 + Math.floor(random() * 5800)));
  }
}

export function manyRuns(folder, base, count) {
  const lines = Array.from({ length: count }, (_, i) => `RUN echo ${i} > /file-${i % 10}`);
  return context(folder, `FROM ${base}\n${lines.join('\n')}\n`);
}

/**
 * `count` stages on their own, each of `files` copied files and a command that works on them, and one that collects.
 * `more` is shell text behind the command.
 */
export function manyStages(folder, base, count, files, more = '') {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const stages = numbers.map(
    (i) => `FROM ${base} AS s${i}\nCOPY d${i} /src\nRUN cat $(find /src -type f) | sha256sum > /out${more}\n`,
  );
  const collected = numbers.map((i) => `COPY --from=s${i} /out /out-${i}\n`);
  context(folder, `${stages.join('')}FROM scratch\n${collected.join('')}`);
  for (const i of numbers) writeSmall(join(folder, `d${i}`), files);
  return folder;
}

function writeRandom(file, mebibytes) {
  const block = randomFillSync(Buffer.alloc(MIB));
  const fd = openSync(file, 'w');
  for (let i = 0; i < mebibytes; i++) {
    block.writeUInt32LE(i, 0);
    writeSync(fd, block);
  }
  closeSync(fd);
}
