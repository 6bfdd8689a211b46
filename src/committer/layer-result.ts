import type { WrittenLayer } from './layer-writer.ts';

/** A change, written and hashed: what layerdb records of it. */
export interface LayerResult extends WrittenLayer {
  /** As moby's directory.Size counts a `diff` folder: every file once, links by the length of their text. */
  readonly diskSize: number;
  /** Whether the change holds nothing at all. */
  readonly empty: boolean;
}
