import { signal } from "@preact/signals";
import { asRequestError, sentences } from "../data/failure.ts";
import type { Edited, PendingJournal, Status } from "../data/protocol.ts";
import type { EditDraft, Send } from "./context.ts";

interface Hooks {
  say(words: string): void;
  /** Objects have other paths now. */
  moved(from: string, to: string): void;
  /** Fetch anew what an edit has touched. */
  refresh(touched: readonly string[]): Promise<void>;
}

/** Everything that changes the file goes through here; the Python side keeps the journal. */
export class EditState {
  /** State of the whole explorer; null until the file is open. */
  readonly status = signal<Status | null>(null);
  /** Changes of an earlier explorer that wait for a decision. */
  readonly pending = signal<PendingJournal | null>(null);
  /** Counts up with every edit that this view hears of. */
  readonly made = signal(0);
  readonly #request: Send;
  readonly #hooks: Hooks;
  readonly #touched = new Set<string>();
  #refreshing: Promise<void> | null = null;

  constructor(request: Send, hooks: Hooks) {
    this.#request = request;
    this.#hooks = hooks;
  }

  /** Make an edit; resolves when what it touched has been fetched anew, rejects with a `RequestError`. */
  async make(draft: EditDraft): Promise<void> {
    const { body } = await this.#request(draft);
    await this.apply(body);
  }

  /** Make an edit that no field waits for: a failure goes to the status line. */
  async tryTo(draft: EditDraft): Promise<void> {
    try {
      await this.make(draft);
    } catch (reason) {
      this.#hooks.say(sentences(asRequestError(reason)));
    }
  }

  undo(): Promise<void> {
    return this.status.value?.undo ? this.tryTo({ op: "undo" }) : Promise.resolve();
  }

  redo(): Promise<void> {
    return this.status.value?.redo ? this.tryTo({ op: "redo" }) : Promise.resolve();
  }

  /** Take note of an edit, made here, in another view or in Python. */
  apply(edited: Edited): Promise<void> {
    this.made.value += 1;
    this.status.value = edited.status;
    this.pending.value = edited.pending;
    if (edited.words) this.#hooks.say(edited.words);
    for (const [from, to] of edited.moved) this.#hooks.moved(from, to);
    for (const path of edited.touched) this.#touched.add(path);
    // The answer and the event of one edit arrive together: fetch once for both.
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    do {
      const touched = [...this.#touched];
      this.#touched.clear();
      await this.#hooks.refresh(touched);
    } while (this.#touched.size > 0);
  }
}
