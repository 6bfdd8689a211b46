import type { ConformanceCase } from '../harness/case.ts';

/** WORKDIR: a layer for one builder, often none for the other. */
export const workdir: readonly ConformanceCase[] = [
  { name: 'workdir-new', dockerfile: 'FROM conf/base\nWORKDIR /srv/a/b\n' },
  { name: 'workdir-existing', dockerfile: 'FROM conf/base\nWORKDIR /opt/data\nWORKDIR sub\nWORKDIR ..\nWORKDIR /\n' },
  {
    name: 'workdir-user',
    dockerfile: 'FROM conf/base\nUSER app\nWORKDIR /srv/mine/too\nUSER 77:88\nWORKDIR /srv/other\n',
  },
  { name: 'workdir-scratch', dockerfile: 'FROM scratch\nWORKDIR /app\nWORKDIR data\n' },
  { name: 'workdir-symlink', dockerfile: 'FROM conf/base\nWORKDIR /lib/new\nWORKDIR /opt/current/sub\n' },
  { name: 'workdir-odd', dockerfile: 'FROM conf/base\nWORKDIR /with space/./x//y/../z/\nWORKDIR "quoted"\n' },
];
