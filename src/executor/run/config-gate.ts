import { closeSync, constants, linkSync, openSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { type ByteString, fsPath } from '../../formats/bytestring.ts';
import { errnoOf } from '../../host/io-error.ts';
import { mknod, S_IFIFO } from '../../host/syscalls.ts';

const configOf = (bundle: ByteString): ByteString => `${bundle}/config.json`;
const gateOf = (bundle: ByteString): ByteString => `${bundle}/gate`;

/**
 * Puts a named pipe where a runtime looks for the config.json of a bundle: it starts, and waits there until it is given one.
 * Throws as mknod(2) does.
 */
export function makeGate(bundle: ByteString): void {
  mknod(configOf(bundle), S_IFIFO | 0o600, 0n);
  linkSync(fsPath(configOf(bundle)), fsPath(gateOf(bundle)));
}

/** The descriptor to write a config to; undefined where no runtime waits for it (yet). */
export function openGate(bundle: ByteString): number | undefined {
  try {
    // It opens only where somebody has it open for reading, or is about to.
    return openSync(fsPath(gateOf(bundle)), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENXIO') return undefined;
    throw error;
  }
}

/** Gives the runtime that waits its config.json, and closes the descriptor. One that has died says so by its exit code. */
export function passGate(bundle: ByteString, gate: number, config: string): void {
  try {
    // crun opens it a second time, to keep a copy, and has to find a file then.
    writeConfig(bundle, config);
    unlinkSync(fsPath(gateOf(bundle)));
    writeAll(gate, Buffer.from(config));
  } catch (error) {
    if (errnoOf(error) !== 'EPIPE') throw error;
  } finally {
    closeSync(gate);
  }
}

/** Writes the config.json of a bundle, in place of a gate where there is one. */
export function writeConfig(bundle: ByteString, config: string): void {
  const fresh = `${bundle}/config.new`;
  writeFileSync(fsPath(fresh), config, { mode: 0o600 });
  renameSync(fsPath(fresh), fsPath(configOf(bundle)));
}

const NAP_MS = 1;

function writeAll(fd: number, text: Buffer): void {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < text.length; ) {
    try {
      at += writeSync(fd, text, at);
    } catch (error) {
      // More than a pipe holds at once: the runtime is reading it.
      if (errnoOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(nap, 0, 0, NAP_MS);
    }
  }
}
