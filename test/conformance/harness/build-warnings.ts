import { execFileSync } from 'node:child_process';
import http from 'node:http';

/** A build check of dockerd, as a build's progress carries it. */
export interface BuildWarning {
  /** `Rule: message (line N)`. */
  readonly short: string;
  readonly url: string;
  /** First and last line of each place. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

/** A field of a protocol buffer message: its number, and a number or the bytes it holds. */
type Field = readonly [number: number, value: number | Buffer];

/** Reads the two wire types that the messages of interest have: varints and length-delimited bytes. */
function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) yield [tag >>> 3, varint()];
    else if (wire === 2) {
      const length = varint();
      yield [tag >>> 3, message.subarray(at, at + length)];
      at += length;
    } else throw new Error(`wire type ${wire} in a message of BuildKit`);
  }
}

const bytesOf = (message: Buffer, number: number): readonly Buffer[] =>
  [...fields(message)].flatMap(([field, value]) => (field === number && Buffer.isBuffer(value) ? [value] : []));

const textOf = (message: Buffer, number: number): string => bytesOf(message, number)[0]?.toString('utf8') ?? '';

/** `pb.Position` of `pb.Range`: its line. */
function lineOf(range: Buffer, which: 1 | 2): number {
  const position = bytesOf(range, which)[0] ?? Buffer.alloc(0);
  return [...fields(position)].find(([field]) => field === 1)?.[1] as number;
}

/** `moby.buildkit.v1.StatusResponse`: its warnings (api/services/control/control.proto VertexWarning). */
function warningsOf(status: Buffer): readonly BuildWarning[] {
  return bytesOf(status, 4).map((warning) => ({
    short: textOf(warning, 3),
    url: textOf(warning, 5),
    ranges: bytesOf(warning, 7).map((range) => [lineOf(range, 1), lineOf(range, 2)] as const),
  }));
}

/** Builds a folder by the API alone, with BuildKit, and gives the warnings and the error of the build. */
export async function buildWarnings(
  socketPath: string,
  context: string,
  buildArgs: Readonly<Record<string, string>>,
): Promise<{ readonly warnings: readonly BuildWarning[]; readonly error: string | undefined }> {
  const tar = execFileSync('tar', ['-C', context, '-cf', '-', '.']);
  const query = new URLSearchParams({ version: '2', networkmode: 'none', buildargs: JSON.stringify(buildArgs) });
  const answer = await new Promise<string>((resolve, reject) => {
    const request = http.request(
      { socketPath, method: 'POST', path: `/v1.44/build?${query}`, headers: { 'content-type': 'application/x-tar' } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      },
    );
    request.on('error', reject);
    request.end(tar);
  });
  const messages = answer
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { id?: string; aux?: unknown; error?: string });
  const warnings = messages
    .filter(({ id, aux }) => id === 'moby.buildkit.trace' && typeof aux === 'string')
    .flatMap(({ aux }) => warningsOf(Buffer.from(aux as string, 'base64')));
  return { warnings, error: messages.find(({ error }) => error !== undefined)?.error };
}
