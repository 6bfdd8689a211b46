import { readFileSync, statSync } from 'node:fs';
import { sealedProgram } from '../../host/syscalls.ts';
import type { OciRuntime } from './oci-runtime.ts';

/** To copy a program costs more than it gives where few containers come. */
const BYTES_A_RUN = 1_048_576;

/**
 * A sealed copy of a runtime in memory. Runtimes copy themselves, or mount themselves read-only, at every start, so that no
 * container can write to the program that made it (CVE-2019-5736); one that finds itself sealed already starts at once. Undefined
 * where it is not worth it for so many `runs`, or cannot be had.
 */
export function sealedRuntime({ path }: OciRuntime, runs: number): number | undefined {
  try {
    if (statSync(path).size > BYTES_A_RUN * runs) return undefined;
    return sealedProgram(readFileSync(path));
  } catch {
    return undefined;
  }
}
