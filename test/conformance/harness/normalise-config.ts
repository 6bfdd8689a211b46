import { type BuildWindow, holds, parseRfc3339 } from './build-window.ts';

const TIME = /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)"/g;

/** What may stand in a config only because of the moment or the dice, and has a fixed name in its place. */
export interface ConfigNames {
  /** What stands for each layer: its diff_id, or a name where a time of the build is in it. */
  readonly layers: readonly string[];
  /** Images made by the build, each with a name. */
  readonly images: ReadonlyMap<string, string>;
  readonly window: BuildWindow;
}

/**
 * The config's own text, key order and escapes untouched, in lines that a diff can show:
 * a time of the build becomes its rank among the config's times of the build (so which are equal and which comes first
 * still counts) and keeps its zone; container ids and host names made of them become `<container>`.
 */
export function normaliseConfig(config: string, names: ConfigNames): readonly string[] {
  const container = /"container":"([0-9a-f]{64})"/.exec(config)?.[1];
  let text = replaceTimes(config, names.window);
  if (container !== undefined) {
    text = text.replaceAll(container, '<container>').replaceAll(`"${container.slice(0, 12)}"`, '"<container:12>"');
  }
  text = text.replace(/"docker_version":"[^"]*"/, '"docker_version":"<version>"');
  for (const [digest, name] of names.images) text = text.replaceAll(digest, name);
  text = text.replace(/"diff_ids":\[[^\]]*\]/, (list) => {
    let index = 0;
    return list.replace(/sha256:[0-9a-f]{64}/g, (digest) => names.layers[index++] ?? digest);
  });
  return text.split(/(?<=[,{[])(?=["{])/);
}

function replaceTimes(config: string, window: BuildWindow): string {
  const times = new Set<bigint>();
  for (const [, moment = '', zone = ''] of config.matchAll(TIME)) {
    const nanos = parseRfc3339(moment + zone);
    if (holds(window, nanos)) times.add(nanos);
  }
  const ranks = [...times].sort((a, b) => (a < b ? -1 : 1));
  return config.replace(TIME, (whole, moment: string, zone: string) => {
    const rank = ranks.indexOf(parseRfc3339(moment + zone));
    return rank < 0 ? whole : `"<time ${rank + 1}>${zone}"`;
  });
}
