import { batch, signal } from "@preact/signals";
import { asRequestError, isCancelled, isGone, type RequestError } from "../data/failure.ts";
import { isWithin } from "../data/path.ts";
import type { NodeCard } from "../data/protocol.ts";
import type { Send } from "./context.ts";
import { SPINNER_AFTER_MS } from "./use-reply.ts";

/** The card of the selected node. */
export class NodeState {
  /** Null until it has arrived; never the card of another node than the selected one. */
  readonly card = signal<NodeCard | null>(null);
  readonly error = signal<RequestError | null>(null);
  /** On its way for longer than a moment. */
  readonly slow = signal(false);
  readonly #request: Send;
  #path: string | null = null;
  #stop = new AbortController();

  constructor(request: Send) {
    this.#request = request;
  }

  get path(): string | null {
    return this.#path;
  }

  /** Show another node. */
  show(path: string): Promise<void> {
    if (path === this.#path) return Promise.resolve();
    this.#path = path;
    batch(() => {
      this.card.value = null;
      this.error.value = null;
    });
    return this.reload();
  }

  /** Another file is open, or none. */
  clear(): void {
    this.#stop.abort();
    this.#path = null;
    batch(() => {
      this.card.value = null;
      this.error.value = null;
    });
  }

  /** Fetch the card again; what is there stays until the new one has come. */
  async reload(): Promise<void> {
    const error = await this.#load();
    if (error) this.error.value = error;
  }

  /** Null where the card has come, or is no longer waited for. */
  async #load(): Promise<RequestError | null> {
    if (this.#path === null) return null;
    this.#stop.abort();
    const stop = new AbortController();
    this.#stop = stop;
    const timer = setTimeout(() => {
      this.slow.value = true;
    }, SPINNER_AFTER_MS);
    try {
      const { body } = await this.#request({ op: "node", path: this.#path }, { signal: stop.signal });
      batch(() => {
        this.card.value = body.card;
        this.error.value = null;
      });
      return null;
    } catch (reason) {
      // Cancelled by hand shows; overtaken by another request does not.
      return this.#stop === stop || !isCancelled(reason) ? asRequestError(reason) : null;
    } finally {
      clearTimeout(timer);
      if (this.#stop === stop) this.slow.value = false;
    }
  }

  /** Fetch the card again if an edit touched it, or something its views are made of. False if the node has gone. */
  async refresh(touched: readonly string[]): Promise<boolean> {
    const path = this.#path;
    if (path === null || !touched.some((each) => isWithin(each, path) || isWithin(path, each))) return true;
    const error = await this.#load();
    if (error && isGone(error) && this.card.value && this.#path === path) return false;
    if (error) this.error.value = error;
    return true;
  }
}
