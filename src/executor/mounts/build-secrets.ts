/** Hands out what `--secret` and `--ssh` brought. */
export interface BuildSecrets {
  /** The bytes of a secret, undefined where none has this id. Throws LL_BUILD_FAILED where they cannot be read. */
  secret(id: string): Buffer | undefined;
  /** The path of the socket of an ssh agent, undefined where none has this id. May start one that ends with the build. */
  agent(id: string): Promise<string | undefined>;
}

export const NO_SECRETS: BuildSecrets = { secret: () => undefined, agent: async () => undefined };
