/**
 * What a finding weighs. `damage`: something a user can have is lost or at risk. `leftover`: nothing refers to it; it costs
 * room and no more.
 */
export type Severity = 'damage' | 'leftover';

export interface DamageRow {
  readonly severity: Severity;
  /** What it means for the user: what dockerd does with it. */
  readonly means: string;
  /** What would mend it. */
  readonly mend: string;
  /** `layerlab repair` mends it, or takes it out of dockerd's way. */
  readonly repair: boolean;
}

const NO_IMAGE = 'dockerd does not load the layer, and so none of the images that stand on it.';
const AGAIN = 'Load, pull or build the images again; layerlab repair puts what is broken into quarantine first.';
const DERIVED = 'layerlab repair derives it again.';
const DROP = 'layerlab repair removes it.';
const ASIDE = 'layerlab repair puts it into quarantine.';
const NO_MOUNT = 'A container of an image on this layer cannot be started, and nothing can be built on it.';
const NO_CONTAINER = 'dockerd does not load the container: it is not listed any more, and cannot be removed either.';
const NO_START = 'dockerd lists the container and cannot start it.';
const NO_SAVE = 'Images run, but save of them fails, and nothing can be built on this layer.';
const WASTE = 'Nothing uses it; it takes room.';

const damage = (means: string, mend: string, repair = true): DamageRow => ({
  severity: 'damage',
  means,
  mend,
  repair,
});
const leftover = (means: string, mend: string, repair = true): DamageRow => ({
  severity: 'leftover',
  means,
  mend,
  repair,
});

/** Every finding of `check` by its stable id. */
export const damageCatalogue = {
  'mode-open': damage(
    'Other users of this host can reach the files of images and containers.',
    'layerlab repair takes the rights of others away.',
  ),
  'part-missing': damage('dockerd takes the data-root for a new one, or does not start on it.', AGAIN, false),
  'read-failed': damage('The disk does not give the file back.', 'Check the disk, then restore from a backup.', false),

  'layer-id-invalid': leftover('dockerd passes over it.', ASIDE),
  'layer-empty': damage(`The record was cut off while it was written. ${NO_IMAGE}`, AGAIN),
  'diff-missing': damage(NO_IMAGE, `${DERIVED} Where it cannot: ${AGAIN}`),
  'diff-empty': damage(NO_IMAGE, `${DERIVED} Where it cannot: ${AGAIN}`),
  'diff-invalid': damage(NO_IMAGE, `${DERIVED} Where it cannot: ${AGAIN}`),
  'cache-id-missing': damage(NO_IMAGE, AGAIN),
  'cache-id-empty': damage(NO_IMAGE, AGAIN),
  'cache-id-invalid': damage(NO_IMAGE, AGAIN),
  'cache-id-shared': damage('Removing one image takes the files of another along.', AGAIN, false),
  'size-missing': damage(NO_IMAGE, DERIVED),
  'size-empty': damage(NO_IMAGE, DERIVED),
  'size-invalid': damage(NO_IMAGE, DERIVED),
  'size-wrong': damage('Listings show a wrong size; nothing else depends on it.', DERIVED),
  'parent-missing': damage(
    'dockerd takes it for a base layer: it may remove the layers below while images need them.',
    DERIVED,
  ),
  'parent-empty': damage(NO_IMAGE, DERIVED),
  'parent-invalid': damage(NO_IMAGE, DERIVED),
  'parent-layer-missing': damage(NO_IMAGE, AGAIN),
  'chain-id-wrong': damage('The layer is not the one that its name promises: save and push of its images fail.', AGAIN),
  'tar-split-missing': damage('The images run, but save and push of them fail.', AGAIN, false),
  'tar-split-empty': damage('The images run, but save and push of them fail.', AGAIN, false),
  'tar-split-corrupt': damage('The images run, but save and push of them fail.', AGAIN, false),
  'descriptor-invalid': damage(NO_IMAGE, ASIDE),
  'layer-too-deep': damage('dockerd stacks 125 layers at most: no container of it starts.', AGAIN, false),

  'snapshot-missing': damage(`The files of a layer are gone. ${NO_MOUNT}`, AGAIN),
  'snapshot-diff-missing': damage(`The files of a layer are gone. ${NO_MOUNT}`, AGAIN),
  'snapshot-orphan': leftover('Files of a layer that no record names. dockerd never removes them.', DROP),
  'snapshot-id-invalid': leftover('dockerd passes over it.', ASIDE),
  'link-missing': damage('Images run, but nothing can be built directly on this layer.', DERIVED),
  'link-empty': damage('Images run, but nothing can be built directly on this layer.', DERIVED),
  'link-invalid': damage('Images run, but nothing can be built directly on this layer.', DERIVED),
  'link-shared': damage('Two snapshots have one short name: one of them is mounted for the other.', DERIVED),
  'link-broken': damage(NO_MOUNT, DERIVED),
  'link-wrong': damage('Other files than those of the layer are mounted in its place.', DERIVED),
  'link-outside': damage('Files from outside of the data-root are mounted as a layer.', DERIVED),
  'link-orphan': leftover(WASTE, DROP),
  'lower-missing': damage('What is built on this layer sees it alone, without those below.', DERIVED),
  'lower-empty': damage(NO_SAVE, DERIVED),
  'lower-invalid': damage(NO_SAVE, DERIVED),
  'lower-outside': damage('Files from outside of the data-root are mounted as a layer.', DERIVED),
  'lower-broken': damage(NO_SAVE, DERIVED),
  'lower-loop': damage(`The layer stands on itself. ${NO_SAVE}`, DERIVED),
  'lower-wrong': damage('What is built on this layer sees other layers below than the image has.', DERIVED),
  'work-missing': damage(NO_START, DERIVED),
  'mount-dead': leftover('A container or build was killed and left its mount point.', DROP),

  'content-missing': damage('A file of the layer is gone; save and push of its images fail.', AGAIN, false),
  'content-changed': damage(
    'A file is not what it was when the layer was made. Containers get the changed file; save and push fail.',
    AGAIN,
    false,
  ),
  'diff-id-wrong': damage(
    'The layer has other bytes than its name promises; save and push of its images fail.',
    AGAIN,
    false,
  ),

  'image-id-invalid': leftover('dockerd passes over it.', ASIDE),
  'config-empty': damage('dockerd does not load the image; names of it lead nowhere.', `${ASIDE} ${AGAIN}`),
  'config-digest-wrong': damage('dockerd does not load the image; names of it lead nowhere.', `${ASIDE} ${AGAIN}`),
  'config-invalid': damage('dockerd does not load the image; names of it lead nowhere.', `${ASIDE} ${AGAIN}`),
  'image-layer-missing': damage('dockerd does not load the image; names of it lead nowhere.', `${ASIDE} ${AGAIN}`),
  'rootfs-mismatch': damage(
    'History and layers do not belong together: history and push of it go wrong.',
    AGAIN,
    false,
  ),
  'metadata-parent-missing': damage('The image was built from one that is gone; history ends there.', DROP),
  'metadata-parent-invalid': damage('The image it was built from is not known; history ends there.', DROP),
  'metadata-orphan': leftover(WASTE, DROP),

  'repositories-missing': damage('Every image has lost its name; images are there by their ids.', DERIVED),
  'repositories-empty': damage(
    'dockerd does not start.',
    'layerlab repair puts it into quarantine and makes an empty one.',
  ),
  'repositories-corrupt': damage('dockerd does not start.', 'layerlab repair keeps the names that it can read.'),
  'reference-invalid': damage('dockerd lists the name and cannot find it.', DROP),
  'reference-image-missing': damage('The name leads nowhere: run and inspect of it fail.', DROP),

  'container-id-invalid': leftover('dockerd logs an error and passes over it.', ASIDE),
  'container-config-missing': damage('dockerd does not load the container.', ASIDE),
  'container-config-corrupt': damage('dockerd does not load the container.', ASIDE),
  'container-layers-missing': damage(NO_CONTAINER, ASIDE),
  'mount-id-missing': damage(NO_CONTAINER, DERIVED),
  'mount-id-empty': damage(NO_CONTAINER, DERIVED),
  'mount-id-invalid': damage(NO_CONTAINER, DERIVED),
  'init-id-empty': damage(NO_CONTAINER, DERIVED),
  'init-id-missing': damage('docker diff of the container shows files that dockerd made itself.', DERIVED),
  'init-id-invalid': damage(NO_CONTAINER, DERIVED),
  'mount-parent-missing': damage('dockerd may remove the image below while the container needs it.', DERIVED),
  'mount-parent-empty': damage(NO_CONTAINER, DERIVED),
  'mount-parent-invalid': damage(NO_CONTAINER, DERIVED),
  'mount-layer-missing': damage(NO_CONTAINER, ASIDE),
  'mount-snapshot-missing': damage(NO_START, 'docker rm it; its files are lost.', false),
  'mount-orphan': leftover(
    'Files of a container that is gone. dockerd keeps them, and the image below, for ever.',
    DROP,
  ),

  'distribution-invalid': damage('dockerd passes over it: a pull or push sends a layer again.', DROP),
  'distribution-dangling': leftover('A layer that was pulled once and is gone: nothing but a few bytes.', DROP),

  'leftover-layer-tmp': leftover('A layer that was never finished. dockerd removes it at its next start.', DROP),
  'leftover-removing': leftover('A layer that was half removed. dockerd finishes that at its next start.', DROP),
  'leftover-file': leftover('A file that was never finished.', DROP),
  'leftover-own': leftover('A layerlab was killed. The next one that writes removes it.', DROP),
  'cache-layer-broken': leftover('A layer of the build cache cannot be used: a build makes it again.', DROP),
} as const satisfies Record<string, DamageRow>;

export type DamageId = keyof typeof damageCatalogue;
