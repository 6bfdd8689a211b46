import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from '../../src/engine/build.ts';
import type { BuildResult } from '../../src/engine/build-options.ts';
import { newRepository, serveRepositories } from '../transports/git/repository.ts';
import type { LocalServer } from '../transports/http/local-server.ts';

let folder: string;
let server: LocalServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerlab-remote-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function run(dockerfileText: string): Promise<BuildResult> {
  return build({ dataRoot: join(folder, 'root'), context: undefined, dockerfileText });
}

describe('ADD of a repository', () => {
  it('is known by its commit: a branch that stays is not fetched again', async () => {
    const repository = newRepository(join(folder, 'work'));
    writeFileSync(join(repository.work, 'f'), 'f\n');
    repository.commit();
    server = await serveRepositories(folder, { repo: repository });
    const text = `FROM scratch\nADD ${server.url}/repo.git#main /r\n`;
    expect((await run(text)).cachedSteps).toBe(0);
    const objects = (): number => (server?.asked ?? []).filter((path) => path.includes('/objects/')).length;
    const before = objects();
    expect(before).toBeGreaterThan(0);
    expect((await run(text)).cachedSteps).toBe(1);
    expect(objects()).toBe(before);
    repository.commit();
    await server.close();
    server = await serveRepositories(folder, { repo: repository });
    // Another commit with the same files: fetched, and found in the cache by what they are.
    expect((await run(`FROM scratch\nADD ${server.url}/repo.git#main /r\n`)).cachedSteps).toBe(1);
  });
});
