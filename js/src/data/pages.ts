// The pages of a long list, fetched as they come into sight and forgotten when there are many of them.
import { asRequestError, isCancelled, type RequestError } from "./failure.ts";

export interface PagesOptions<T> {
  /** Rows of a page. */
  size: number;
  /** Fetch rows `offset` to `offset + limit`; the last page may be shorter. Rejects with a RequestError. */
  load: (offset: number, limit: number, signal: AbortSignal) => Promise<readonly T[]>;
  /** Rows have come, or a fetch has failed. */
  onChange: () => void;
  /** Pages kept in memory. */
  keep?: number;
  /** Milliseconds to wait before fetching, so that pages which are only scrolled past are not read. */
  delay?: number;
}

export class Pages<T> {
  /** Why nothing more is fetched; `retry` goes on. */
  error: RequestError | null = null;
  readonly #options: Required<PagesOptions<T>>;
  readonly #pages = new Map<number, readonly T[]>();
  readonly #running = new Map<number, AbortController>();
  #wanted: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PagesOptions<T>) {
    this.#options = { keep: 64, delay: 60, ...options };
  }

  /** A row, undefined while it is not here. */
  row(index: number): T | undefined {
    const { size } = this.#options;
    return this.#pages.get(Math.floor(index / size))?.[index % size];
  }

  /** Whether rows in sight are being fetched. */
  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Rows that are here already; ignored unless `offset` is the start of a page. */
  put(offset: number, rows: readonly T[]): void {
    const page = offset / this.#options.size;
    if (!Number.isInteger(page)) return;
    this.#pages.delete(page);
    this.#pages.set(page, rows);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.#options.keep) break;
      if (oldest !== page && !this.#wanted.includes(oldest)) this.#pages.delete(oldest);
    }
  }

  /** Rows `first` to `last` (exclusive) are in sight: fetch what is missing, stop what is not wanted any more. */
  want(first: number, last: number): void {
    const { size, delay } = this.#options;
    this.#wanted = [];
    for (let page = Math.floor(first / size); page * size < last; page += 1) this.#wanted.push(page);
    for (const page of this.#running.keys()) {
      if (!this.#wanted.includes(page)) this.#drop(page);
    }
    clearTimeout(this.#timer);
    if (!this.error && this.#missing().length > 0) this.#timer = setTimeout(() => this.#fetch(), delay);
  }

  /** Fetch again after a failure. */
  retry(): void {
    this.error = null;
    this.#fetch();
    this.#options.onChange();
  }

  /** Stop everything; what is here stays. */
  stop(): void {
    clearTimeout(this.#timer);
    for (const page of this.#running.keys()) this.#drop(page);
  }

  #drop(page: number): void {
    this.#running.get(page)?.abort();
    this.#running.delete(page);
  }

  #missing(): number[] {
    return this.#wanted.filter((page) => !(this.#pages.has(page) || this.#running.has(page)));
  }

  #fetch(): void {
    for (const page of this.#missing()) void this.#fetchPage(page);
  }

  async #fetchPage(page: number): Promise<void> {
    const { size, load, onChange } = this.#options;
    const controller = new AbortController();
    this.#running.set(page, controller);
    try {
      const rows = await load(page * size, size, controller.signal);
      if (controller.signal.aborted) return;
      this.put(page * size, rows);
    } catch (error) {
      if (controller.signal.aborted) return;
      this.error = isCancelled(error) ? null : asRequestError(error);
    }
    this.#running.delete(page);
    onChange();
  }
}
