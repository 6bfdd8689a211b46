/** A Dockerfile that can be read, and is refused before anything is built; or looks as if it were. */
export interface CheckFaultCase {
  readonly name: string;
  readonly dockerfile: string;
  readonly target?: string;
}

const BASE = 'FROM conf/base';

/** What docker's checks report as an error beside their findings, and what they leave to the build. */
export const checkFaultCases: readonly CheckFaultCase[] = [
  {
    name: 'protocol, with findings in front of it and behind',
    dockerfile: `${BASE}\nENV A=$x\nEXPOSE 80/foo\nENV B=$y\nCMD echo a\nMAINTAINER me\n`,
  },
  { name: 'port', dockerfile: `${BASE}\nEXPOSE 99999\n` },
  { name: 'range of ports', dockerfile: `${BASE}\nEXPOSE 90-80\n` },
  { name: 'port in a variable', dockerfile: `${BASE}\nARG P=abc\nEXPOSE $P\n` },
  {
    name: 'signal, beside what is found in the words alone',
    dockerfile: `${BASE} as X\nSTOPSIGNAL FOO\nMAINTAINER me\ncmd echo a\nENV A 1\nWORKDIR a\n${BASE} AS Foo\n`,
  },
  { name: 'signal behind a heredoc', dockerfile: `${BASE}\nCOPY <<EOF /x\nabc\nEOF\nSTOPSIGNAL zzz\n` },
  { name: 'mode of words', dockerfile: `${BASE}\nCOPY --chmod=abc a b\n` },
  { name: 'mode in a variable', dockerfile: `${BASE}\nARG M=9z\nCOPY --chmod=$M a b\n` },
  { name: 'image to copy from', dockerfile: `${BASE}\nCOPY --from=UPPER@@ a b\n` },
  { name: 'stage by a number that is none', dockerfile: `${BASE}\nCOPY --from=7 a b\n` },
  { name: 'stage that copies from itself', dockerfile: `${BASE} AS a\nCOPY --from=a x y\n` },
  { name: 'stage that comes later', dockerfile: `${BASE} AS a\nCOPY --from=b x y\n${BASE} AS b\n` },
  { name: 'server for COPY', dockerfile: `${BASE}\nCOPY http://example.org/y /z\n` },
  { name: 'checksum of a file', dockerfile: `${BASE}\nADD --checksum=sha256:00 file /x\n` },
  { name: 'checksum of another kind', dockerfile: `${BASE}\nADD --checksum=md5:00 http://example.org/y /x\n` },
  { name: 'mount of no type', dockerfile: `${BASE}\nRUN --mount=type=foo,target=/x true\n` },
  { name: 'mount at the root', dockerfile: `${BASE}\nRUN --mount=type=cache,target=/ true\n` },
  { name: 'mount from no image', dockerfile: `${BASE}\nRUN --mount=from=@@@,target=/x true\n` },
  { name: 'device', dockerfile: `${BASE}\nRUN --device=foo true\n` },
  { name: 'platform', dockerfile: 'FROM --platform=foo/bar/baz/qux conf/base\n' },
  { name: 'empty platform', dockerfile: 'FROM --platform=$NOPE conf/base\n' },
  { name: 'stage that no other needs', dockerfile: `${BASE} AS a\nEXPOSE 80/foo\n${BASE}\nENV A=1\n` },
  { name: 'stage that another stands on', dockerfile: `${BASE} AS a\nEXPOSE 80/foo\nFROM a\nENV A=$z\n` },
  {
    name: 'stage that the target does not need',
    dockerfile: `${BASE} AS a\nEXPOSE 80/foo\n${BASE} AS b\nENV A=$z\n`,
    target: 'b',
  },
  {
    name: 'two stages',
    dockerfile: `${BASE} AS a\nSTOPSIGNAL FOO\n${BASE} AS b\nEXPOSE 80/foo\nCOPY --from=a / /\n`,
  },
  { name: 'word that asks for a variable', dockerfile: `${BASE}\nENV A=1\nLABEL a=$nope\nENV A=\${x:?wanted}\n` },
  { name: 'empty volume', dockerfile: `${BASE}\nENV A=$x\nVOLUME [""]\n` },
  { name: 'label without a name', dockerfile: `${BASE}\nLABEL =x\n` },
  { name: 'network mode', dockerfile: `${BASE}\nRUN --network=foo true\n` },
  { name: 'flag that is none', dockerfile: `${BASE}\nRUN --security=insecure true\n` },
  // What only the build refuses.
  { name: 'command of no words', dockerfile: `${BASE}\nRUN []\n` },
  { name: 'secret at the root', dockerfile: `${BASE}\nRUN --mount=type=secret,target=/ true\n` },
  { name: 'pattern', dockerfile: `${BASE}\nCOPY --exclude=[ a b\n` },
  { name: 'owner', dockerfile: `${BASE}\nCOPY --chown=a:b:c a b\n` },
  { name: 'fault in a trigger', dockerfile: `${BASE}\nONBUILD EXPOSE 80/foo\n` },
  { name: 'file that is not there', dockerfile: `${BASE}\nCOPY nothing /x\n` },
];
