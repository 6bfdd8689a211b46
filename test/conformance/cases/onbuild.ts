import type { ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

/** Triggers of a base image. */
export const onbuild: readonly ConformanceCase[] = [
  {
    name: 'onbuild-fires',
    dockerfile: 'FROM conf/onbuild\nLABEL after=triggers\n',
    context: [file('trigger.txt')],
  },
  {
    name: 'onbuild-in-first-stage',
    dockerfile: 'FROM conf/onbuild AS one\nFROM conf/base\nCOPY --from=one /trigger /t\nONBUILD LABEL again=yes\n',
    context: [file('trigger.txt')],
  },
  {
    name: 'onbuild-alone',
    dockerfile: 'FROM conf/onbuild\n',
    context: [file('trigger.txt', 'alone\n')],
  },
];
