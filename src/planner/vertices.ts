import { digestOf } from '../formats/digest.ts';
import type { Platform } from './plan-options.ts';
import { formatPlatform } from './platforms.ts';
import { progressImageName } from './stage-graph.ts';
import type { CopySource, MountSource, Plan, PlannedStage, Step } from './step.ts';

/**
 * A piece of work of a build, as BuildKit has it: an image to stand on or to take files from, or a step that makes a
 * layer. Equal pieces are one, whichever stages they stand in.
 */
export interface Vertex {
  /** The digest of what it does and of all it needs: 64 hexadecimal digits. */
  readonly id: string;
  /** As progress shows it: `[build 2/3] RUN make`. */
  readonly name: string;
  readonly work:
    | { readonly kind: 'image'; readonly reference: string; readonly platform?: Platform }
    /** A named context whose files a stage begins with. */
    | { readonly kind: 'folder'; readonly folder: string }
    | { readonly kind: 'step'; readonly step: Step; readonly stage: PlannedStage };
  /** The vertex whose layers it stands on; undefined for what a stage begins with. */
  readonly below: string | undefined;
  /** Whatever else has to be done before it: what it takes files from. */
  readonly inputs: readonly string[];
  /** Whether it is to be done without the cache: a stage that it stands in is, or what it stands on. */
  readonly noCache: boolean;
}

export interface VertexGraph {
  /** Each after all that it needs. */
  readonly vertices: readonly Vertex[];
  /** The vertex of each step that makes a layer. */
  readonly ofStep: ReadonlyMap<Step, string>;
  /** The vertex that each stage ends with; none for a stage that is `scratch` alone. */
  readonly tops: ReadonlyMap<number, string>;
}

/** One appearance of a piece of work in the file. */
interface Place {
  readonly vertex: Vertex;
  readonly before: readonly Place[];
}

/** The stages, images and named folders that an action takes files from, wherever in it they stand. */
export function sourcesOf(action: Step['action']): {
  readonly stages: readonly number[];
  readonly images: readonly ImageSource[];
  readonly folders: readonly string[];
} {
  const stages = new Set<number>();
  const images = new Map<string, ImageSource>();
  const folders = new Set<string>();
  for (const source of placesOf(action)) {
    if (source.kind === 'stage') stages.add(source.index);
    else if (source.kind === 'image') images.set(source.reference, source);
    else if (source.kind === 'folder') folders.add(source.name);
  }
  return { stages: [...stages], images: [...images.values()], folders: [...folders] };
}

function placesOf(action: Step['action']): readonly MountSource[] {
  if (action.kind === 'copy' || action.kind === 'add') return [action.from];
  if (action.kind !== 'run') return [];
  return (action.mounts ?? []).flatMap((mount) => ('from' in mount ? [mount.from] : []));
}

type Source = Exclude<CopySource, { readonly kind: 'context' }>;
type ImageSource = Extract<CopySource, { readonly kind: 'image' }>;

function isSource(value: unknown): value is Source {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'folder') return 'name' in value;
  return value.kind === 'stage' ? 'index' in value : value.kind === 'image' && 'reference' in value;
}

/**
 * Turns a plan for BuildKit into the graph of its work (buildkit client/llb/marshal.go): equal work is one vertex, with the
 * name of its last appearance. `noCache` names the stages that are to be built anew (`--no-cache-filter`).
 */
export function planVertices(plan: Plan, noCache: (stage: PlannedStage) => boolean = () => false): VertexGraph {
  const tops = new Map<number, Place>();
  const ofStep = new Map<Step, string>();
  const images = new Map<string, Place>();
  const imageSource = ({ reference, context }: ImageSource): Place => {
    const known = images.get(reference);
    if (known !== undefined) return known;
    const place = imagePlace(reference, context ?? `FROM ${progressImageName(reference)}`);
    images.set(reference, place);
    return place;
  };
  for (const index of plan.order) {
    const stage = plan.stages[index] as PlannedStage;
    let top = startOf(stage, tops);
    // An image that a named context gives counts, but has no number.
    let number = stage.base.kind === 'image' && stage.base.context === undefined ? 1 : 0;
    for (const step of stage.steps) {
      if (step.layer || step.action.kind === 'workdir') number += 1;
      if (!step.layer) continue;
      const { stages, images: names } = sourcesOf(step.action);
      const sources = [...stages.flatMap((from) => tops.get(from) ?? []), ...names.map(imageSource)];
      const topIds = (from: number): string => tops.get(from)?.vertex.id ?? '';
      const vertex: Vertex = {
        id: idOf(['step', top?.vertex.id ?? '', withoutStages(step.action, topIds)]),
        name: `${label(stage, number, stage.progressTotal.steps)} ${step.display}`,
        work: { kind: 'step', step, stage },
        below: top?.vertex.id,
        inputs: sources.map((place) => place.vertex.id),
        noCache: noCache(stage),
      };
      top = { vertex, before: [...(top === undefined ? [] : [top]), ...sources] };
      ofStep.set(step, vertex.id);
    }
    if (top !== undefined) tops.set(index, top);
  }
  const target = tops.get(plan.target);
  return {
    vertices: target === undefined ? [] : merged(target),
    ofStep,
    tops: new Map([...tops].map(([index, { vertex }]) => [index, vertex.id])),
  };
}

function startOf(stage: PlannedStage, tops: ReadonlyMap<number, Place>): Place | undefined {
  const { base } = stage;
  if (base.kind === 'scratch') return base.folder === undefined ? undefined : folderPlace(base.folder);
  if (base.kind === 'stage') return tops.get(base.index);
  return imagePlace(
    base.reference,
    base.context ?? `${label(stage, 1, stage.progressTotal.from)} ${stage.display}`,
    base.platform,
  );
}

function imagePlace(reference: string, name: string, platform?: Platform): Place {
  const id = idOf(['image', progressImageName(reference), platform === undefined ? '' : formatPlatform(platform)]);
  const work = { kind: 'image', reference, ...(platform === undefined ? {} : { platform }) } as const;
  return { vertex: { id, name, work, below: undefined, inputs: [], noCache: false }, before: [] };
}

/** Other builds may find other files in it: nothing that stands on it is in the cache (buildkit source/local CacheKey). */
function folderPlace(folder: string): Place {
  const name = `[context ${folder}] load from client`;
  const work = { kind: 'folder', folder } as const;
  return {
    vertex: { id: idOf(['folder', folder]), name, work, below: undefined, inputs: [], noCache: true },
    before: [],
  };
}

function label({ progressName }: PlannedStage, index: number, total: number): string {
  return `[${progressName === undefined ? '' : `${progressName} `}${index}/${total}]`;
}

/** The action as a value that says which work it needs, not where in the file that stands. */
function withoutStages(action: Step['action'], topOf: (stage: number) => string): string {
  return JSON.stringify(action, (_key, value: unknown) =>
    isSource(value) && value.kind === 'stage'
      ? ['work', topOf(value.index)]
      : value instanceof Map
        ? ['map', ...value]
        : value,
  );
}

function idOf(parts: readonly string[]): string {
  return digestOf(Buffer.from(JSON.stringify(parts))).slice('sha256:'.length);
}

/** All work below a place, depth first, what a step stands on before what it takes from; the stack is explicit: files may be long. */
function merged(target: Place): readonly Vertex[] {
  const found = new Map<string, Vertex>();
  const seen = new Set<Place>([target]);
  const stack = [{ place: target, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const before = top.place.before[top.next++];
    if (before === undefined) {
      const { vertex } = top.place;
      found.set(vertex.id, { ...vertex, noCache: vertex.noCache || found.get(vertex.id)?.noCache === true });
      stack.pop();
    } else if (!seen.has(before)) {
      seen.add(before);
      stack.push({ place: before, next: 0 });
    }
  }
  // What is done anew has no place in the cache: nothing that stands on it can be found there by it.
  const anew = new Set<string>();
  for (const { id, noCache, below } of found.values()) if (noCache || anew.has(below ?? '')) anew.add(id);
  return [...found.values()].map((vertex) => (anew.has(vertex.id) ? { ...vertex, noCache: true } : vertex));
}
