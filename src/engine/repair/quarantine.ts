/** Where repairs put what they take out of the way, below the data-root. */
export const QUARANTINE = 'layerlab-quarantine';
