import type { JsonValue } from '../../formats/go-json.ts';
import { member, numberOf, textOf } from './container-document.ts';

/** How a container was when its state was last written. */
export interface ContainerState {
  /** created, running, paused, restarting, removing, exited or dead. */
  readonly status: string;
  readonly exitCode: number;
  /** RFC 3339; Go's zero time where it never was. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** starting, healthy or unhealthy; empty without a health check. */
  readonly health: string;
}

export const NEVER = '0001-01-01T00:00:00Z';

/** Reads `State` of config.v2.json (moby daemon/container/state.go StateString). */
export function containerState(state: JsonValue | undefined): ContainerState {
  const is = (key: string): boolean => member(state, key) === true;
  const startedAt = textOf(member(state, 'StartedAt')) || NEVER;
  const status = is('Running')
    ? is('Paused')
      ? 'paused'
      : is('Restarting')
        ? 'restarting'
        : 'running'
    : is('RemovalInProgress')
      ? 'removing'
      : is('Dead')
        ? 'dead'
        : startedAt === NEVER
          ? 'created'
          : 'exited';
  const health = textOf(member(member(state, 'Health'), 'Status'));
  return {
    status,
    startedAt,
    health: health === 'none' ? '' : health,
    exitCode: numberOf(member(state, 'ExitCode')),
    finishedAt: textOf(member(state, 'FinishedAt')) || NEVER,
  };
}
