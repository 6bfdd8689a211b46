import { describe, expect, it } from '@jest/globals';
import { TemplateStruct, type TemplateValue } from '../../src/cli/go-template/value.ts';
import { parseTemplate } from '../../src/cli/go-template.ts';
import { imageStruct } from '../../src/cli/image-struct.ts';
import { LayerlabError } from '../../src/errors/layerlab-error.ts';
import { sampleImage } from './sample-image.ts';

const image: TemplateValue = imageStruct(sampleImage);

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LayerlabError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'no error';
}

// Each expected text is what `docker image inspect -f` (client 28.2, daemon 28.5) printed for an image like the sample.
describe('templates on an image, as docker prints them', () => {
  it.each([
    [
      '{{.Config}}',
      '{{ map[80/tcp:{}] [PATH=/bin Q=l1] [] [sh -c echo] map[]  map[a:b c d:x<y]  false} {<nil> [] []}}',
    ],
    ['{{.Config.Labels}} {{.Config.Env}} {{len .Config.Labels}}', 'map[a:b c d:x<y] [PATH=/bin Q=l1] 2'],
    ['{{json .Config.Labels}}', '{"a":"b","c d":"x<y"}'],
    [
      '{{json .Config}}',
      '{"ExposedPorts":{"80/tcp":{}},"Env":["PATH=/bin","Q=l1"],"Cmd":["sh","-c","echo"],"Labels":{"a":"b","c d":"x<y"}}',
    ],
    ['{{json .Config.Volumes}}', 'null'],
    ['{{range $k,$v := .Config.Labels}}{{$k}}={{$v}};{{end}}', 'a=b;c d=x<y;'],
    ['{{range $i,$v := .RepoTags}}{{$i}}={{$v}};{{end}}', '0=h4y:latest;'],
    ['{{join .Config.Cmd " "}}', 'sh -c echo'],
    ['{{join .RepoTags ", " | upper}}', 'H4Y:LATEST'],
    ['{{index .Config.Labels "a"}}{{index .Config.Labels "zz"}}|', 'b|'],
    ['{{.Config.Labels.a}}|{{.Config.Labels.zz}}|', 'b|<no value>|'],
    ['{{if eq .Os "linux"}}L{{else if eq .Os "x"}}X{{else}}N{{end}}', 'L'],
    ['{{with .Config}}{{.WorkingDir}}|{{$.Os}}{{end}}', '|linux'],
    [
      '{{printf "%s %q %d %v %5d|%-8s|" .Os .Os .Size .Config.Cmd 3 .Os}}',
      'linux "linux" 1982681 [sh -c echo]     3|linux   |',
    ],
    ['{{println .Os 1}}{{print "a" 1 2 "b"}}', 'linux 1\na1 2b'],
    ['{{gt .Size 5}} {{lt .Size 5}} {{and .Os ""}} {{or "" "x"}} {{not .Os}}', 'true false  x false'],
    [
      '{{title "hello world"}} {{pad "x" 2 3}}| {{truncate "hello" 2}} {{split "a,b" ","}}',
      'Hello World   x   | he [a b]',
    ],
    ['{{- .Os -}}  x {{/* c */}} {{- "y" }}', 'linuxx y'],
    ['{{slice .Id 7 19}}', '179179840b16'],
    [
      '{{json .Metadata}} {{.Metadata}}',
      '{"LastTagTime":"2026-11-21T02:15:53.263384277Z"} {2026-11-21 02:15:53.263384277 +0000 UTC}',
    ],
    ['{{html "<a>"}} {{js "a\'b"}} {{urlquery "a b"}}', "&lt;a&gt; a\\'b a+b"],
    ['{{.RootFS}}', '{layers [sha256:ceb7]}'],
    ['{{.GraphDriver.Data}}', 'map[MergedDir:/o/merged UpperDir:/o/diff WorkDir:/o/work]'],
    ['{{.Config.Healthcheck}} {{.Config.Entrypoint}} {{.Config.Volumes}}', '<nil> [] map[]'],
    ['{{range .Config.Volumes}}a{{else}}none{{end}}', 'none'],
    ['{{$x := .Os}}{{$x}}{{$x = "z"}}{{$x}}{{len "é"}}', 'linuxz2'],
    ['{{range $i, $e := .RepoTags}}{{if $i}},{{end}}{{$e}}{{end}} {{range .RepoTags}}{{break}}{{end}}', 'h4y:latest '],
    ['{{(index .RepoTags 0) | printf "%s-%s" .Os}}', 'linux-h4y:latest'],
    ["{{1.5}} {{0x10}} {{'a'}} {{-3}}", '1.5 16 97 -3'],
    ['{{json .RepoTags}}{{.Size | json}} {{json "<>&"}}', '["h4y:latest"]1982681 "<>&"'],
    [
      '{{.Variant}}|{{.OsVersion}}|{{.VirtualSize}}|{{.Container}}|{{.ContainerConfig}}|{{.Descriptor}}|{{.Manifests}}',
      '||0||<nil>|<nil>|[]',
    ],
    ['table {{.Os}}', 'table linux'],
  ])('%s', (template, expected) => {
    expect(parseTemplate(template).render(image)).toBe(expected);
  });
});

describe('what docker says of templates that do not parse', () => {
  it.each([
    ['{{.ID', 'unclosed action'],
    ['{{nope .ID}}', 'function "nope" not defined'],
    ['{{.ID}} {{if}}', 'missing value for if'],
    ['{{range}}', 'missing value for range'],
    ['{{"abc', 'unterminated quoted string'],
    ['{{end}}', 'unexpected {{end}}'],
    ['{{if .Os}}', 'unexpected EOF'],
    ['{{.Os}', "bad character U+007D '}'"],
    ['{{$y}}', 'undefined variable "$y"'],
    ['{{}}', 'missing value for command'],
    ['{{table .Os}}', 'function "table" not defined'],
  ])('%s: %s', (template, message) => {
    expect(messageOf(() => parseTemplate(template))).toBe(`LL_FORMAT template parsing error: template: :1: ${message}`);
  });
});

describe('what docker says of templates that fail while they run', () => {
  const raw: TemplateValue = new Map<string, TemplateValue>([
    ['Id', 'sha256:1'],
    ['Os', 'linux'],
    ['Layers', ['a']],
    ['Config', new Map()],
  ]);

  it.each([
    ['{{.Foo}}', ':1:2: executing "" at <.Foo>: map has no entry for key "Foo"'],
    ['{{.Config.Foo}}', ':1:9: executing "" at <.Config.Foo>: map has no entry for key "Foo"'],
    ['{{.Id.Foo}}', ':1:5: executing "" at <.Id.Foo>: can\'t evaluate field Foo in type interface {}'],
    ['{{index .Layers 5}}', ':1:2: executing "" at <index .Layers 5>: error calling index: index out of range: 5'],
    ['{{upper}}', ':1:2: executing "" at <upper>: wrong number of args for upper: want 1 got 0'],
    ['{{upper "a" "b"}}', ':1:2: executing "" at <upper>: wrong number of args for upper: want 1 got 2'],
    ['{{1 | .Os}}', ':1:6: executing "" at <.Os>: Os is not a method but has arguments'],
    ['{{"q"}}{{true}}{{nil}}', ':1:17: executing "" at <nil>: nil is not a command'],
  ])('%s', (template, message) => {
    const parsed = parseTemplate(template);
    expect(messageOf(() => parsed.render(raw, 'error'))).toBe(`LL_FORMAT template parsing error: template: ${message}`);
  });

  it('names the type of a row that lacks a field', () => {
    const row = new TemplateStruct('*formatter.imageContext', [{ name: 'ID', value: 'x' }]);
    expect(messageOf(() => parseTemplate('{{.Foo}}').render(row))).toBe(
      'LL_FORMAT template parsing error: template: :1:2: executing "" at <.Foo>: ' +
        "can't evaluate field Foo in type *formatter.imageContext",
    );
  });
});

describe('the language itself', () => {
  it.each([
    ['a{{/* x */ -}}   b', 'ab'],
    ['{{range $i, $x := split "a,b,c" ","}}{{if eq $i 1}}{{continue}}{{end}}{{$x}}{{end}}', 'ac'],
    ['{{with $v := ""}}x{{else}}y{{end}}', 'y'],
    ['{{if and true (or false 1) (not "")}}t{{end}}', 't'],
    ['{{eq "b" "a" "b"}} {{ne 1 2}} {{le 1 1}} {{ge "b" "a"}}', 'true true true true'],
    ['{{printf "%05d|%x|%X|%t|%c|%%|%6.2f|%v" 42 255 255 true 65 2.5 nil}}', '00042|ff|FF|true|A|%|  2.50|<nil>'],
    ['{{printf "%d" "x"}}', '%!d(string=x)'],
    ['{{printf "%s"}} {{printf "x" 1}}', '%!s(MISSING) x%!(EXTRA int=1)'],
    ['{{"tab\\tnl\\nq\\"u\\u00e9"}}{{`raw\\n`}}', 'tab\tnl\nq"ué'.concat('raw\\n')],
    ['{{len (split "a b" " ")}}', '2'],
    ['{{$a := 1}}{{if true}}{{$a = 2}}{{$b := 3}}{{end}}{{$a}}', '2'],
  ])('%s', (template, expected) => {
    expect(parseTemplate(template).render(new Map())).toBe(expected);
  });

  it('refuses a template nested so deep that it would exhaust the stack', () => {
    expect(messageOf(() => parseTemplate(`{{${'('.repeat(5000)}1${')'.repeat(5000)}}}`))).toContain('LL_FORMAT');
  });

  it('keeps the names of columns through functions in the head of a table', () => {
    const header = new Map([
      ['Repository', 'REPOSITORY'],
      ['ID', 'IMAGE ID'],
      ['Tag', 'TAG'],
    ]);
    // docker images --format 'table {{title .Repository}}...' printed this head.
    const template = parseTemplate(
      '{{title .Repository}}\t{{.Repository | upper}}\t{{len .ID}}\t{{if eq .Tag "x"}}A{{else}}B{{end}}',
    );
    expect(template.renderHeader(header)).toBe('REPOSITORY\tREPOSITORY\t8\tB');
  });
});
