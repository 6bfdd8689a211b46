import type { ConformanceCase } from '../harness/case.ts';
import { file } from '../harness/case.ts';

/** ARG, ENV and what becomes of `$` where. */
export const expansion: readonly ConformanceCase[] = [
  {
    name: 'modifiers',
    dockerfile: `FROM conf/base
ENV set=value empty=
ENV a=\${set:-d} b=\${unset:-d} c=\${empty:-d} d=\${empty-d} e=\${set:+s} f=\${unset+s}x g=\\$set h='$set' i="$set" j=\${unset:-\${set}} k=$unset.
ENV set=new before=$set
LABEL p=\${set#v} q=\${set%e} path=\${PATH##*/} r=\${set/e/E}
`,
  },
  {
    name: 'args',
    dockerfile: `ARG BASE=conf/bare
ARG UNUSED=global
FROM \${BASE}
ARG A
ARG B=default
ARG C=\${B}-\${A}
ARG UNUSED
ENV FROM_ARGS="$A $B $C $UNUSED"
RUN echo "$A|$B|$C|$UNUSED" > /args
ENV A=env-wins
RUN echo "$A" >> /args
`,
    buildArgs: { BASE: 'conf/base', A: 'from the command line', C: 'given' },
  },
  {
    name: 'arg-after-env',
    dockerfile: 'FROM conf/base\nENV V=env\nARG V=arg\nLABEL v=$V\nRUN echo "$V" > /v\n',
  },
  {
    name: 'arg-several',
    dockerfile:
      'FROM conf/base\nARG ONE=1 TWO THREE="3 3"\nLABEL all="$ONE-$TWO-$THREE"\nRUN env | grep -E "ONE|TWO|THREE" | sort > /env\n',
    buildArgs: { TWO: 'second' },
  },
  {
    name: 'platform-args',
    dockerfile: `FROM conf/base
ARG TARGETPLATFORM
ARG TARGETARCH
ARG BUILDOS
LABEL platform="$TARGETPLATFORM $TARGETARCH $BUILDOS"
`,
  },
  {
    name: 'proxy-args',
    dockerfile: 'FROM conf/base\nRUN echo "$HTTP_PROXY" > /proxy\nARG NO_PROXY\nRUN echo "$NO_PROXY" >> /proxy\n',
    buildArgs: { HTTP_PROXY: 'http://proxy.example.org:3128', NO_PROXY: 'localhost' },
  },
  {
    name: 'expanded-words',
    dockerfile: `FROM conf/base
ENV DIR=/srv/d NAME=file.txt WHO=app PORT=8080
WORKDIR \${DIR}/x
COPY \${NAME} \${DIR}/\${NAME}.copy
EXPOSE \${PORT}/tcp
USER $WHO
VOLUME $DIR/v
STOPSIGNAL \${SIG:-SIGHUP}
`,
    context: [file('file.txt')],
  },
  {
    name: 'unused-arg',
    dockerfile: 'FROM conf/base\nENV A=1\n',
    buildArgs: { NOBODY: 'asks' },
  },
  {
    name: 'source-date-epoch',
    builders: ['buildkit'],
    // A file that is older than the epoch, and no folder made for it: layerlab bounds the times in layers too.
    dockerfile: 'FROM scratch\nCOPY a /a\nENV X=1\nARG SOURCE_DATE_EPOCH\nLABEL l=$SOURCE_DATE_EPOCH\n',
    context: [file('a', 'a\n', { mtime: '1000000000' })],
    buildArgs: { SOURCE_DATE_EPOCH: '1234567890' },
  },
];
