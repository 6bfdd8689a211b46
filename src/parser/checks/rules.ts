/** One build check, as it is listed and linked. */
export interface CheckRule {
  readonly name: string;
  /** Empty for the one rule that docker has no page for. */
  readonly url: string;
  readonly description: string;
  /** Reported only where the Dockerfile asks for it by `experimental=`. */
  readonly experimental: boolean;
}

const DESCRIPTIONS = {
  StageNameCasing: 'A stage has a name with capital letters',
  FromAsCasing: 'FROM and AS are written in different cases',
  NoEmptyContinuation: 'An instruction goes on behind an empty line',
  ConsistentInstructionCasing: 'An instruction is not in the case of most others',
  DuplicateStageName: 'Two stages have one name',
  ReservedStageName: 'A stage has a name with a meaning of its own',
  JSONArgsRecommended: 'A command in shell form does not get the signals of the container',
  MaintainerDeprecated: 'MAINTAINER is out of use',
  UndefinedArgInFrom: 'FROM uses an ARG that is not declared above it',
  WorkdirRelativePath: 'A relative WORKDIR depends on the base image',
  UndefinedVar: 'A variable is used and never set',
  MultipleInstructionsDisallowed: 'An instruction is overridden by a later one of its stage',
  LegacyKeyValueFormat: 'A key and its value are parted by a space',
  InvalidBaseImagePlatform: 'The base image is for another platform',
  RedundantTargetPlatform: 'FROM --platform names the platform that is taken anyway',
  SecretsUsedInArgOrEnv: 'The name of an ARG or ENV says that it holds a secret',
  InvalidDefaultArgInFrom: 'Without build arguments, FROM has no valid image name',
  FromPlatformFlagConstDisallowed: 'FROM --platform is fixed to one platform',
  CopyIgnoredFile: 'A source of COPY or ADD is left out by .dockerignore',
  InvalidDefinitionDescription: 'The comment above a stage or an ARG does not begin with its name',
  ExposeProtoCasing: 'The protocol of EXPOSE has capital letters',
  ExposeInvalidFormat: 'EXPOSE has an address or a host port',
} as const;

export type RuleName = keyof typeof DESCRIPTIONS;

const EXPERIMENTAL: ReadonlySet<string> = new Set<RuleName>(['CopyIgnoredFile', 'InvalidDefinitionDescription']);
const WITHOUT_PAGE: RuleName = 'InvalidBaseImagePlatform';

function urlOf(name: string): string {
  if (name === WITHOUT_PAGE) return '';
  const kebab = name.replace(/([a-z])([A-Z])/g, '$1-$2').replace(/([A-Z])([A-Z][a-z])/g, '$1-$2');
  return `https://docs.docker.com/go/dockerfile/rule/${kebab.toLowerCase()}/`;
}

/** Every rule, in docker's order. */
export const checkRules: readonly CheckRule[] = Object.freeze(
  Object.entries(DESCRIPTIONS).map(([name, description]) =>
    Object.freeze({ name, description, url: urlOf(name), experimental: EXPERIMENTAL.has(name) }),
  ),
);

const byName: ReadonlyMap<string, CheckRule> = new Map(checkRules.map((rule) => [rule.name, rule]));

/** The rule of a name. */
export function ruleOf(name: RuleName): CheckRule {
  return byName.get(name) ?? { name, description: DESCRIPTIONS[name], url: urlOf(name), experimental: false };
}
