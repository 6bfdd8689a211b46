import fs from 'node:fs';
import path from 'node:path';
import { parseRawTar } from './raw-tar.ts';
import type { Tool } from './tools.ts';

/** What a `save` archive of one image holds: the digests of its config and of its layers, base first, computed from the members. */
export interface SavedDigests {
  readonly config: string;
  readonly layers: readonly string[];
}

/** Saves an image and digests the members that `manifest.json` names, whichever Docker version laid the archive out. */
export async function savedDigests(tool: Tool, name: string, file: string): Promise<SavedDigests> {
  await tool.runOrThrow(['save', '-o', file, name]);
  const archive = fs.readFileSync(file);
  fs.rmSync(file);
  const { entries } = parseRawTar(archive);
  const find = (member: string) => {
    const entry = entries.find((each) => each.name === member);
    if (entry === undefined) throw new Error(`the archive of ${name} has no ${member}`);
    return entry;
  };
  // Up to Docker 24, a layer that another image of the archive has is a link to that one's.
  const digest = (member: string): string => {
    const entry = find(member);
    return entry.type === '2'
      ? digest(path.posix.join(path.posix.dirname(member), entry.linkname))
      : `sha256:${entry.contentSha256}`;
  };
  const [manifest] = JSON.parse(find('manifest.json').content.toString('utf8')) as {
    Config: string;
    Layers: string[];
  }[];
  if (manifest === undefined) throw new Error(`the archive of ${name} names no image`);
  return { config: digest(manifest.Config), layers: manifest.Layers.map(digest) };
}
