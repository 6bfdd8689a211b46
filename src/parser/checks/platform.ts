import { architectureNames } from '../../formats/architecture-names.ts';
import { goQuote } from '../../formats/go-quote.ts';
import type { FromInstruction } from '../instruction.ts';
import type { CheckPlatform } from './check-input.ts';
import type { Reporter } from './report.ts';

const COMPONENT = /^[A-Za-z0-9_.-]+$/;
const SYSTEMS: ReadonlySet<string> = new Set(['linux', 'windows', 'darwin', 'freebsd', 'netbsd', 'openbsd', 'plan9']);
/** A platform as written in FROM, or undefined for what is none; what it leaves out comes from `host`. */
export function parsePlatform(text: string, host: CheckPlatform): CheckPlatform | undefined {
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || parts.some((part) => !COMPONENT.test(part))) return undefined;
  const [first = '', second, variant] = parts;
  const os = first === 'macos' ? 'darwin' : first;
  if (second === undefined && SYSTEMS.has(os)) return { os, architecture: host.architecture };
  if (second === undefined) return { os: host.os, architecture: architectureNames.get(os)?.[0] ?? os };
  const architecture = architectureNames.get(second)?.[0] ?? second;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** FromPlatformFlagConstDisallowed; a stage whose name tells the platform is meant to be fixed to it. */
export function checkConstPlatform(from: FromInstruction, text: string, host: CheckPlatform, reporter: Reporter): void {
  const platform = parsePlatform(text, host);
  if (platform === undefined) return;
  const name = from.name ?? '';
  if (name.includes(platform.os) || name.includes(platform.architecture)) return;
  const message = `FROM --platform flag should not use constant value ${goQuote(text)}`;
  reporter.report('FromPlatformFlagConstDisallowed', from.range, message, `--platform=${from.platform}`);
}

function show({ os, architecture, variant }: CheckPlatform): string {
  const silent = (architecture === 'amd64' && variant === 'v1') || (architecture === 'arm64' && variant === 'v8');
  return [os, architecture, ...(variant === undefined || variant === '' || silent ? [] : [variant])].join('/');
}

/** InvalidBaseImagePlatform: an image that is here and was made for something else. */
export function checkBasePlatform(
  from: FromInstruction,
  name: string,
  expected: CheckPlatform,
  actual: CheckPlatform,
  reporter: Reporter,
): void {
  if (expected.os === actual.os && expected.architecture === actual.architecture) return;
  const [found, wanted] = [goQuote(show(actual)), goQuote(show(expected))];
  const message = `Base image ${name} was pulled with platform ${found}, expected ${wanted} for current build`;
  reporter.report('InvalidBaseImagePlatform', from.range, message, from.base);
}
