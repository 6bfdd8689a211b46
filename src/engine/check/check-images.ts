import { isDigest } from '../../formats/digest.ts';
import { TEMP_PREFIX } from '../../store/atomic-file.ts';
import { chainsOf } from '../../store/layerdb.ts';
import type { Report } from './damage.ts';
import { textOf } from './record.ts';
import type { ImageFacts, Survey } from './survey.ts';

const HEX = /^[0-9a-f]{64}$/;

/** Configs and metadata of images: `imagedb/`. */
export function checkImages(survey: Survey, report: Report): void {
  const { reader, paths, images, layers } = survey;
  for (const name of reader.names(paths.imageContent)) {
    if (HEX.test(name) || name.startsWith(TEMP_PREFIX)) continue;
    report({
      id: 'image-id-invalid',
      where: reader.relative(`${paths.imageContent}/${name}`),
      detail: 'is no image id',
    });
  }
  for (const image of images.values()) {
    const usable = checkConfig(survey, image, report);
    if (!usable || image.config === undefined || reader.hides(paths.layers)) continue;
    const lost = chainsOf(image.config.diffIds).find((chain) => !layers.has(chain.slice(7)));
    if (lost !== undefined) {
      const detail = `its layer ${lost.slice(7, 19)} is not there`;
      report({ id: 'image-layer-missing', where: reader.relative(image.path), detail, image: image.name });
    }
  }
  checkMetadata(survey, report);
}

function checkConfig({ reader }: Survey, image: ImageFacts, report: Report): boolean {
  const place = { where: reader.relative(image.path), image: image.name };
  const { content, config } = image;
  if (content.state !== 'text') {
    if (content.state === 'odd') report({ id: 'config-invalid', detail: content.why, ...place });
    return false;
  }
  if (content.bytes.length === 0) report({ id: 'config-empty', detail: 'has no bytes', ...place });
  else if (!image.digestFits) {
    report({ id: 'config-digest-wrong', detail: 'its content has another digest than its name', ...place });
  } else if (config === undefined) report({ id: 'config-invalid', detail: image.error, ...place });
  else {
    const rows = config.history.filter((row) => row.emptyLayer !== true).length;
    // As dockerd: other tools write fewer rows than layers, or none.
    if (rows > config.diffIds.length) {
      const detail = `its history has ${rows} layers, its rootfs ${config.diffIds.length}`;
      report({ id: 'rootfs-mismatch', detail, ...place });
    }
    return true;
  }
  return false;
}

function checkMetadata({ reader, paths, images }: Survey, report: Report): void {
  if (reader.hides(paths.imageContent)) return;
  for (const name of reader.names(paths.imageMetadata)) {
    const dir = `${paths.imageMetadata}/${name}`;
    if (!images.has(name)) {
      report({ id: 'metadata-orphan', where: reader.relative(dir), detail: 'there is no such image' });
      continue;
    }
    const parent = reader.small(`${dir}/parent`);
    const text = textOf(parent);
    const place = { where: reader.relative(`${dir}/parent`), image: name };
    if (parent.state === 'odd') report({ id: 'metadata-parent-invalid', detail: parent.why, ...place });
    if (text === undefined) continue;
    if (!isDigest(text)) {
      const detail = `holds ${JSON.stringify(text.slice(0, 80))}`;
      report({ id: 'metadata-parent-invalid', detail, ...place });
    } else if (!images.has(text.slice(7))) {
      report({ id: 'metadata-parent-missing', detail: `there is no image ${text.slice(7, 19)}`, ...place });
    }
  }
}
