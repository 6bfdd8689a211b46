import { type Digest, isDigest } from '../../formats/digest.ts';
import { type JsonValue, parseGoJson } from '../../formats/go-json.ts';
import { isCacheId } from '../../formats/ids.ts';
import { chainOf } from '../../store/layerdb.ts';
import type { Report } from './damage.ts';
import { digestIn, fault, initIdOf, mountIdOf } from './record.ts';
import type { ContainerFacts, MountFacts, Survey } from './survey.ts';

/** What a container's config says, as far as images are concerned. */
export interface ContainerConfigFacts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** It is being removed, or its removal failed: its layers may be gone. */
  readonly dead: boolean;
}

/** Reads `config.v2.json`; a text says what is wrong with it. */
export function readContainer({ config }: ContainerFacts): ContainerConfigFacts | string {
  if (config.state === 'odd') return config.why;
  if (config.state !== 'text') return 'is missing';
  let document: JsonValue;
  try {
    document = parseGoJson(config.bytes);
  } catch {
    return config.bytes.length === 0 ? 'has no bytes' : 'is no JSON document';
  }
  if (!(document instanceof Map)) return 'is no JSON object';
  const text = (key: string): string => {
    const value = document instanceof Map ? document.get(key) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const state = document.get('State');
  const flag = (key: string): boolean => state instanceof Map && state.get(key) === true;
  return {
    id: text('ID'),
    name: text('Name').replace(/^\//, ''),
    image: text('Image'),
    dead: flag('Dead') || flag('RemovalInProgress'),
  };
}

/** Containers, and the writable layers they stand on: `containers/` and `layerdb/mounts/`. */
export function checkContainers(survey: Survey, report: Report): void {
  const { reader, paths, containers, mounts, buildkitKnows } = survey;
  for (const name of reader.names(paths.containers)) {
    if (containers.has(name)) continue;
    const where = reader.relative(`${paths.containers}/${name}`);
    report({ id: 'container-id-invalid', where, detail: 'is no container id' });
  }
  for (const container of containers.values()) checkContainer(survey, container, report);
  const hidden = reader.hides(paths.containers);
  for (const mount of mounts.values()) {
    if (reader.hides(mount.dir)) continue;
    if (!containers.has(mount.name) && !hidden && !buildkitKnows(mount.name)) {
      const detail = 'there is no such container';
      report({ id: 'mount-orphan', where: reader.relative(mount.dir), detail });
    } else {
      checkMount(survey, mount, report);
    }
  }
}

function checkContainer(survey: Survey, container: ContainerFacts, report: Report): void {
  const { reader, paths, mounts } = survey;
  if (reader.hides(container.dir) || container.config.state === 'unreadable') return;
  const place = { where: reader.relative(`${container.dir}/config.v2.json`), container: container.name };
  if (container.config.state === 'absent') {
    report({ id: 'container-config-missing', detail: 'is missing', ...place });
    return;
  }
  const config = readContainer(container);
  if (typeof config === 'string' || config.id !== container.name) {
    const detail = typeof config === 'string' ? config : 'is of another container';
    report({ id: 'container-config-corrupt', detail, ...place });
    return;
  }
  if (config.dead || mounts.has(container.name) || reader.hides(paths.mounts)) return;
  const where = reader.relative(`${paths.mounts}/${container.name}`);
  const detail = 'the record of its layers is not there';
  report({ id: 'container-layers-missing', where, detail, container: container.name });
}

function checkMount(survey: Survey, mount: MountFacts, report: Report): void {
  const { reader, paths, layers, snapshots } = survey;
  const about = (file: string) => ({ where: reader.relative(`${mount.dir}/${file}`), container: mount.name });
  const isContainer = survey.containers.has(mount.name);
  const mountId = fault(mount.mountId, isCacheId);
  if (mountId !== undefined) {
    const known = initIdOf(mount)?.replace(/-init$/, '');
    const expected = known === undefined ? {} : { expected: known };
    report({ id: `mount-id-${mountId.kind}`, detail: mountId.detail, ...about('mount-id'), ...expected });
  }
  const initId = fault(mount.initId, isCacheId);
  if (initId !== undefined && (isContainer || initId.kind !== 'missing')) {
    const known = mountIdOf(mount);
    const expected = known === undefined ? {} : { expected: `${known}-init` };
    report({ id: `init-id-${initId.kind}`, detail: initId.detail, ...about('init-id'), ...expected });
  }
  const parent = fault(mount.parent, isDigest);
  const top = topOfImage(survey, mount.name);
  // A container of an image without layers stands on none.
  if (parent !== undefined && (parent.kind !== 'missing' || top !== undefined)) {
    const expected = top === undefined ? {} : { expected: top };
    report({ id: `mount-parent-${parent.kind}`, detail: parent.detail, ...about('parent'), ...expected });
  }
  const below = digestIn(mount.parent);
  if (below !== undefined && !layers.has(below.slice(7)) && !reader.hides(paths.layers)) {
    report({ id: 'mount-layer-missing', detail: `there is no layer ${below.slice(7, 19)}`, ...about('parent') });
  }
  if (reader.hides(paths.overlay)) return;
  for (const id of [mountIdOf(mount), initIdOf(mount)]) {
    if (id === undefined || snapshots.get(id)?.stat?.kind === 'dir') continue;
    const where = reader.relative(`${paths.overlay}/${id}`);
    report({ id: 'mount-snapshot-missing', where, detail: 'is not there', container: mount.name });
  }
}

/** The topmost layer of the image that a container was made from. */
function topOfImage({ containers, images }: Survey, name: string): Digest | undefined {
  const container = containers.get(name);
  const config = container === undefined ? undefined : readContainer(container);
  if (config === undefined || typeof config === 'string') return undefined;
  return chainOf(images.get(config.image.replace(/^sha256:/, ''))?.config?.diffIds ?? []);
}
