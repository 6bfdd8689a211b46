import { readFileSync } from 'node:fs';

const BLOCK = 512;
const OPAQUE = '.wh..wh..opq';

/** The entries of a tar in memory: name, type and content. Long names are read from PAX, as `save` writes them. */
function* entriesOf(tar) {
  let longName;
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const text = (start, length) => tar.toString('utf8', at + start, at + start + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12), 8);
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    const type = text(156, 1);
    if (type === 'x') {
      longName = /\d+ path=(.*)\n/.exec(content.toString('utf8'))?.[1];
    } else {
      const prefix = text(345, 155);
      yield { name: longName ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`), type, content };
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/**
 * For each layer of a `save` archive, the lowest first: the names in it, as "+ a" (new), "~ a" (stored again, as something
 * about it changed), "− a" (whiteout), "∅ a/" (opaque).
 */
export function layerNames(archive) {
  const members = new Map();
  for (const { name, content } of entriesOf(readFileSync(archive))) members.set(name, content);
  const [manifest] = JSON.parse(members.get('manifest.json').toString('utf8'));
  const seen = new Set();
  return manifest.Layers.map((layer) => {
    const names = [...entriesOf(members.get(layer))].map(({ name }) => name);
    const marks = marked(names, seen);
    for (const name of names) seen.add(name);
    return marks;
  });
}

function marked(names, seen) {
  const opaque = names.filter((name) => name.endsWith(OPAQUE)).map((name) => name.slice(0, -OPAQUE.length));
  // A folder that only leads to something else in the layer is no news.
  const leads = (name) => name.endsWith('/') && names.some((other) => other !== name && other.startsWith(name));
  return names
    .filter((name) => !name.endsWith(OPAQUE) && (opaque.includes(name) || !leads(name)))
    .map((name) => {
      if (opaque.includes(name)) return `∅ ${name}`;
      if (/(^|\/)\.wh\.[^/]+$/.test(name)) return `− ${name.replace(/\.wh\.([^/]+)$/, '$1')}`;
      return `${seen.has(name) ? '~' : '+'} ${name}`;
    });
}
