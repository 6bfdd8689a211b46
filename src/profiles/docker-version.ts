/**
 * `docker_version` of the configs that the classic builder, commit and import write: that of the daemon whose bytes we
 * produce. It is part of what an image id is the hash of.
 */
export const DOCKER_VERSION = '28.5.2';

/** The same, of Docker 20.10. */
export const DOCKER_VERSION_2010 = '20.10.24';
