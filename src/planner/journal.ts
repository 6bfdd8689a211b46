/**
 * What changed one after the other, and the state after any number of changes, worked out when it is asked for: thousands of
 * steps that each know their own state need not hold thousands of copies. Asking in rising order costs one pass in all.
 */
export class Journal<Change, State> {
  readonly #changes: Change[] = [];
  readonly #start: () => State;
  readonly #apply: (state: State, change: Change) => void;
  #state: State | undefined;
  #at = 0;

  /**
   * @param start makes the state before the first change, anew each time
   * @param apply brings a change into a state
   */
  constructor(start: () => State, apply: (state: State, change: Change) => void) {
    this.#start = start;
    this.#apply = apply;
  }

  get length(): number {
    return this.#changes.length;
  }

  append(change: Change): void {
    this.#changes.push(change);
  }

  /** The state after the first `length` changes. It is the journal's own: copy what is to be kept. */
  at(length: number): State {
    let state = this.#state;
    if (state === undefined || length < this.#at) {
      state = this.#start();
      this.#state = state;
      this.#at = 0;
    }
    for (; this.#at < length; this.#at++) this.#apply(state, this.#changes[this.#at] as Change);
    return state;
  }
}

/** A function that works out its value at the first call and keeps it. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
