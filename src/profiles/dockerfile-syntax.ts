/** What a Docker version's parser knows of the Dockerfile language, and the words of its errors. */
export interface DockerfileSyntax {
  readonly heredocs: boolean;
  /** Flags that other versions know and this one does not. */
  readonly unknownFlags: ReadonlySet<string>;
  /** How errors call a flag: `unknown flag: --link`, or `Unknown flag: link`. */
  readonly flagErrors: 'dashed' | 'bare';
  /** Parser directives of the top of the file. */
  readonly directives: ReadonlySet<string>;
  /** `${v#p}`, `${v/p/r}`, `${v-w}` and the like are known; where not, only `:-`, `:+` and `:?` are. */
  readonly allSubstitutions: boolean;
  /** Whether an error ends with what may have been meant. */
  readonly suggestions: boolean;
  /** What stands in front of the number of the line. */
  readonly lineError: string;
  /** The smallest number that `HEALTHCHECK --retries` takes. */
  readonly fewestRetries: 0 | 1;
  /** Of an empty file; `{}` is its name. */
  readonly emptyFile: string;
}

/** Of Docker 28 (BuildKit 0.25, Dockerfile 1.19). */
export const syntax28: DockerfileSyntax = Object.freeze({
  heredocs: true,
  unknownFlags: new Set<string>(),
  flagErrors: 'dashed',
  directives: new Set(['escape', 'syntax', 'check']),
  allSubstitutions: true,
  suggestions: true,
  lineError: 'dockerfile parse error on line',
  fewestRetries: 0,
  emptyFile: 'the Dockerfile cannot be empty',
});

/** Of Docker 20.10 (BuildKit 0.8, Dockerfile 1.2). */
export const syntax2010: DockerfileSyntax = Object.freeze({
  heredocs: false,
  unknownFlags: new Set([
    ...['link', 'exclude', 'parents', 'checksum', 'keep-git-dir', 'unpack'],
    ...['network', 'security', 'device', 'start-interval'],
  ]),
  flagErrors: 'bare',
  directives: new Set(['escape', 'syntax']),
  allSubstitutions: false,
  suggestions: false,
  lineError: 'dockerfile parse error line',
  fewestRetries: 1,
  emptyFile: 'the Dockerfile cannot be empty',
});
