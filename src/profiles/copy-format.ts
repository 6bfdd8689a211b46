/** How a Docker version copies files and what it finds in archives. */
export interface CopyFormat {
  /** Whether folders of BuildKit's context keep their times when something is in them; where not, it has just come. */
  readonly sentFolderTimes: boolean;
  /** Whether a pattern of .dockerignore is asked of all parents of a path, or of its beginning alone. */
  readonly ignoreRules: 'parents' | 'prefix';
  /** Whether BuildKit's client sends a folder that is left out where a `!` pattern could name something in it, be it empty. */
  readonly sendsEnteredFolders: boolean;
  /** Whether BuildKit gives a destination folder that is there the times of the source folder. */
  readonly restoresTimes: boolean;
  /** Whether BuildKit copies fifos, and sockets as empty files; where not, both are left out. */
  readonly fifos: boolean;
  /** What BuildKit makes of a device, of either kind: a character device, or an empty file. */
  readonly devicesAs: 'char' | 'file';
  /** `--chmod` in octal: the whole mode of what is copied and of the folders made for it, or permissions of the former. */
  readonly octalMode: 'whole' | 'permissions';
  /** Whether `--chmod` knows symbols; where not, a text that is not octal says nothing. */
  readonly symbolicMode: boolean;
  /** Whether BuildKit's `--chown` fails for a name where the file is not there that it is looked up in. */
  readonly needsUserFiles: boolean;
  /** Whether BuildKit's `ADD --chown` owns what is unpacked. */
  readonly ownsUnpacked: boolean;
  /** How archives that ADD unpacks may be compressed. */
  readonly compressions: ReadonlySet<string>;
  /** How BuildKit says that a source is not there; `{}` is the path in quotes. */
  readonly missingSource: string;
}

export const copies28: CopyFormat = Object.freeze({
  sentFolderTimes: true,
  ignoreRules: 'parents',
  sendsEnteredFolders: false,
  restoresTimes: true,
  fifos: true,
  devicesAs: 'char',
  octalMode: 'whole',
  symbolicMode: true,
  needsUserFiles: false,
  ownsUnpacked: true,
  compressions: new Set(['plain', 'gzip', 'bzip2', 'xz', 'zstd']),
  missingSource: '{}: not found',
});

export const copies2010: CopyFormat = Object.freeze({
  sentFolderTimes: false,
  ignoreRules: 'prefix',
  sendsEnteredFolders: true,
  restoresTimes: false,
  fifos: false,
  devicesAs: 'file',
  octalMode: 'permissions',
  symbolicMode: false,
  needsUserFiles: true,
  ownsUnpacked: false,
  compressions: new Set(['plain', 'gzip', 'bzip2', 'xz']),
  missingSource: 'failed to compute cache key: {} not found: not found',
});
