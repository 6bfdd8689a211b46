import type { ByteString } from '../../formats/bytestring.ts';
import type { ArchiveParts } from './archive-parts.ts';

/** The sha256 of archives by their paths, 64 hexadecimal digits each; some may still be hashed beside other work. */
export class ArchiveDigests {
  readonly #known = new Map<ByteString, string>();
  readonly #hashed = new Map<ByteString, ArchiveParts>();
  readonly #closing: Promise<void>[] = [];

  set(path: ByteString, digest: string): void {
    this.#known.set(path, digest);
  }

  /** Takes an archive over that is unpacked and still hashed. */
  async expect(path: ByteString, parts: ArchiveParts): Promise<void> {
    await this.#hashed.get(path)?.close();
    this.#hashed.set(path, parts);
  }

  /** Takes an archive over that is unpacked and being closed: to end the thread that did it takes some milliseconds. */
  closing(parts: ArchiveParts): void {
    const closed = parts.close();
    // Whoever calls `close` hears of a failure.
    closed.catch(() => undefined);
    this.#closing.push(closed);
  }

  /** Waits for what is still hashed. Throws LL_CONTEXT where the archive changed meanwhile. */
  get(path: ByteString): string | undefined {
    if (!this.#known.has(path)) {
      const digest = this.#hashed.get(path)?.digest();
      if (digest !== undefined) this.#known.set(path, digest);
    }
    return this.#known.get(path);
  }

  /** To be called last of all. */
  async close(): Promise<void> {
    for (const parts of this.#hashed.values()) await parts.close();
    this.#hashed.clear();
    await Promise.all(this.#closing);
  }
}
