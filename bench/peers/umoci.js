import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../measure.js';

export const names = ['umoci'];

/**
 * umoci builds nothing; it puts files or a tar into an image, and unpacks one. Its layers are compressed, always.
 *
 * @param {{ work: string }} places for its images
 * @returns {import('./peer.js').Peer[] | string} in words why there is none
 */
export function open({ work }) {
  const asked = spawnSync('umoci', ['--version'], { encoding: 'utf8' });
  if (asked.status !== 0) return 'it is not installed';
  const version = /\d+\.\d+[\d.]*/.exec(asked.stdout)?.[0] ?? '';
  const layout = join(work, 'umoci');
  const bundle = join(work, 'umoci-bundle');
  const forget = () => {
    for (const path of [layout, bundle]) rmSync(path, { recursive: true, force: true });
  };
  const emptyImage = () => {
    forget();
    for (const args of [
      ['init', '--layout', layout],
      ['new', '--image', `${layout}:image`],
    ])
      spawnSync('umoci', args, { stdio: 'ignore' });
  };
  return [
    {
      name: 'umoci',
      title: `umoci ${version}`,
      insert: (source, target) => {
        emptyImage();
        return measure('umoci', ['insert', '--image', `${layout}:image`, source, target]);
      },
      addLayer: (archive) => {
        emptyImage();
        return measure('umoci', ['raw', 'add-layer', '--image', `${layout}:image`, archive]);
      },
      unpack: (archive) => {
        forget();
        mkdirSync(layout);
        spawnSync('tar', ['-C', layout, '-xf', archive]);
        return measure('umoci', ['unpack', '--image', `${layout}:latest`, bundle]);
      },
      version: () => measure('umoci', ['--version']),
      forget,
      close: forget,
    },
  ];
}
