/**
 * Somebody else who can do some of the work. A verb that a peer lacks is not there.
 *
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} title for the head of a column, with the version
 * @property {(build: { context: string, noCache?: boolean }) => Promise<Measured>} [build] tags the image `layerlab-bench`
 * @property {(archive: string) => Promise<Measured>} [load] takes what `docker save` gives
 * @property {(archive: string) => Promise<Measured>} [loadMany] takes an archive of several images
 * @property {(archive: string) => Promise<Measured>} [save] writes the image `layerlab-bench`
 * @property {() => Promise<Measured>} [images]
 * @property {(image: string) => Promise<Measured>} [history]
 * @property {(image: string) => Promise<Measured>} [inspect]
 * @property {() => Promise<Measured>} [version]
 * @property {(source: string, target: string) => Promise<Measured>} [insert] files into an empty image
 * @property {(archive: string) => Promise<Measured>} [addLayer] a tar as a layer of an empty image
 * @property {(archive: string) => Promise<Measured>} [unpack] an image that was saved, as a file system
 * @property {(archive: string) => Promise<unknown>} [base] makes the image of an archive known; not timed
 * @property {(images: readonly string[]) => void} [remove]
 * @property {() => void} forget drops the image `layerlab-bench` and, where nobody else needs it, what the build cache keeps
 * @property {() => void} close
 */

/** @typedef {import('../measure.js').Measured} Measured */

export const TAG = 'layerlab-bench';
