import { TEMP_PREFIX } from '../../store/atomic-file.ts';
import type { Report } from './damage.ts';
import { readPending } from './pending.ts';
import type { Survey } from './survey.ts';

const GRAVE = /^[0-9a-f]{64}-[0-9a-zA-Z]+-removing$/;

/** Folders and files that a killed process left. `living` are the ids of leases whose process runs. */
export function checkLeftovers(survey: Survey, living: ReadonlySet<string>, report: Report): void {
  const { reader, paths, snapshots } = survey;
  const at = (dir: string, name: string) => reader.relative(`${dir}/${name}`);
  for (const name of reader.names(paths.layerTmp)) {
    report({ id: 'leftover-layer-tmp', where: at(paths.layerTmp, name), detail: 'a layer that was not finished' });
  }
  for (const name of reader.names(paths.layers)) {
    if (GRAVE.test(name) || name.endsWith('-removing')) {
      report({ id: 'leftover-removing', where: at(paths.layers, name), detail: 'a layer that was half removed' });
    }
  }
  for (const dir of [paths.image, paths.imageContent]) {
    for (const name of reader.names(dir)) {
      if (!name.startsWith(TEMP_PREFIX)) continue;
      report({ id: 'leftover-file', where: at(dir, name), detail: 'a file that was not finished' });
    }
  }
  for (const name of reader.names(paths.tmp)) {
    const owner = name.split('-').slice(0, 2).join('-');
    if (living.has(owner) || (name.startsWith('removing-') && living.size > 0)) continue;
    report({ id: 'leftover-own', where: at(paths.tmp, name), detail: 'no layerlab runs that uses it' });
  }
  for (const name of reader.names(paths.leases)) {
    if (living.has(name.replace(/\.pid$/, ''))) continue;
    report({ id: 'leftover-own', where: at(paths.leases, name), detail: 'the lease of a process that is gone' });
  }
  for (const { name, dir, layer, cacheId } of readPending(survey)) {
    const where = reader.relative(dir);
    if (layer === undefined) {
      if (reader.hides(`${dir}/layer.json`)) continue;
      report({ id: 'cache-layer-broken', where, detail: `the record of ${name.slice(0, 12)} cannot be used` });
    } else if (cacheId !== undefined && snapshots.get(cacheId)?.stat?.kind !== 'dir' && !reader.hides(paths.overlay)) {
      report({ id: 'cache-layer-broken', where, detail: `its files (${cacheId.slice(0, 12)}) are not there` });
    }
  }
}
