import * as add from './add.js';
import * as archive from './archive.js';
import * as base from './base.js';
import * as book from './book.js';
import * as check from './check.js';
import * as file from './file.js';
import * as files from './files.js';
import * as growth from './growth.js';
import * as list from './list.js';
import * as parse from './parse.js';
import * as runs from './runs.js';
import * as stages from './stages.js';
import * as startUp from './start-up.js';

/** In the order of the table. Each gives rows one after the other, and may clean up behind the last. */
export const workloads = [files, file, add, runs, stages, archive, base, list, parse, book, check, startUp, growth];
