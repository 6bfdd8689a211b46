import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeGoJson, type GoValue, goStruct, type JsonValue, parseGoJson } from '../../src/formats/go-json.ts';
import { fixture } from './fixture.ts';

// Text, quoted, json.Marshal of a Go before 1.22, the same without HTML escapes.
const vectors: { readonly strings: readonly (readonly [string, string, string, string])[] } = JSON.parse(
  fixture('go-vectors.json').toString(),
);

describe('encodeGoJson', () => {
  it.each(vectors.strings)('prints %j as Go does', (text, _, html, plain) => {
    expect(encodeGoJson(text, { longEscapes: true })).toBe(html);
    expect(encodeGoJson(text, { longEscapes: true, escapeHtml: false })).toBe(plain);
  });

  it('has short escapes since Go 1.22', () => {
    expect(encodeGoJson('\b\f\\b\\f\u0001')).toBe('"\\b\\f\\\\b\\\\f\\u0001"');
  });

  it('prints what was no UTF-8 as an escape, and a real U+FFFD as it is', () => {
    expect(encodeGoJson('\ud800 \udc00 \ud83d\ude00 \ufffd \\ud800')).toBe(
      '"\\ufffd \\ufffd \ud83d\ude00 \ufffd \\\\ud800"',
    );
  });

  it('sorts maps by the bytes of their keys and keeps structs in order', () => {
    const map = new Map<string, GoValue>([
      ['\ud83d\ude00', 1],
      ['\uffee', 2],
      ['b', 3],
      ['a<', 4],
      ['10', 5],
      ['9', 6],
    ]);
    expect(encodeGoJson(map)).toBe('{"10":5,"9":6,"a\\u003c":4,"b":3,"\uffee":2,"\ud83d\ude00":1}');
    expect(
      encodeGoJson(
        goStruct([
          ['z', 1],
          ['2', 2],
          ['1', null],
          ['a', undefined],
        ]),
      ),
    ).toBe('{"z":1,"2":2,"1":null}');
  });

  it('leaves out what is empty only where asked', () => {
    const empty: readonly GoValue[] = ['', 0, 0n, false, null, [], new Map()];
    for (const value of empty) {
      expect(encodeGoJson(goStruct([['k', value, true]]))).toBe('{}');
      expect(encodeGoJson(goStruct([['k', value]]))).not.toBe('{}');
    }
    expect(encodeGoJson(goStruct([['k', goStruct([]), true]]))).toBe('{"k":{}}');
  });

  it('indents as MarshalIndent does', () => {
    const value = goStruct([
      ['a', [1, []]],
      ['b', new Map()],
      ['c', new Map([['d', 'e']])],
    ]);
    expect(encodeGoJson(value, { indent: '    ' })).toBe(
      '{\n    "a": [\n        1,\n        []\n    ],\n    "b": {},\n    "c": {\n        "d": "e"\n    }\n}',
    );
  });

  it('prints large numbers in full and refuses what JSON lacks', () => {
    expect(encodeGoJson([2n ** 63n - 1n, -1, 1.5])).toBe('[9223372036854775807,-1,1.5]');
    expect(() => encodeGoJson(Number.NaN)).toThrow(expect.objectContaining({ code: 'LL_JSON' }));
  });
});

describe('parseGoJson', () => {
  it('keeps the order of keys, whatever they are', () => {
    const value = parseGoJson('{"b":1,"10":2,"9":3,"__proto__":{"x":1},"constructor":4}');
    expect(value instanceof Map ? [...value.keys()] : []).toEqual(['b', '10', '9', '__proto__', 'constructor']);
  });

  it('lets the last of two keys count', () => {
    expect(parseGoJson('{"a":1,"a":2}')).toEqual(new Map([['a', 2]]));
  });

  it('keeps large whole numbers exact', () => {
    expect(parseGoJson('[9223372036854775807,-9007199254740993,1e3,-0.5]')).toEqual([
      9223372036854775807n,
      -9007199254740993n,
      1000,
      -0.5,
    ]);
  });

  it('replaces lone surrogates, as Go does', () => {
    expect(parseGoJson('"\\ud800x\\ud83d\\ude00"')).toBe('\ufffdx\ud83d\ude00');
    expect(parseGoJson(Buffer.from([0x22, 0xff, 0x22]))).toBe('\ufffd');
  });

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '{"a" 1}',
    '[1 2]',
    '01',
    '+1',
    '.5',
    '1.',
    '1e',
    '-',
    'NaN',
    'nul',
    'truex',
    '"',
    '"\n"',
    '"\\x"',
    '"\\u12"',
    '"\\',
    '[] []',
    '\ufeff{}',
    '/**/1',
    '1e999',
  ])('refuses %j', (text) => {
    expect(() => parseGoJson(text)).toThrow(expect.objectContaining({ code: 'LL_JSON' }));
  });

  it('keeps to its limits', () => {
    const limit = expect.objectContaining({ code: 'LL_LIMIT' });
    expect(() => parseGoJson('['.repeat(100_000))).toThrow(limit);
    expect(() => parseGoJson('[[[]]]', { maxDepth: 2 })).toThrow(limit);
    expect(parseGoJson('[[[]]]', { maxDepth: 3 })).toEqual([[[]]]);
    expect(() => parseGoJson('"abc"', { maxLength: 4 })).toThrow(limit);
    expect(() => parseGoJson('9'.repeat(100_000))).toThrow(limit);
  });

  it('reads what JSON.parse reads, and agrees with it', () => {
    const plain = (value: JsonValue): unknown => {
      if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
      return Array.isArray(value) ? value.map(plain) : typeof value === 'bigint' ? Number(value) : value;
    };
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.stringify(plain(parseGoJson(text)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('reads back what encodeGoJson prints', () => {
    const { value } = fc.letrec<{ value: GoValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        fc.constant(null),
        fc.maxSafeInteger(),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc
          .uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), tie('value')), {
            maxLength: 4,
            selector: ([key]) => key,
          })
          .map((pairs) => new Map(pairs)),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, '  '), (written, indent) => {
        const text = encodeGoJson(written, indent === undefined ? {} : { indent });
        expect(parseGoJson(text)).toEqual(written);
      }),
    );
  });
});
