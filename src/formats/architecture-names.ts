/**
 * Other names of processor architectures, with Go's name and the variant that the name implies (containerd platforms
 * normalizeArch).
 */
export const architectureNames: ReadonlyMap<string, readonly [architecture: string, variant: string]> = new Map([
  ['x86_64', ['amd64', '']],
  ['x86-64', ['amd64', '']],
  ['i386', ['386', '']],
  ['aarch64', ['arm64', '']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
]);
