/** What is used of the model that the host hands over (the shape of anywidget's `AnyModel`). */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown): void;
  // The arguments depend on the event: a message carries its content and buffers, a change carries nothing of use.
  on(event: string, listener: Listener): void;
  off(event: string, listener: Listener): void;
  /** Present in JupyterLab and Notebook; knows the kernel. */
  widget_manager?: unknown;
}

export type Listener = (content: unknown, buffers: unknown) => void;

/** The traits both sides write. */
export interface Traits {
  selected: string;
  selection: string;
  view: string;
  height: number;
}

/** Typed access to the synchronised traits. */
export class TraitLink {
  readonly #model: Model;
  readonly #stops: (() => void)[] = [];

  constructor(model: Model) {
    this.#model = model;
  }

  /** The value of a trait; `fallback` where the Python side sent something else. */
  get<K extends keyof Traits>(name: K, fallback: Traits[K]): Traits[K] {
    const value = this.#model.get(name);
    return typeof value === typeof fallback ? (value as Traits[K]) : fallback;
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    if (this.#model.get(name) === value) return;
    this.#model.set(name, value);
    this.#model.save_changes();
  }

  /** Select another object. A selection belongs to the object it was made for: both go in one message. */
  select(path: string): void {
    if (this.#model.get("selected") === path) return;
    this.#model.set("selected", path);
    this.#model.set("selection", "");
    this.#model.save_changes();
  }

  /** Call `listener` when the Python side, or another view, changes a trait. */
  watch<K extends keyof Traits>(name: K, fallback: Traits[K], listener: (value: Traits[K]) => void): void {
    const event = `change:${name}`;
    const call = () => listener(this.get(name, fallback));
    this.#model.on(event, call);
    this.#stops.push(() => this.#model.off(event, call));
  }

  dispose(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }
}
