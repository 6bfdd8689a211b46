import {
  type Frontend,
  type FrontendFeatures,
  frontendFeatures,
  frontendOf,
  knowsHeredocs,
} from './frontend-features.ts';

/** What is known of the text of `RUN --mount`. */
export interface MountSyntax {
  /** Whether variables in it are expanded; where not, it is read whole with the line that it is in. */
  readonly expanded: boolean;
  /** Keys that other versions know and this one does not. */
  readonly unknownKeys: ReadonlySet<string>;
}

/** What a Docker version's parser knows of the Dockerfile language, and the words of its errors. */
export interface DockerfileSyntax {
  /** The frontend inside the builder, or the one that a `# syntax=` line asks for. */
  readonly frontend: Frontend;
  /** How the text of `RUN --mount` is read. */
  readonly mounts: MountSyntax;
  /** Flags that this frontend knows and not every one does. */
  readonly features: FrontendFeatures;
  /** Whether a `# syntax=` line may ask for another frontend; the classic builder has one parser and knows no other. */
  readonly otherFrontends: boolean;
  readonly heredocs: boolean;
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
  /** What stands in front of why a file cannot be split into instructions; `{}` is its name. */
  readonly unreadableFile: string;
}

const FRONTEND_28: Frontend = Object.freeze({ version: [1, 19] as const, labs: false });
const FRONTEND_2010: Frontend = Object.freeze({ version: [1, 2] as const, labs: false });

const MOUNTS_28: MountSyntax = Object.freeze({ expanded: true, unknownKeys: new Set<string>() });

/** Of Docker 28.5 (BuildKit 0.25, Dockerfile 1.19). */
export const syntax28: DockerfileSyntax = Object.freeze({
  frontend: FRONTEND_28,
  features: frontendFeatures(FRONTEND_28),
  otherFrontends: true,
  mounts: MOUNTS_28,
  heredocs: true,
  flagErrors: 'dashed',
  directives: new Set(['escape', 'syntax', 'check']),
  allSubstitutions: true,
  suggestions: true,
  lineError: 'dockerfile parse error on line',
  fewestRetries: 0,
  emptyFile: 'the Dockerfile cannot be empty',
  unreadableFile: '',
});

/** Of Docker 20.10 (BuildKit 0.8, Dockerfile 1.2). */
export const syntax2010: DockerfileSyntax = Object.freeze({
  frontend: FRONTEND_2010,
  features: frontendFeatures(FRONTEND_2010),
  otherFrontends: true,
  mounts: Object.freeze({ expanded: false, unknownKeys: new Set(['size', 'env']) }),
  heredocs: false,
  flagErrors: 'bare',
  directives: new Set(['escape', 'syntax']),
  allSubstitutions: false,
  suggestions: false,
  lineError: 'dockerfile parse error line',
  fewestRetries: 1,
  emptyFile: 'the Dockerfile cannot be empty',
  unreadableFile: '',
});

/** The language of a version as its classic builder knows it. */
export function classicSyntax(syntax: DockerfileSyntax): DockerfileSyntax {
  return Object.freeze({
    ...syntax,
    otherFrontends: false,
    emptyFile: 'the Dockerfile ({}) cannot be empty',
    unreadableFile: 'failed to parse {}: ',
  });
}

/**
 * The language of a file whose `# syntax=` line (or BUILDKIT_SYNTAX) is `line`: that of the version, with the flags of the
 * frontend that is asked for, and here-documents and today's mounts where it has them. No other line changes it any more.
 */
export function fileSyntax(syntax: DockerfileSyntax, line: string | undefined): DockerfileSyntax {
  if (!syntax.otherFrontends) return syntax;
  const frontend = frontendOf(line, syntax.frontend);
  const isNew = knowsHeredocs(frontend);
  return Object.freeze({
    ...syntax,
    frontend,
    features: frontendFeatures(frontend),
    otherFrontends: false,
    heredocs: syntax.heredocs || isNew,
    mounts: isNew ? MOUNTS_28 : syntax.mounts,
  });
}
