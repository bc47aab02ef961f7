import { batch, computed, signal } from "@preact/signals";
import { asRequestError, isCancelled, type RequestError } from "../data/failure.ts";
import { ListTree } from "../data/list-tree.ts";
import type { Found } from "../data/protocol.ts";
import { withPath } from "./changes.ts";
import type { Send } from "./context.ts";

export const SEARCH_AFTER_MS = 150;

/** The search by name over the whole file, answered by Python. */
export class SearchState {
  readonly text = signal("");
  /** The answer to `text`, or to the text before while the next answer is on its way. */
  readonly found = signal<Found | null>(null);
  readonly error = signal<RequestError | null>(null);
  /** From typing to the answer. */
  readonly milliseconds = signal(0);
  readonly collapsed = signal<ReadonlySet<string>>(new Set());
  readonly tree = computed(() =>
    this.found.value ? new ListTree(this.found.value.rows, this.collapsed.value) : null,
  );
  readonly #request: Send;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop = new AbortController();

  constructor(request: Send) {
    this.#request = request;
  }

  type(text: string): void {
    this.text.value = text;
    clearTimeout(this.#timer);
    this.#stop.abort();
    if (text.trim() === "") this.clear();
    else this.#timer = setTimeout(() => void this.#run(), SEARCH_AFTER_MS);
  }

  /** Bring the answer to what is typed now, at once. */
  async settle(): Promise<void> {
    const text = this.text.peek().trim();
    if (text === "" || this.isSettled()) return;
    clearTimeout(this.#timer);
    await this.#run();
  }

  /** Whether `found` is the answer to what is typed now. */
  isSettled(): boolean {
    return this.error.peek() === null && this.found.peek()?.text === this.text.peek().trim();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
    batch(() => {
      this.text.value = "";
      this.found.value = null;
      this.error.value = null;
      this.collapsed.value = new Set();
    });
  }

  toggle(path: string, expanded: boolean): void {
    this.collapsed.value = withPath(this.collapsed.value, path, !expanded);
  }

  /** Search again, as the marks of what was found have changed. */
  async refresh(): Promise<void> {
    if (this.found.value) await this.#run();
  }

  async #run(): Promise<void> {
    this.#stop.abort();
    const stop = new AbortController();
    this.#stop = stop;
    const start = performance.now();
    try {
      const { body } = await this.#request(
        { op: "search", text: this.text.value.trim() },
        { signal: stop.signal },
      );
      batch(() => {
        this.found.value = body;
        this.error.value = null;
        this.milliseconds.value = performance.now() - start;
      });
    } catch (reason) {
      if (!isCancelled(reason)) this.error.value = asRequestError(reason);
    }
  }
}
