import { LayerlabError } from '../errors/layerlab-error.ts';
import type { BuilderProfile } from '../profiles/builder-profile.ts';

const NAMES =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX';

const SIGNALS: ReadonlySet<string> = new Set([
  ...NAMES.split(' '),
  ...Array.from({ length: 15 }, (_, index) => `RTMIN+${index + 1}`),
  ...Array.from({ length: 14 }, (_, index) => `RTMAX-${index + 1}`),
]);

/** Checks the text of STOPSIGNAL: a number other than 0 or a Linux name (moby/sys signal). Throws LL_PARSE. */
export function checkStopSignal(text: string, profile: BuilderProfile): void {
  const valid = /^[-+]?\d+$/.test(text) ? Number(text) !== 0 : SIGNALS.has(text.toUpperCase().replace(/^SIG/, ''));
  if (!valid) throw new LayerlabError('LL_PARSE', `${profile.invalidSignal}: ${text}`);
}
