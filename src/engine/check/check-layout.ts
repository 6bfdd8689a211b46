import type { ByteString } from '../../formats/bytestring.ts';
import type { Report } from './damage.ts';
import type { Survey } from './survey.ts';

const OTHERS = 0o007;
const OTHERS_READ_WRITE = 0o006;
const WRITE = 0o022;

/** The folders of the data-root: that they are there, and that their modes keep other users out. */
export function checkLayout(survey: Survey, report: Report): void {
  const { reader, paths, images, snapshots } = survey;
  if (reader.stat(paths.image) !== undefined) {
    for (const dir of [paths.layerdb, paths.overlay]) {
      if (reader.stat(dir)?.kind === 'dir' || images.size === 0 || reader.hides(dir)) continue;
      report({ id: 'part-missing', where: reader.relative(dir), detail: 'is no folder, and there are images' });
    }
  }
  const closed = (path: ByteString, forbidden: number): boolean => {
    const stat = reader.stat(path);
    if (stat === undefined || stat.kind === 'symlink' || (stat.mode & forbidden) === 0) return true;
    const detail = `has mode ${stat.mode.toString(8).padStart(4, '0')}`;
    const expected = (stat.mode & ~forbidden).toString(8);
    report({ id: 'mode-open', where: reader.relative(path), detail, expected });
    return false;
  };
  // Docker before 20.10.9 let others pass through, so that is no damage of the topmost folder; what is in it must be closed.
  closed(paths.root, OTHERS_READ_WRITE);
  for (const dir of [`${paths.root}/image`, paths.image, paths.containers, paths.overlay, paths.own])
    closed(dir, OTHERS);
  for (const snapshot of snapshots.values()) closed(snapshot.dir, OTHERS);
  for (const name of survey.containers.keys()) {
    closed(`${paths.containers}/${name}`, OTHERS);
    closed(`${paths.containers}/${name}/config.v2.json`, OTHERS);
  }
  for (const image of survey.images.values()) closed(image.path, OTHERS);
  closed(paths.repositories, OTHERS);
  for (const layer of survey.layers.values()) closed(layer.dir, WRITE);
}
