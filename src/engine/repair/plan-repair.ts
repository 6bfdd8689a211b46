import type { ByteString } from '../../formats/bytestring.ts';
import { isLinkId, newLinkId } from '../../formats/ids.ts';
import type { RootFiles } from '../../host/root-files.ts';
import type { Finding } from '../check/damage.ts';
import type { DamageId } from '../check/damage-catalogue.ts';
import { cacheIdOf, digestIn, initIdOf, linkOf, mountIdOf } from '../check/record.ts';
import type { Survey } from '../check/survey.ts';
import type { Uses } from '../check/uses.ts';
import { deriveSize } from '../check/verify-layer.ts';
import type { Action } from './action.ts';
import { type Broken, findBroken, topOf } from './broken.ts';
import { QUARANTINE } from './quarantine.ts';
import { encodeNames, usableNames } from './salvage-names.ts';

type Bare<T> = T extends unknown ? Omit<T, 'why' | 'where'> : never;

/** Damages after which a snapshot that nobody names may be what a record has lost: it is kept. */
const LOST_NAMES = /^(cache-id|mount-id|container|layer-empty|mount-orphan|snapshot-id|chain-id|read-failed)/;
const RECORD_MODE = 0o644;
const PRIVATE_MODE = 0o600;

/**
 * What would mend these findings, in the order in which it is to be done: a kill after any of the actions leaves a data-root
 * with fewer damages than before. Nothing is touched.
 */
export function planRepair(survey: Survey, uses: Uses, findings: readonly Finding[], files: RootFiles): Action[] {
  const broken = findBroken(survey, findings);
  const actions: Action[] = [];
  const seen = new Set<string>();
  const add = (why: DamageId, where: ByteString, action: Bare<Action>): void => {
    // What is put away as a whole needs no mending in it.
    if (seen.has(where) || [...seen].some((above) => where.startsWith(`${above}/`))) return;
    if (action.kind === 'quarantine' || action.kind === 'remove') seen.add(where);
    if (!actions.some((done) => done.where === where && done.kind === action.kind)) {
      actions.push({ ...action, why, where });
    }
  };
  planNames(survey, broken, findings, add);
  planImages(survey, broken, add);
  planLayers(survey, uses, broken, add);
  for (const mount of survey.mounts.values()) {
    const why = broken.layers.get(digestIn(mount.parent)?.slice(7) ?? '');
    if (why !== undefined) putContainerAway(survey, mount.name, why, add);
  }
  for (const finding of findings) planContainer(survey, finding, add);
  planLinks(survey, uses, findings, add);
  for (const finding of findings) planOne(survey, finding, findings, files, add);
  return actions;
}

type Add = (why: DamageId, where: ByteString, action: Bare<Action>) => void;

function planNames(survey: Survey, broken: Broken, findings: readonly Finding[], add: Add): void {
  const { reader, paths, images, repositories } = survey;
  const bad = findings.find(({ id }) => id.startsWith('repositories-') || id.startsWith('reference-'));
  const kept = usableNames(repositories, (id) => images.has(id) && !broken.images.has(id));
  const all = usableNames(repositories, () => true);
  const [lost] = broken.images.values();
  const why = bad?.id ?? (kept.length < all.length ? lost : undefined);
  if (why === undefined) return;
  const where = reader.relative(paths.repositories);
  add(why, where, { kind: 'write', text: encodeNames(kept), mode: PRIVATE_MODE });
}

function planImages({ reader, paths, images }: Survey, broken: Broken, add: Add): void {
  for (const [name, why] of broken.images) {
    if (!images.has(name)) continue;
    add(why, reader.relative(`${paths.imageContent}/${name}`), { kind: 'quarantine' });
    if (reader.stat(`${paths.imageMetadata}/${name}`) === undefined) continue;
    add(why, reader.relative(`${paths.imageMetadata}/${name}`), { kind: 'quarantine' });
  }
  // Their children lose a parent only: they are images by themselves.
  for (const name of images.keys()) {
    const path = `${paths.imageMetadata}/${name}/parent`;
    const parent = digestIn(reader.small(path))?.slice(7);
    const why = parent === undefined ? undefined : broken.images.get(parent);
    if (why !== undefined && !broken.images.has(name)) add(why, reader.relative(path), { kind: 'quarantine' });
  }
}

function planLayers(survey: Survey, uses: Uses, broken: Broken, add: Add): void {
  const { reader, layers, snapshots, buildkitKnows } = survey;
  for (const [name, why] of broken.layers) {
    const layer = layers.get(name);
    if (layer === undefined) continue;
    add(why, reader.relative(layer.dir), { kind: 'quarantine' });
    const cacheId = cacheIdOf(layer);
    const use = cacheId === undefined ? undefined : uses.of(cacheId);
    if (cacheId === undefined || use?.name !== name) continue;
    const isUsable = snapshots.get(cacheId)?.diff?.kind === 'dir';
    if (!(isUsable && buildkitKnows(cacheId))) putSnapshotAway(survey, cacheId, why, add);
  }
}

function putSnapshotAway({ reader, paths, snapshots }: Survey, cacheId: string, why: DamageId, add: Add): void {
  const snapshot = snapshots.get(cacheId);
  if (snapshot === undefined) return;
  const link = linkOf(snapshot);
  add(why, reader.relative(snapshot.dir), { kind: 'quarantine' });
  if (link !== undefined && reader.link(`${paths.links}/${link}`) === `../${cacheId}/diff`) {
    add(why, reader.relative(`${paths.links}/${link}`), { kind: 'quarantine' });
  }
}

const CONTAINER_LOST: ReadonlySet<DamageId> = new Set<DamageId>([
  'container-layers-missing',
  'mount-layer-missing',
  'container-config-missing',
  'container-config-corrupt',
  'mount-orphan',
]);

/** A container that is put away goes with its own files, so that it can be put back whole. */
function planContainer(survey: Survey, { id, where, expected }: Finding, add: Add): void {
  const { reader, paths } = survey;
  const isMountId = id.startsWith('mount-id-') && expected === undefined;
  if (!CONTAINER_LOST.has(id) && !isMountId) return;
  const name = topOf(where, 'containers') ?? topOf(where, reader.relative(paths.mounts));
  if (name === undefined) return;
  putContainerAway(survey, name, id, add);
}

function putContainerAway(
  { reader, paths, mounts, containers, ...rest }: Survey,
  name: string,
  why: DamageId,
  add: Add,
): void {
  if (containers.has(name)) add(why, reader.relative(`${paths.containers}/${name}`), { kind: 'quarantine' });
  const mount = mounts.get(name);
  if (mount === undefined) return;
  add(why, reader.relative(mount.dir), { kind: 'quarantine' });
  const [mountId, initId] = [mountIdOf(mount), initIdOf(mount)];
  for (const cacheId of [mountId, initId ?? (mountId === undefined ? undefined : `${mountId}-init`)]) {
    if (cacheId !== undefined) putSnapshotAway({ reader, paths, mounts, containers, ...rest }, cacheId, why, add);
  }
}

/** Short names and `lower` files: a new short name where the old one is lost, and then every `lower` that holds it. */
function planLinks(survey: Survey, uses: Uses, findings: readonly Finding[], add: Add): void {
  const { reader, paths, snapshots } = survey;
  const fresh = new Map<string, string>();
  for (const { id, where, expected } of findings) {
    const cacheId = topOf(where, 'overlay2');
    if (!/^link-(missing|empty|invalid|shared)$/.test(id) || cacheId === undefined) continue;
    // The link that was lost stands in overlay2/l: then nothing above has to change.
    const old = [...survey.links].find(([name, target]) => target === `../${cacheId}/diff` && isLinkId(name))?.[0];
    const link = expected ?? old ?? newLinkId();
    fresh.set(cacheId, link);
    add(id, where, { kind: 'write', text: link, mode: RECORD_MODE });
    add(id, reader.relative(`${paths.links}/${link}`), { kind: 'link', target: `../${cacheId}/diff` });
  }
  for (const { id, where, expected } of findings) {
    if (!/^link-(broken|wrong|outside)$/.test(id) || expected === undefined) continue;
    const owners = [...snapshots.values()].filter((each) => linkOf(each) === where.slice(where.lastIndexOf('/') + 1));
    // A link that two claim goes to the one that keeps it.
    const owner = owners.find(({ name }) => !fresh.has(name));
    if (owner !== undefined) add(id, where, { kind: 'link', target: `../${owner.name}/diff` });
  }
  const wrong = new Map(findings.filter(({ id }) => id.startsWith('lower-')).map((each) => [each.where, each.id]));
  for (const snapshot of snapshots.values()) {
    const where = reader.relative(`${snapshot.dir}/lower`);
    const below = uses.below(snapshot.name);
    const why = wrong.get(where);
    const moved = below?.some((cacheId) => fresh.has(cacheId)) === true;
    if (below === undefined || below.length === 0 || (why === undefined && !moved)) continue;
    const links = below.map((cacheId) => fresh.get(cacheId) ?? linkOf(snapshots.get(cacheId)));
    if (links.includes(undefined)) continue;
    const text = links.map((link) => `l/${link}`).join(':');
    if (snapshot.lower.state === 'text' && snapshot.lower.text === text) continue;
    add(why ?? 'lower-broken', where, { kind: 'write', text, mode: RECORD_MODE });
  }
}

/** What is mended where it stands. */
function planOne(
  survey: Survey,
  { id, where, expected, layer }: Finding,
  findings: readonly Finding[],
  files: RootFiles,
  add: Add,
): void {
  const { reader, paths, layers } = survey;
  if (/^(diff|parent|init-id|mount-id|mount-parent)-(missing|empty|invalid)$/.test(id)) {
    const isBase = layer !== undefined && digestIn(layers.get(layer)?.diff) === `sha256:${layer}`;
    if (expected !== undefined) add(id, where, { kind: 'write', text: expected, mode: RECORD_MODE });
    else if (id.startsWith('parent-') && isBase) add(id, where, { kind: 'quarantine' });
    return;
  }
  if (id.startsWith('size-') && layer !== undefined) {
    const record = layers.get(layer);
    const cacheId = cacheIdOf(record);
    if (record === undefined || cacheId === undefined) return;
    const size = deriveSize(files, `${record.dir}/tar-split.json.gz`, `${paths.overlay}/${cacheId}/diff`);
    add(id, where, { kind: 'write', text: String(size), mode: RECORD_MODE });
    return;
  }
  switch (id) {
    case 'mode-open':
      if (expected !== undefined) add(id, where, { kind: 'chmod', mode: Number.parseInt(expected, 8) });
      return;
    case 'work-missing':
      add(id, where, { kind: 'mkdir', mode: 0o700 });
      return;
    case 'layer-id-invalid':
    case 'snapshot-id-invalid':
    case 'image-id-invalid':
    case 'container-id-invalid':
    case 'metadata-parent-missing':
    case 'metadata-parent-invalid':
    case 'descriptor-invalid':
      add(id, where, { kind: 'quarantine' });
      return;
    case 'snapshot-orphan': {
      // What was put away before may be put back, and then needs its files.
      const wasMended = reader.stat(`${paths.root}/${QUARANTINE}`) !== undefined;
      const mayBeLost = wasMended || findings.some((other) => LOST_NAMES.test(other.id));
      const cacheId = topOf(where, 'overlay2') ?? '';
      if (mayBeLost) putSnapshotAway(survey, cacheId, id, add);
      else {
        const link = linkOf(survey.snapshots.get(cacheId));
        if (link !== undefined && reader.link(`${paths.links}/${link}`) === `../${cacheId}/diff`) {
          add(id, reader.relative(`${paths.links}/${link}`), { kind: 'remove' });
        }
        add(id, where, { kind: 'remove' });
      }
      return;
    }
    case 'leftover-removing': {
      add(id, where, { kind: 'remove' });
      return;
    }
    case 'link-orphan':
    case 'mount-dead':
    case 'metadata-orphan':
    case 'distribution-invalid':
    case 'distribution-dangling':
    case 'leftover-layer-tmp':
    case 'leftover-file':
    case 'leftover-own':
    case 'cache-layer-broken':
      add(id, where, { kind: 'remove' });
  }
}
