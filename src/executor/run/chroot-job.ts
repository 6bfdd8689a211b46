/** A mount to make, on a folder or file of the host that is there. */
export interface JobMount {
  readonly source: string;
  /** Absolute path on the host, below the root; no link in it. */
  readonly target: string;
  /** Undefined: bind `source`. */
  readonly type?: string;
  /** Whether a file is mounted, so that a missing target becomes one. */
  readonly isFile?: boolean;
  readonly flags: number;
  readonly data?: string;
}

/** What the process that becomes the command has to do first; a JSON value. */
export interface ChrootJob {
  /** Where koffi is loaded from. */
  readonly koffi: string;
  /** CLONE_NEW* bits to unshare; 0 where nothing may be mounted. */
  readonly unshare: number;
  /** Whether the job was read from descriptor 3, which the command must not find open. */
  readonly closesInput: boolean;
  /** A descriptor to write a byte to, and to read one from, when the new namespaces are there. */
  readonly gate: number | undefined;
  readonly loopback: boolean;
  readonly hostname: string | undefined;
  /** A folder to mount a tmpfs on, and the files to put there first; data in base64. */
  readonly private?: {
    readonly folder: string;
    readonly files: readonly {
      readonly name: string;
      readonly data: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }[];
  };
  readonly mounts: readonly JobMount[];
  /** Device nodes to make in the new /dev: name, type bits with mode, device number. */
  readonly nodes: readonly (readonly [path: string, mode: number, device: string])[];
  /** Links to make in the new /dev. */
  readonly links: readonly (readonly [path: string, target: string])[];
  /** Paths of the host to hide: a folder under an empty one, a file under the root's /dev/null. */
  readonly masked: readonly string[];
  readonly readonly: readonly string[];
  readonly root: string;
  readonly workingDir: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Numbers of the capabilities that the command may have. */
  readonly capabilities: readonly number[];
  /** Candidates for the program, tried in this order. */
  readonly programs: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly string[];
}
