import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const FOLDER = new URL('fixtures/', import.meta.url);

/** The bytes of a fixture; one that ends with `.gz` is decompressed. */
export function fixture(name: string): Buffer {
  const bytes = readFileSync(new URL(name, FOLDER));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The names of the fixtures that begin with a prefix. */
export function fixtureNames(prefix: string): readonly string[] {
  return readdirSync(FOLDER).filter((name) => name.startsWith(prefix));
}
