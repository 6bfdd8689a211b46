import base from './jest.config.js';

/** Builds each case with dockerd and with layerlab, and compares every byte: needs root, overlayfs and a dockerd. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/conformance/**/*.test.ts'],
  testPathIgnorePatterns: [],
  testTimeout: 600_000,
};
