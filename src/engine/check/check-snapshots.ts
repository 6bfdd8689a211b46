import { isCacheId, isLinkId } from '../../formats/ids.ts';
import type { Report } from './damage.ts';
import { cacheIdOf, digestIn, fault, initIdOf, linkOf, mountIdOf, textOf } from './record.ts';
import type { SnapshotFacts, Survey } from './survey.ts';
import type { Uses } from './uses.ts';

/** Names that the driver itself makes in `overlay2/`. */
const OWN_NAMES = new Set(['l', 'backingFsBlockDev', 'metadata']);

/** Snapshots: that every layer has one, that every one is somebody's, and the files of the folder `overlay2/<cache-id>`. */
export function checkSnapshots(survey: Survey, uses: Uses, report: Report): void {
  const { reader, paths, layers, snapshots } = survey;
  if (reader.hides(paths.overlay)) return;
  for (const name of reader.names(paths.overlay)) {
    if (OWN_NAMES.has(name) || isCacheId(name)) continue;
    const where = reader.relative(`${paths.overlay}/${name}`);
    report({ id: 'snapshot-id-invalid', where, detail: 'is no cache-id' });
  }
  for (const layer of layers.values()) {
    const cacheId = cacheIdOf(layer);
    if (cacheId === undefined || isFolder(snapshots.get(cacheId))) continue;
    const where = reader.relative(`${paths.overlay}/${cacheId}`);
    report({ id: 'snapshot-missing', where, detail: 'is not there, and a layer names it', layer: layer.name });
  }
  const shared = wrongOwners(survey);
  for (const snapshot of snapshots.values()) {
    if (!isCacheId(snapshot.name) || reader.hides(snapshot.dir)) continue;
    if (!isFolder(snapshot)) continue;
    const who = uses.of(snapshot.name);
    if (who === undefined) {
      const detail = 'no layer, container or build names it';
      report({ id: 'snapshot-orphan', where: reader.relative(snapshot.dir), detail });
      continue;
    }
    const about = who.kind === 'layer' ? { layer: who.name } : who.kind === 'mount' ? { container: who.name } : {};
    if (snapshot.diff?.kind !== 'dir' && !reader.hides(`${snapshot.dir}/diff`)) {
      const where = reader.relative(`${snapshot.dir}/diff`);
      report({ id: 'snapshot-diff-missing', where, detail: 'is no folder', ...about });
    }
    checkLink(survey, snapshot, shared, about, report);
  }
}

type About = { readonly layer?: string; readonly container?: string };

function checkLink(
  { reader, paths, links }: Survey,
  snapshot: SnapshotFacts,
  shared: ReadonlySet<string>,
  about: About,
  report: Report,
): void {
  const where = reader.relative(`${snapshot.dir}/link`);
  const bad = fault(snapshot.link, isLinkId);
  if (bad !== undefined) {
    // What points at the folder is what the file said.
    const lost = [...links].find(([, target]) => target === `../${snapshot.name}/diff`)?.[0];
    const expected = lost === undefined || !isLinkId(lost) ? {} : { expected: lost };
    report({ id: `link-${bad.kind}`, where, detail: bad.detail, ...about, ...expected });
    return;
  }
  const link = linkOf(snapshot);
  if (link === undefined) return;
  if (shared.has(snapshot.name)) {
    report({ id: 'link-shared', where, detail: `another snapshot has the link ${link} too`, ...about });
    return;
  }
  const path = `${paths.links}/${link}`;
  if (reader.hides(paths.links) || reader.hides(path)) return;
  const target = links.get(link);
  const expected = `../${snapshot.name}/diff`;
  const place = { where: reader.relative(path), ...about, expected };
  if (!links.has(link)) report({ id: 'link-broken', detail: 'is not there', ...place });
  else if (target === undefined) report({ id: 'link-broken', detail: 'is no symbolic link', ...place });
  else if (target !== expected) {
    const outside = !/^\.\.\/[0-9a-z]+(?:-init)?\/diff$/.test(target);
    const detail = `points at ${JSON.stringify(target)}`;
    report({ id: outside ? 'link-outside' : 'link-wrong', detail, ...place });
  }
}

/** Snapshots whose link is another's: the one that the link leads to keeps it, else the first. */
function wrongOwners({ snapshots, links }: Survey): ReadonlySet<string> {
  const claims = new Map<string, string[]>();
  for (const snapshot of snapshots.values()) {
    const link = linkOf(snapshot);
    if (link !== undefined) claims.set(link, [...(claims.get(link) ?? []), snapshot.name]);
  }
  const wrong = new Set<string>();
  for (const [link, names] of claims) {
    const owner = names.find((name) => links.get(link) === `../${name}/diff`) ?? names[0];
    for (const name of names) if (name !== owner) wrong.add(name);
  }
  return wrong;
}

/** `overlay2/l`: names that belong to no snapshot. */
export function checkLinks(survey: Survey, report: Report): void {
  const { reader, paths, links, snapshots } = survey;
  const shared = wrongOwners(survey);
  const named = new Set([...snapshots.values()].flatMap((snapshot) => linkOf(snapshot) ?? []));
  const hidden = [...snapshots.values()].some(({ link }) => link.state === 'unreadable');
  for (const [name, target] of links) {
    if (named.has(name) || hidden) continue;
    const owner = /^\.\.\/([0-9a-z]+(?:-init)?)\/diff$/.exec(target ?? '')?.[1];
    // The link file of that snapshot is lost, which is said there.
    if (owner !== undefined && snapshots.has(owner)) {
      if (shared.has(owner) || linkOf(snapshots.get(owner)) === undefined) continue;
    }
    const detail = 'no snapshot has this link';
    report({ id: 'link-orphan', where: reader.relative(`${paths.links}/${name}`), detail });
  }
}

/** The `lower` files: which snapshots stand on which, checked against the layers they belong to. */
export function checkLowers(survey: Survey, uses: Uses, report: Report): void {
  const { reader, snapshots } = survey;
  const shared = wrongOwners(survey);
  const owners = new Map<string, string>();
  // Where the link file of a snapshot is lost, what leads to it says whose the name is.
  for (const [link, target] of survey.links) {
    const owner = /^\.\.\/([0-9a-z]+(?:-init)?)\/diff$/.exec(target ?? '')?.[1];
    if (owner !== undefined && snapshots.has(owner)) owners.set(link, owner);
  }
  for (const each of snapshots.values()) if (!shared.has(each.name)) owners.set(linkOf(each) ?? '', each.name);
  for (const snapshot of snapshots.values()) {
    const who = uses.of(snapshot.name);
    if (who === undefined || !isCacheId(snapshot.name) || snapshot.lower.state === 'unreadable') continue;
    const about = who.kind === 'layer' ? { layer: who.name } : who.kind === 'mount' ? { container: who.name } : {};
    const below = uses.below(snapshot.name);
    const derived = below === undefined ? undefined : lowerText(snapshots, below);
    const place = {
      where: reader.relative(`${snapshot.dir}/lower`),
      ...about,
      ...(derived === undefined ? {} : { expected: derived }),
    };
    const text = textOf(snapshot.lower);
    if (text === undefined || text === '') {
      if (below !== undefined && below.length > 0) {
        const id = text === '' ? 'lower-empty' : snapshot.lower.state === 'odd' ? 'lower-invalid' : 'lower-missing';
        report({ id, detail: `should name ${below.length} layers below`, ...place });
      }
      continue;
    }
    const links = text.split(':').map((part) => (part.startsWith('l/') ? part.slice(2) : ''));
    const strange = links.findIndex((link) => !isLinkId(link));
    if (strange >= 0) {
      const part = text.split(':')[strange] ?? '';
      const outside = part.startsWith('/') || part.includes('..');
      const detail = `names ${JSON.stringify(part.slice(0, 80))}`;
      report({ id: outside ? 'lower-outside' : 'lower-invalid', detail, ...place });
      continue;
    }
    const ids = links.map((link) => owners.get(link));
    const lost = links.find((_, index) => ids[index] === undefined);
    if (new Set([snapshot.name, ...ids]).size <= ids.length && lost === undefined) {
      report({ id: 'lower-loop', detail: 'a layer stands on itself', ...place });
    } else if (lost !== undefined) {
      // Where the link file of a snapshot below is lost, the name is what it said.
      if (below !== undefined && hasLostLink(survey, below)) continue;
      // A layer of a build cache that nothing else uses: dockerd may have removed what it stood on, and it is built again.
      if (who.kind === 'buildkit' || who.kind === 'pending') continue;
      report({ id: 'lower-broken', detail: `no snapshot has the link ${lost}`, ...place });
    } else if (below !== undefined && !isStack(survey, ids as readonly string[], below)) {
      const detail = `names ${ids.length} layers, and the records ${below.length} others`;
      report({ id: 'lower-wrong', detail, ...place });
    }
  }
}

/** `lower` as the driver writes it: nearest first. */
function lowerText(snapshots: Survey['snapshots'], below: readonly string[]): string | undefined {
  const links = below.map((cacheId) => linkOf(snapshots.get(cacheId)));
  return links.includes(undefined) ? undefined : links.map((link) => `l/${link}`).join(':');
}

function hasLostLink({ snapshots }: Survey, below: readonly string[]): boolean {
  return below.some((cacheId) => linkOf(snapshots.get(cacheId)) === undefined);
}

/**
 * BuildKit may have built a layer twice: what stands on the second one names its snapshot, and the record the first one's.
 * So another snapshot is fine where it is BuildKit's own.
 */
function isStack({ buildkitKnows }: Survey, ids: readonly string[], below: readonly string[]): boolean {
  if (ids.length !== below.length) return false;
  return ids.every((id, index) => id === below[index] || buildkitKnows(id));
}

function isFolder(snapshot: SnapshotFacts | undefined): boolean {
  return snapshot?.stat?.kind === 'dir';
}

/** Mount points and scratch folders of the snapshots that are written to. */
export function checkMountPoints(survey: Survey, uses: Uses, inUse: boolean, report: Report): void {
  const { reader, mounts, snapshots } = survey;
  for (const snapshot of snapshots.values()) {
    if (snapshot.merged === undefined || inUse || uses.of(snapshot.name) === undefined) continue;
    const where = reader.relative(`${snapshot.dir}/merged`);
    report({ id: 'mount-dead', where, detail: 'a mount point that no process uses' });
  }
  for (const mount of mounts.values()) {
    for (const id of [mountIdOf(mount), initIdOf(mount)]) {
      const snapshot = id === undefined ? undefined : snapshots.get(id);
      if (snapshot === undefined || snapshot.work?.kind === 'dir' || digestIn(mount.parent) === undefined) continue;
      if (reader.hides(snapshot.dir) || reader.hides(`${snapshot.dir}/work`)) continue;
      const where = reader.relative(`${snapshot.dir}/work`);
      report({ id: 'work-missing', where, detail: 'is no folder', container: mount.name });
    }
  }
}
