/** How a Docker version writes layer tars and `tar-split.json.gz`. */
export interface LayerFormat {
  /** Docker up to 23 puts the kind of a file into the mode of its header. */
  readonly fileTypeBits: boolean;
  /** Headers name the owner and the group as the accounts of the daemon's host have them. */
  readonly ownerNames: boolean;
  /** Docker up to 24 closes tar-split with one more, empty segment. */
  readonly trailingSegment: boolean;
  /** Go before 1.22 escapes backspace and form feed the long way. */
  readonly longEscapes: boolean;
  /** Unpacking gives a whiteout that is root's to root; Docker 28 leaves it with the group that a set-group folder hands down. */
  readonly whiteoutsOwned: boolean;
}

/** How a Docker version prints image configs. */
export interface ConfigFormat {
  /** Where `author` stands in a history row of the classic builder: behind created_by since Docker 25. */
  readonly historyAuthor: 'before' | 'after';
  /** BuildKit up to 0.12: the health check before ArgsEscaped, OnBuild there even when null. */
  readonly earlyLayout: boolean;
  readonly longEscapes: boolean;
}

export const layers28: LayerFormat = Object.freeze({
  fileTypeBits: false,
  ownerNames: false,
  trailingSegment: false,
  longEscapes: false,
  whiteoutsOwned: false,
});

export const layers2010: LayerFormat = Object.freeze({
  fileTypeBits: true,
  ownerNames: true,
  trailingSegment: true,
  longEscapes: true,
  whiteoutsOwned: true,
});

export const configs28: ConfigFormat = Object.freeze({
  historyAuthor: 'after',
  earlyLayout: false,
  longEscapes: false,
});
export const configs2010: ConfigFormat = Object.freeze({
  historyAuthor: 'before',
  earlyLayout: true,
  longEscapes: true,
});
