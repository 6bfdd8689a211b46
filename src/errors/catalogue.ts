/** One row an error code: the exit code of the process, what it means, and what usually helps. */
export interface CatalogueRow {
  readonly exit: number;
  readonly title: string;
  readonly hint?: string;
}

/** Exit codes: 0 done, 1 failed or different, 2 usage, 4 data-root damaged, 5 not found, 6 the host cannot, 7 busy, 8 no room, 130 interrupted. */
export const catalogue = {
  LL_USAGE: { exit: 2, title: 'The command line does not fit', hint: 'Run the command with --help for its flags.' },
  LL_PARSE: { exit: 1, title: 'The Dockerfile cannot be parsed' },
  LL_UNSUPPORTED: { exit: 1, title: 'The Dockerfile asks for something this version does not do' },
  LL_BUILD_FAILED: { exit: 1, title: 'A step of the build failed' },
  LL_RUN_FAILED: { exit: 1, title: 'A RUN command did not end with exit code 0' },
  LL_RUN_IMPOSSIBLE: { exit: 6, title: 'RUN cannot be had on this host' },
  LL_CHECK: { exit: 1, title: 'A build check found something, and the Dockerfile makes that an error' },
  LL_CONTEXT: { exit: 1, title: 'The build context cannot be used' },
  LL_SOURCE_NOT_FOUND: { exit: 1, title: 'A source of COPY or ADD is not there' },
  LL_FETCH: { exit: 1, title: 'A file or repository that the build needs could not be fetched' },
  LL_REFERENCE: { exit: 2, title: 'An image reference does not fit the grammar' },
  LL_DIGEST: { exit: 2, title: 'A digest or id does not fit the grammar' },
  LL_NOT_FOUND: { exit: 5, title: 'No such image' },
  LL_CONFLICT: { exit: 1, title: 'The image is needed by another' },
  LL_TAR: { exit: 1, title: 'A tar archive is malformed' },
  LL_TAR_UNSUPPORTED: { exit: 1, title: 'A tar archive uses a format that is not read' },
  LL_ARCHIVE: { exit: 1, title: 'An image archive is malformed' },
  LL_JSON: { exit: 1, title: 'A JSON document is malformed' },
  LL_LIMIT: { exit: 1, title: 'An input is over a limit that guards against bombs' },
  LL_BREAKOUT: { exit: 1, title: 'A path would leave its root' },
  LL_CORRUPT: { exit: 4, title: 'The data-root is damaged' },
  LL_DATA_ROOT: { exit: 2, title: 'The data-root cannot be used' },
  LL_OTHER_STORE: { exit: 2, title: 'The data-root keeps its images in a way that is not read' },
  LL_FOREIGN_ROOT: {
    exit: 2,
    title: 'The data-root is not one of layerlab, and is only read unless told otherwise',
    hint: 'Add --write to change it all the same, or choose another --data-root.',
  },
  LL_DATA_ROOT_IN_USE: { exit: 7, title: 'A dockerd is running on this data-root' },
  LL_BUSY: {
    exit: 7,
    title: 'Another process keeps the data-root locked',
    hint: 'Wait until the other layerlab process is done, then try again.',
  },
  LL_MAX_DEPTH: { exit: 1, title: 'An image has more layers than the driver can stack' },
  LL_NO_RIGHT: { exit: 6, title: 'The user may not do this' },
  LL_NO_SPACE: { exit: 8, title: 'The disk is full' },
  LL_IO: { exit: 1, title: 'Reading or writing failed' },
  LL_FORMAT: { exit: 2, title: 'A --format template cannot be used' },
  LL_INTERRUPTED: { exit: 130, title: 'Interrupted' },
} as const satisfies Record<string, CatalogueRow>;

export type ErrorCode = keyof typeof catalogue;
