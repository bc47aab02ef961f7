import { batch, computed, signal } from "@preact/signals";
import { asRequestError, isCancelled, localFailure, type RequestError, sentences } from "../data/failure.ts";
import { nameOf } from "../data/path.ts";
import type { Choosing, Row } from "../data/protocol.ts";
import type { Send } from "./context.ts";
import { SearchState } from "./search.ts";
import { TreeState } from "./tree.ts";

/** The files of a dandiset, while none of them is open. What was searched for stays for the way back. */
export class ChoosingState {
  /** Null while a file is open. */
  readonly list = signal<Choosing | null>(null);
  readonly path = signal("/");
  /** Counts up when the row is to be brought into sight. */
  readonly jumps = signal(0);
  /** Path of the file that is being opened. */
  readonly opening = signal<string | null>(null);
  readonly #failed = signal<{ path: string; error: RequestError } | null>(null);
  /** Why the picked file could not be opened. */
  readonly error = computed(() =>
    this.#failed.value?.path === this.path.value ? this.#failed.value.error : null,
  );
  readonly tree: TreeState;
  readonly search: SearchState;
  readonly #request: Send;
  readonly #say: (words: string) => void;

  constructor(request: Send, say: (words: string) => void) {
    this.#request = request;
    this.#say = say;
    // What is answered after a file was opened is not about the list.
    const ofList: Send = async (draft, options) => {
      const reply = await request(draft, options);
      if (this.list.peek() === null) throw localFailure("cancelled", "The list was left");
      return reply;
    };
    this.tree = new TreeState(ofList, say);
    this.search = new SearchState(ofList);
  }

  /** There is a list, for the first time or again: something may have been uploaded meanwhile. */
  async show(list: Choosing): Promise<void> {
    batch(() => {
      this.list.value = list;
      this.path.value = list.selected;
      this.opening.value = null;
      this.#failed.value = null;
    });
    void this.search.refresh();
    await this.tree.open(list.root);
    await this.tree.reveal(list.selected);
    this.tree.toggle(list.selected, true);
    this.jumps.value += 1;
  }

  /** A file is open. */
  leave(): void {
    this.list.value = null;
  }

  row(path: string): Row | null {
    return (
      this.tree.rows?.row(path) ?? this.search.found.value?.rows.find((row) => row.path === path) ?? null
    );
  }

  pick(path: string): void {
    this.path.value = path;
  }

  /** Open a file. Its explorer comes as an event, to this view as to all. */
  async open(path: string, readyMade = true): Promise<void> {
    if (this.opening.peek() !== null || this.row(path)?.children !== 0) return;
    batch(() => {
      this.path.value = path;
      this.opening.value = path;
      this.#failed.value = null;
    });
    try {
      await this.#request({ op: "choose", path, ready_made: readyMade });
    } catch (reason) {
      if (!isCancelled(reason)) this.#fail(path, asRequestError(reason));
    } finally {
      this.opening.value = null;
    }
  }

  /** Stands beside the list as long as this file is picked; whoever has picked another one is told in a line. */
  #fail(path: string, error: RequestError): void {
    this.#failed.value = { path, error };
    if (path !== this.path.peek()) this.#say(`“${nameOf(path)}” was not opened. ${sentences(error)}`);
  }
}
