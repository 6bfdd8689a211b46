import { transform } from 'esbuild';

const LATER = [
  'child_process',
  'crypto',
  'http',
  'https',
  'module',
  'net',
  'os',
  'stream',
  'stream/promises',
  'tls',
  'v8',
  'worker_threads',
  'zlib',
].map((name) => `node:${name}`);

/** What stands for `import.meta` in a CommonJS file. An URL is made where it is asked for: that takes half a millisecond. */
export const IMPORT_META = 'const __importMeta={get url(){return require("node:url").pathToFileURL(__filename).href}};';

/**
 * Packs the chunks that esbuild split a program into, as ES modules, into one CommonJS file. Each chunk is a function that runs
 * when it is first asked for: what a command does not use is neither run nor compiled, and takes no place in a code cache.
 * What a chunk exports is copied when it has run, so no exported name may change its value later (a test holds src/ to it).
 * Chunks do not import each other in circles: esbuild makes them of what is reached from the same entry points.
 * A chunk that is a CommonJS module has but a `default`: its names are exports too, as with Node's own import().
 *
 * Modules of Node that take long to load are loaded when a name of theirs is first used: many a chunk that imports one does not get
 * there. Such a module has to be imported by its names or its default (a test holds src/ to it too).
 * Beside the exports of the entry there is `partsTaken()`: a 1 for each chunk that has run, a 0 for each other, in their order.
 *
 * @param {readonly { readonly name: string, readonly text: string }[]} chunks each imports the others as `./<name>`
 * @param {string} entry the name of the chunk whose exports are those of the file
 * @param {import('esbuild').TransformOptions} options
 * @returns {Promise<string>}
 */
export async function packChunks(chunks, entry, options) {
  const parts = await Promise.all(
    chunks.map(async ({ name, text }) => {
      const { code } = await transform(givesAtEnd(text), { ...options, format: 'cjs' });
      return `${JSON.stringify(`./${name}`)}(module,require,__give){${code}}`;
    }),
  );
  return `"use strict";
${IMPORT_META}
const __made=new Map();
const __later=new Map(${JSON.stringify(LATER)}.map((name)=>{
let whole;
return[name,new Proxy({},{get:(_,key)=>key==="__esModule"?undefined:(whole??=require(name))[key]})];
}));
const __take=(name)=>{
if(!Object.hasOwn(__parts,name))return __later.get(name)??require(name);
let made=__made.get(name);
if(made===undefined){
const module={exports:{}};
let given;
__parts[name](module,__take,(names)=>{given=names});
if(given===undefined){
const{default:whole}=module.exports;
given={...whole,...module.exports};
}
made=Object.defineProperty(given,"__esModule",{value:true});
__made.set(name,made);
}
return made;
};
const __parts={
${parts.join(',\n')}
};
module.exports={...__take(${JSON.stringify(`./${entry}`)}),partsTaken:()=>Object.keys(__parts).map((name)=>__made.has(name)?"1":"0").join("")};
`;
}

/**
 * A chunk that hands its names over as one object, when it has run. A getter for each, which is how they are handed over otherwise, and the
 * copy of what these give take a fifth of the time of all chunks. A chunk with a default is left as it is.
 *
 * @param {string} text
 * @returns {string}
 */
function givesAtEnd(text) {
  const found = /\bexport\s*\{([^{}]*)\};?\s*$/.exec(text);
  const pairs = found?.[1].split(',').map((pair) => pair.trim().split(/\s+as\s+/));
  if (pairs === undefined || pairs.some(([own, name = own]) => !/^[\w$]+$/.test(name) || name === 'default'))
    return text;
  return `${text.slice(0, found.index)}__give({${pairs.map(([own, name = own]) => `${name}:${own}`).join()}});\n`;
}
