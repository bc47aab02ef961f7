// Edits of the mock file: values by node and name, undone by taking back the last one.
import type { Change, Mark } from "../../src/data/protocol.ts";
import type { MockAttribute, MockNode } from "./file.ts";

interface Edit {
  key: string;
  before: MockAttribute | null;
  after: MockAttribute | null;
}

interface Step {
  words: string;
  edits: Edit[];
}

const keyOf = (path: string, name: string) => `${path}\n${name}`;
const partsOf = (key: string) => key.split("\n") as [path: string, name: string];

export class MockJournal {
  readonly #source: Map<string, MockNode>;
  readonly #now = new Map<string, MockAttribute | null>();
  readonly #done: Step[] = [];
  readonly #undone: Step[] = [];
  readonly #ids = new Map<string, number>();

  constructor(source: Map<string, MockNode>) {
    this.#source = source;
  }

  get undoWords(): string {
    return this.#done.at(-1)?.words ?? "";
  }

  get redoWords(): string {
    return this.#undone.at(-1)?.words ?? "";
  }

  /** The value as edited; null where there is none. */
  get(path: string, name: string): MockAttribute | null {
    const now = this.#now.get(keyOf(path, name));
    return now === undefined ? this.original(path, name) : now;
  }

  original(path: string, name: string): MockAttribute | null {
    const node = this.#source.get(path);
    return (name === "" ? node?.value : node?.attributes[name]) ?? null;
  }

  /** Names of all attributes there are or were. */
  names(path: string): string[] {
    const added = [...this.#now.keys()].map(partsOf).filter(([each, name]) => each === path && name !== "");
    return [
      ...new Set([
        ...Object.keys(this.#source.get(path)?.attributes ?? {}),
        ...added.map(([, name]) => name),
      ]),
    ];
  }

  mark(path: string, name: string): Mark {
    const before = this.original(path, name);
    const after = this.get(path, name);
    if (JSON.stringify(before) === JSON.stringify(after)) return "";
    if (before === null) return "A";
    return after === null ? "D" : "M";
  }

  idOf(path: string, name: string): number {
    const key = keyOf(path, name);
    const id = this.#ids.get(key) ?? this.#ids.size + 1;
    this.#ids.set(key, id);
    return id;
  }

  /** Values that differ from the source, in the order of the tree. */
  changes(): Change[] {
    const order = [...this.#source.keys()];
    return [...this.#now.keys()]
      .map(partsOf)
      .filter(([path, name]) => this.mark(path, name) !== "")
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([path, name]) => {
        const old = this.original(path, name);
        const now = this.get(path, name);
        return {
          id: this.idOf(path, name),
          mark: this.mark(path, name),
          path,
          name,
          type: now?.type ?? old?.type ?? "",
          old: old && shown(old),
          new: now && shown(now),
          revertible: true,
        };
      });
  }

  set(path: string, name: string, value: MockAttribute | null, words: string): string[] {
    return this.#do({
      words,
      edits: [{ key: keyOf(path, name), before: this.get(path, name), after: value }],
    });
  }

  revert(ids: readonly number[]): string[] {
    const gone = this.changes().filter(({ id }) => ids.length === 0 || ids.includes(id));
    const edits = gone.map(({ path, name }) => ({
      key: keyOf(path, name),
      before: this.get(path, name),
      after: this.original(path, name),
    }));
    return this.#do({
      words: `revert ${gone.length === 1 ? gone[0]?.name || "value" : `${gone.length} changes`}`,
      edits,
    });
  }

  undo(): string[] {
    const step = this.#done.pop();
    if (!step) return [];
    this.#undone.push(step);
    return this.#write(step.edits.map(({ key, before, after }) => ({ key, before: after, after: before })));
  }

  redo(): string[] {
    const step = this.#undone.pop();
    if (!step) return [];
    this.#done.push(step);
    return this.#write(step.edits);
  }

  #do(step: Step): string[] {
    this.#undone.length = 0;
    this.#done.push(step);
    return this.#write(step.edits);
  }

  #write(edits: readonly Edit[]): string[] {
    for (const { key, after } of edits) this.#now.set(key, after);
    return [...new Set(edits.map(({ key }) => partsOf(key)[0]))];
  }
}

function shown({ type, text }: MockAttribute): string {
  return type === "utf-8" ? JSON.stringify(text) : text;
}
