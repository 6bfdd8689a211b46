import { describe, expect, it } from '@jest/globals';
import { runVertices, workers } from '../../../src/engine/build/run-vertices.ts';
import type { Vertex } from '../../../src/planner/vertices.ts';

const vertex = (id: string, below?: string, inputs: readonly string[] = []): Vertex => ({
  id,
  name: id,
  work: { kind: 'image', reference: id },
  below,
  inputs,
  noCache: false,
});

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Work that writes down who runs beside whom. */
function recorder() {
  const events: string[] = [];
  let running = 0;
  let most = 0;
  const work = async ({ id }: Vertex): Promise<string> => {
    events.push(`+${id}`);
    running += 1;
    most = Math.max(most, running);
    await soon();
    running -= 1;
    events.push(`-${id}`);
    return `layer of ${id}`;
  };
  return { events, work, most: () => most, running: () => running };
}

describe('the work of a build', () => {
  it('is done at the same time where nothing stands between', async () => {
    const { events, work } = recorder();
    const results = await runVertices([vertex('a'), vertex('b'), vertex('c', 'a', ['b'])], work);
    expect(events).toEqual(['+a', '+b', '-a', '-b', '+c', '-c']);
    expect(results.get('c')).toBe('layer of c');
  });

  it('never has more at once than it may', async () => {
    const { work, most } = recorder();
    const many = Array.from({ length: 20 }, (_, index) => vertex(`v${index}`));
    const results = await runVertices(many, work, { limit: 3 });
    expect(most()).toBe(3);
    expect(results.size).toBe(20);
  });

  it('has as many at once as the host has room for, where it is not told how many', async () => {
    const { work, most } = recorder();
    const many = Array.from({ length: workers() + 5 }, (_, index) => vertex(`v${index}`));
    const results = await runVertices(many, work);
    expect(most()).toBe(workers());
    expect(results.size).toBe(workers() + 5);
  });

  it('stops all others at the first failure, begins nothing more, and waits for what runs', async () => {
    const stopped: string[] = [];
    const begun: string[] = [];
    let running = 0;
    const work = async ({ id }: Vertex, signal: AbortSignal): Promise<void> => {
      begun.push(id);
      if (id === 'bad') throw new Error('bad failed');
      running += 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 10)));
      running -= 1;
      stopped.push(id);
      signal.throwIfAborted();
    };
    const build = runVertices([vertex('slow'), vertex('bad'), vertex('late', 'bad'), vertex('later', 'slow')], work);
    await expect(build).rejects.toThrow('bad failed');
    expect({ begun, stopped, running }).toEqual({ begun: ['slow', 'bad'], stopped: ['slow'], running: 0 });
  });

  it('stops when it is told to from outside', async () => {
    const stop = new AbortController();
    const { events, work, running } = recorder();
    const build = runVertices([vertex('a'), vertex('b', 'a')], work, { signal: stop.signal });
    await new Promise(setImmediate);
    stop.abort(new Error('interrupted'));
    await expect(build).rejects.toThrow('interrupted');
    expect(events).toEqual(['+a', '-a']);
    expect(running()).toBe(0);
  });
});
