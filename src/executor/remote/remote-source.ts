import type { ByteString } from '../../formats/bytestring.ts';
import type { RemoteSource } from '../../planner/step.ts';
import type { FileTree } from '../../snapshot/file-tree.ts';
import type { BuildEnv, StepReporter } from '../build-env.ts';
import type { FoundSource } from '../copy/find-sources.ts';
import { openGitRemote } from './git-remote.ts';
import { openHttpRemote } from './http-remote.ts';

/** Something that was fetched, as ADD copies it. */
export interface FetchedSource {
  readonly tree: FileTree;
  readonly found: FoundSource;
  /** What came is this, whatever was said of it before: nothing else may be kept under its name. */
  readonly identity: string;
  /** A hash of what came, the same for the same files. */
  readonly content: string;
}

/** A source to fetch, of which it is known what it is: perhaps nothing was fetched yet. */
export interface OpenRemote {
  /** What it is called in the destination, which is part of what a step makes. */
  readonly label: string;
  /** A digest or a commit: as long as it is the same, so is what comes. */
  readonly identity: string;
  fetch(): Promise<FetchedSource>;
}

/**
 * Finds out what a source of ADD is now (BuildKit's cache key), fetching it only where nothing less tells.
 *
 * @param folder for what comes, not there yet
 * @throws LL_FETCH in BuildKit's words
 */
export function openRemote(
  env: BuildEnv,
  source: RemoteSource,
  folder: ByteString,
  report: StepReporter,
): Promise<OpenRemote> {
  return source.kind === 'http'
    ? openHttpRemote(env, source, folder, report)
    : openGitRemote(env, source, folder, report);
}
