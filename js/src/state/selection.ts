import { signal } from "@preact/signals";

/** The trait is written when the picture has rested for so long: not with every frame that is played. */
const REST_MS = 250;

/** What Python has asked to see; a new object each time it asks, be it for the same. */
export interface Wanted {
  path: string;
  /** `0:4096, 0:16`; empty = what the view begins with. */
  text: string;
}

interface Trait {
  read: () => string;
  write: (text: string) => void;
}

/**
 * The trait `selection`, followed and written. It tells which part of the selected dataset is shown. What Python has set
 * is left as it was written while just that is shown, so that explorers linked to each other come to rest.
 */
export class SelectionState {
  readonly wanted = signal<Wanted | null>(null);
  readonly #trait: Trait;
  #path = "";
  /** Something of this object was shown or asked for, so that an empty trait asks for the beginning. */
  #begun = false;
  #written: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(trait: Trait) {
    this.#trait = trait;
  }

  get path(): string {
    return this.#path;
  }

  /** Another object is selected; `text` = what is asked for of it. */
  move(path: string, text = ""): void {
    this.#forget();
    this.#path = path;
    this.#begun = false;
    this.wanted.value = null;
    if (text !== "") this.follow(text);
  }

  /** The trait has changed. */
  follow(text: string): void {
    if (text === this.#written) return;
    this.#forget();
    // Python empties the trait when another object is selected: nothing is asked for by that.
    if (text === "" && !this.#begun) return;
    this.#begun = true;
    this.wanted.value = { path: this.#path, text };
  }

  /** A view shows the answer to `asked`, which Python calls `answered`. */
  show(path: string, asked: string, answered: string): void {
    if (path !== this.#path) return;
    clearTimeout(this.#timer);
    this.#begun = true;
    this.#timer = setTimeout(() => {
      if (this.#trait.read() === asked) return;
      this.#written = answered;
      this.#trait.write(answered);
    }, REST_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#written = null;
  }
}
