import { spawnSync } from 'node:child_process';

const swc = [
  '@swc/jest',
  { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' },
];

/** Tests in files named *.root.test.ts make device nodes, mounts and owners: they are run where the user is root. */
const asRoot = process.geteuid?.() === 0;
if (!asRoot) process.stderr.write('Not root: tests in *.root.test.ts are left out.\n');

/** Tests in files named *.git.test.ts fetch repositories, which takes git. */
const hasGit = spawnSync('git', ['--version']).status === 0;
if (!hasGit) process.stderr.write('No git: tests in *.git.test.ts are left out.\n');

const leftOut = [...(asRoot ? [] : ['\\.root\\.test\\.ts$']), ...(hasGit ? [] : ['\\.git\\.test\\.ts$'])];

/** Unit and security tests; the comparison with a real dockerd has a configuration of its own. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/conformance/', ...leftOut],
  testTimeout: 60_000,
};
