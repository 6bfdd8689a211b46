import { readFileSync } from 'node:fs';

/** The text that the bundler puts in place of the name. */
declare const __LAYERLAB_VERSION__: string | undefined;

export interface VersionInfo {
  readonly version: string;
  /** The Docker release whose bytes are made. */
  readonly docker: string;
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
}

/** What runs here. */
export function version(): VersionInfo {
  return {
    version: packageVersion(),
    docker: '28.5',
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
  };
}

function packageVersion(): string {
  if (typeof __LAYERLAB_VERSION__ === 'string') return __LAYERLAB_VERSION__;
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const manifest: unknown = JSON.parse(text);
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof found === 'string' ? found : '0.0.0';
}
