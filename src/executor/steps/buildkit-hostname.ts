/** The name of the host that BuildKit's commands find themselves on. */
export const BUILDKIT_HOSTNAME = 'buildkitsandbox';
