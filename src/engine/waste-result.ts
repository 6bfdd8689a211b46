import type { ByteString } from '../formats/bytestring.ts';
import type { PlannedFile } from './plan/planned-rows.ts';
import type { HiddenCopy, WasteCause } from './waste/find-waste.ts';

export interface WasteRequest {
  readonly dataRoot: string;
  readonly image: string;
  /** The image that it stands on, where it should not be looked for. */
  readonly base?: string;
  /** The Dockerfile that it was built from, to name its lines. */
  readonly dockerfile?: Omit<PlannedFile, 'dataRoot'>;
}

export interface WasteLayer {
  /** 0 is the lowest. */
  readonly index: number;
  readonly chainId: string;
  readonly diffId: string;
  /** Bytes, as docker counts them. */
  readonly size: number;
  /** Bytes of it that later layers hide. */
  readonly hidden: number;
  /** The instruction that made it; empty where the history does not say. */
  readonly text: string;
  /** As the history has it. */
  readonly createdBy: string;
  /** Line of the Dockerfile, where that was given and has it. */
  readonly line: number | undefined;
  /** Whether it is a layer of the base image. */
  readonly base: boolean;
}

/** What one instruction hides of one other's bytes. */
export interface WasteDeed {
  readonly cause: WasteCause;
  /** Layer that holds the bytes. */
  readonly writer: number;
  /** Layer that hides them. */
  readonly hider: number;
  readonly bytes: number;
  readonly files: number;
  readonly advice: string;
}

export interface WastePath {
  readonly path: ByteString;
  /** Bytes of the hidden copies. */
  readonly bytes: number;
  readonly copies: readonly HiddenCopy[];
  /** Copies that are stored, the one that is seen included. */
  readonly stored: number;
}

/** The bytes of an image that its later layers hide. */
export interface WasteResult {
  readonly imageId: string;
  /** Names of the image. */
  readonly tags: readonly string[];
  /** Name of the base image, where it is known. */
  readonly base: string | undefined;
  readonly layers: readonly WasteLayer[];
  /** Bytes of all layers. */
  readonly size: number;
  readonly wastedBytes: number;
  /** Bytes of the layers above the base; where no base is known, above the lowest layer. */
  readonly userBytes: number;
  /** Bytes that those layers hide, of their own or of what is below. */
  readonly userWastedBytes: number;
  /** 1: nothing is hidden. 0: everything is. */
  readonly efficiency: number;
  /** Of the bytes of the layers above the base, 0-1. */
  readonly userWastedPercent: number;
  /** What instructions above the base hide, most bytes first. */
  readonly deeds: readonly WasteDeed[];
  /** What layers of the base hide of each other. */
  readonly baseDeeds: readonly WasteDeed[];
  /** By path, most bytes first. */
  readonly paths: readonly WastePath[];
}
