/** Lines as people write them: each kind with its share, several stages, continuations, a heredoc now and then. */
export function realisticDockerfile(lines) {
  const text = ['# syntax=docker/dockerfile:1', 'ARG VERSION=1.2.3'];
  for (let i = 0; text.length < lines; i++) {
    if (i % 12 === 0)
      text.push('', `FROM ${i % 24 === 0 ? 'debian:12' : `stage${i - 12}`} AS stage${i}`, 'ARG VERSION');
    if (i % 24 === 0 && i > 0) text.push(`COPY --from=stage${i - 12} /opt /opt`);
    text.push(
      `ENV APP_${i}=/opt/app-${i} PATH="/opt/app-${i}/bin:$PATH"`,
      `LABEL org.example.part-${i}="part ${i} of $VERSION"`,
      'RUN apt-get update && apt-get install -y --no-install-recommends \\',
      '      ca-certificates curl git \\',
      `    && rm -rf /var/lib/apt/lists/* # ${i}`,
      `COPY --chown=app:app src/part-${i}/*.json \${APP_${i}}/`,
      `WORKDIR /opt/app-${i}`,
      i % 10 === 0 ? `RUN <<EOF\nset -e\nmake part-${i}\nEOF` : `RUN make VERSION=\${VERSION} part-${i}`,
      `EXPOSE ${3000 + (i % 1000)}/tcp`,
      `CMD ["node", "part-${i}.js"]`,
    );
  }
  return `${text.join('\n').split('\n').slice(0, lines).join('\n').replace(/\\$/, '')}\n`;
}
