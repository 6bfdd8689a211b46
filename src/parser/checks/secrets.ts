import { goQuote } from '../../formats/go-quote.ts';
import type { SourceRange } from '../instruction.ts';
import type { Reporter } from './report.ts';

const SECRET = /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const PUBLIC = /(?:_|^)public(?:_|$)/i;

/** SecretsUsedInArgOrEnv: a name of which one part, as `_` parts them, says that a secret is meant. */
export function checkSecretName(kind: 'ARG' | 'ENV', key: string, range: SourceRange, reporter: Reporter): void {
  if (!SECRET.test(key) || PUBLIC.test(key)) return;
  const message = `Do not use ARG or ENV instructions for sensitive data (${kind} ${goQuote(key)})`;
  reporter.report('SecretsUsedInArgOrEnv', range, message, key);
}
