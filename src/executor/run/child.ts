import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Duplex } from 'node:stream';
import { openLatePipe } from './late-pipe.ts';

/** A program to run with nothing on its standard input. */
export interface ChildSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** Who owns the pipes of its output; this process where undefined. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly env: Readonly<Record<string, string>>;
  /** An open file that the program finds as its descriptor 3. */
  readonly input?: number | undefined;
  /**
   * Called with the process id while the program waits: it writes a byte to its last descriptor (`gateOf`), and goes on when
   * it can read one there.
   */
  readonly onGate?: ((pid: number) => void) | undefined;
  readonly onOutput: (stream: 1 | 2, data: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
  /** Called when the program itself has ended, while what it started may still hold its output open. */
  readonly onExit?: () => void;
}

/** What programs of the host get: nothing of the image's environment, which must not steer them. */
export const HOST_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
};

/** The descriptor on which a program with `onGate` waits. */
export function gateOf(input: number | undefined): number {
  return input === undefined ? 3 : 4;
}

/** Answers the one byte that a waiting program writes; where `onGate` fails, by closing the gate. */
function openGate(gate: Duplex, pid: number | undefined, onGate: (pid: number) => void): void {
  gate.on('error', () => gate.destroy());
  gate.once('data', () => {
    try {
      if (pid !== undefined) onGate(pid);
      gate.end('.');
    } catch {
      gate.destroy();
    }
  });
}

/**
 * Runs a program to its end and hands its output on as it arrives. Gives its exit code, or 128 and the signal's number.
 * An abort kills it. It has a session of its own, so that a terminal's Ctrl-C reaches it through the abort only.
 */
export async function runChild(spec: ChildSpec): Promise<number> {
  const [out, err] = [openLatePipe(), openLatePipe()];
  try {
    if (spec.owner !== undefined) for (const pipe of [out, err]) pipe.giveTo(spec.owner);
    const drained = [out.listen((data) => spec.onOutput(1, data)), err.listen((data) => spec.onOutput(2, data))];
    const exitCode = await new Promise<number>((resolve, reject) => {
      const child = spawn(spec.command, [...spec.args], {
        env: { ...spec.env },
        cwd: '/',
        stdio: [
          'ignore',
          out.writeFd,
          err.writeFd,
          ...(spec.input === undefined ? [] : [spec.input]),
          ...(spec.onGate === undefined ? [] : ['pipe' as const]),
        ],
        detached: true,
      });
      const gate = child.stdio[gateOf(spec.input)];
      if (spec.onGate !== undefined && gate instanceof Duplex) openGate(gate, child.pid, spec.onGate);
      out.closeWriting();
      err.closeWriting();
      const kill = (): void => {
        child.kill('SIGKILL');
      };
      const settle = (finish: () => void): void => {
        spec.signal?.removeEventListener('abort', kill);
        finish();
      };
      child.once('error', (error) => settle(() => reject(error)));
      child.once('exit', (code, signal) =>
        settle(() => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))),
      );
      if (spec.signal?.aborted === true) kill();
      else spec.signal?.addEventListener('abort', kill, { once: true });
    });
    spec.onExit?.();
    await Promise.all(drained);
    return exitCode;
  } finally {
    out.close();
    err.close();
  }
}
