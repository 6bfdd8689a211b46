import { constants, createGunzip } from 'node:zlib';
import { LayerlabError } from '../../errors/layerlab-error.ts';

/** What Node's stream of zlib works with, as its own synchronous calls use it; not documented, so it is looked at before use. */
interface Inner {
  readonly _handle: {
    writeSync(flush: number, from: Buffer, at: number, size: number, into: Buffer, outAt: number, room: number): void;
    onerror: (message: string) => void;
  };
  /** After a call: the room that is left, and the bytes that were not taken. */
  readonly _writeState: Uint32Array;
}

const CHUNK = 1 << 18;
const NOTHING = Buffer.alloc(0);
/** `layerlab` and a line feed, by gzip. */
const PROBE = Buffer.from('H4sIAAAAAAACA8tJrEwtyklM4gIAEnc/bQkAAAA=', 'base64');
const PROBED = 'layerlab\n';
let isKnown: boolean | undefined;

/**
 * As `gunzip`, in the calling thread and without a pause: zlib's own thread is waited for at every piece, which takes as long again as
 * half of the work. A piece is valid until the next is asked for. Undefined where this Node is not the one that is known.
 */
export function gunzipHere(source: Iterable<Buffer>): Generator<Buffer> | undefined {
  isKnown ??= works();
  return isKnown ? pieces(source) : undefined;
}

function works(): boolean {
  try {
    return Buffer.concat([...pieces([PROBE])].map((piece) => Buffer.from(piece))).toString() === PROBED;
  } catch {
    return false;
  }
}

function* pieces(source: Iterable<Buffer>): Generator<Buffer> {
  const unzip = createGunzip();
  try {
    const { _handle: handle, _writeState: state } = unzip as unknown as Inner;
    let failure: string | undefined;
    handle.onerror = (message) => {
      failure = message;
    };
    const into = Buffer.allocUnsafeSlow(CHUNK);
    let isOver = false;
    const write = function* (chunk: Buffer, flush: number): Generator<Buffer> {
      for (let at = 0; ; ) {
        handle.writeSync(flush, chunk, at, chunk.length - at, into, 0, CHUNK);
        if (failure !== undefined) throw damaged(failure);
        const [room = 0, left = 0] = state;
        if (room < CHUNK) yield into.subarray(0, CHUNK - room);
        at = chunk.length - left;
        if (room === 0) continue;
        // What zlib has room for and does not take stands behind the end.
        isOver = left > 0;
        return;
      }
    };
    for (const chunk of source) {
      yield* write(chunk, constants.Z_NO_FLUSH);
      if (isOver) return;
    }
    yield* write(NOTHING, constants.Z_FINISH);
  } finally {
    unzip.destroy();
  }
}

function damaged(message: string): LayerlabError {
  return new LayerlabError('LL_ARCHIVE', `gzip data is damaged: ${message}`, { cause: new Error(message) });
}
