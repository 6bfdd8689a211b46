/** What stands in `docker_version` of the configs we make: nothing reads it but people, so it says who made them. */
export const PRODUCT_NAME = 'layerlab';
