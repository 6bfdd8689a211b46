import { type GoStruct, type GoValue, goStruct } from '../../src/formats/go-json.ts';

/** An image as `inspect` gives it, in the shape and order of a daemon 28.5 (ids and paths shortened). */
export const sampleImage: GoStruct = goStruct([
  ['Id', 'sha256:179179840b161393bfbcdf30721fb82a7a18e0f8f94206b1b00d9e9ced98f025'],
  ['RepoTags', ['h4y:latest']],
  ['RepoDigests', []],
  ['Parent', ''],
  ['Comment', ''],
  ['Created', '2026-11-21T02:15:53.250146855Z'],
  ['DockerVersion', '28.5.2'],
  ['Author', ''],
  ['Architecture', 'amd64'],
  ['Os', 'linux'],
  ['Size', 1982681],
  [
    'GraphDriver',
    goStruct([
      [
        'Data',
        new Map([
          ['WorkDir', '/o/work'],
          ['MergedDir', '/o/merged'],
          ['UpperDir', '/o/diff'],
        ]),
      ],
      ['Name', 'overlay2'],
    ]),
  ],
  [
    'RootFS',
    goStruct([
      ['Type', 'layers'],
      ['Layers', ['sha256:ceb7']],
    ]),
  ],
  ['Metadata', goStruct([['LastTagTime', '2026-11-21T02:15:53.263384277Z']])],
  [
    'Config',
    new Map<string, GoValue>([
      ['Cmd', ['sh', '-c', 'echo']],
      ['Entrypoint', null],
      ['Env', ['PATH=/bin', 'Q=l1']],
      ['ExposedPorts', new Map([['80/tcp', new Map()]])],
      [
        'Labels',
        new Map([
          ['a', 'b'],
          ['c d', 'x<y'],
        ]),
      ],
      ['OnBuild', null],
      ['User', ''],
      ['Volumes', null],
      ['WorkingDir', ''],
    ]),
  ],
]);
