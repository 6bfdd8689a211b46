import { TAR_FILES_ROOM, tarFilesModule } from './tar-files-module.ts';
import { openWasm } from './wasm-engine.ts';

/** Makes what surrounds the content of a regular file in a layer that is not empty: header, padding, CRC-64, lines of tar-split. */
export interface TarFiles {
  /**
   * The bytes that all places below are counted in; `size` of them at least. What was in it stays there; what was given before is not
   * to be used any more where this is another.
   */
  room(size: number): Buffer;
  /** Puts the CRC-64 of the bytes from `at` to `end` at `crc`: 8 bytes big-endian. */
  sum(at: number, end: number, crc: number): void;
  /**
   * Makes what surrounds a content of `size` bytes that stands a block behind `at`: `padding` zero bytes in front of the header, the
   * header, zero bytes up to the next block; and, at `lines`, the two lines of tar-split, numbered from `position` on, with the CRC-64
   * that stands at `crc`. The name is `length` bytes at `name`, the time is in seconds.
   *
   * @returns where the lines end; 0 where it is not so simple, as with names that are long, or not of ASCII, or escaped in JSON: what was made is not to be used then
   */
  put(
    at: number,
    name: number,
    length: number,
    padding: number,
    mode: number,
    uid: number,
    gid: number,
    size: number,
    position: number,
    crc: number,
    lines: number,
    mtime: number,
  ): number;
}

/** What is used of the engine's module. */
interface Engine {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  sum(at: number, end: number, crc: number): void;
  put: TarFiles['put'];
}

const PAGE = 64 * 1024;

/** A maker of files' surroundings with a memory of its own, of `size` bytes at first; its code is compiled once for the process. */
export function openTarFiles(size: number): TarFiles {
  const pages = pagesOf(size);
  const opened = tarFiles(tarFilesModule(true, pages)) ?? tarFiles(tarFilesModule(false, pages));
  if (opened === undefined) throw new Error('WebAssembly is not there');
  return opened;
}

/** A maker that works with a module of `tarFilesModule`; undefined where this host has not its instructions. */
export function tarFiles(module: Uint8Array): TarFiles | undefined {
  const engine = openWasm(module) as Engine | undefined;
  if (engine === undefined) return undefined;
  const { memory } = engine;
  let room = Buffer.from(memory.buffer, TAR_FILES_ROOM);
  const base = TAR_FILES_ROOM;
  return {
    room: (size) => {
      if (size > room.length) {
        memory.grow(pagesOf(size - room.length));
        room = Buffer.from(memory.buffer, TAR_FILES_ROOM);
      }
      return room;
    },
    sum: (at, end, crc) => engine.sum(base + at, base + end, base + crc),
    put: (at, name, length, padding, mode, uid, gid, size, position, crc, lines, mtime) => {
      const end = engine.put(
        base + at,
        base + name,
        length,
        padding,
        mode,
        uid,
        gid,
        size,
        position,
        base + crc,
        base + lines,
        mtime,
      );
      return end === 0 ? 0 : end - base;
    },
  };
}

function pagesOf(size: number): number {
  return Math.ceil((size + TAR_FILES_ROOM) / PAGE);
}
