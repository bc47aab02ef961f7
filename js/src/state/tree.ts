import { signal } from "@preact/signals";
import { asRequestError, isCancelled, isGone, sentences } from "../data/failure.ts";
import { LazyTree, PAGE } from "../data/lazy-tree.ts";
import { lineage, nameOf, parentOf } from "../data/path.ts";
import type { Row } from "../data/protocol.ts";
import type { Send } from "./context.ts";

/** Looking for one name in a huge group, larger pages make fewer round trips; a page stays below 2 MB. */
const SEEK_PAGE = 2000;

/** The file's tree: which rows are there, which are open, and which pages are on their way. */
export class TreeState {
  /** Counts up whenever `rows` has changed. */
  readonly version = signal(0);
  rows: LazyTree | null = null;
  readonly #request: Send;
  readonly #fail: (words: string) => void;
  readonly #loading = new Map<string, Promise<boolean>>();

  constructor(request: Send, fail: (words: string) => void) {
    this.#request = request;
    this.#fail = fail;
  }

  /** Start with the root of an opened file; its children are fetched at once. */
  open(root: Row): Promise<boolean> {
    this.rows = new LazyTree(root);
    this.#changed();
    return this.need("/", 0);
  }

  /** Another file is open, or none. */
  close(): void {
    this.rows = null;
    this.#changed();
  }

  toggle(path: string, expanded: boolean): void {
    if (expanded) this.rows?.expand(path);
    else this.rows?.collapse(path);
    this.#changed();
  }

  /** Open all groups beside a row. */
  expandSiblings(path: string): void {
    const parent = parentOf(path);
    const { rows } = this;
    if (!rows || path === "/") return;
    const first = rows.indexOf(parent) + 1;
    const last = rows.size();
    const siblings: string[] = [];
    for (let index = first; index < last; index += 1) {
      const item = rows.at(index);
      if (item?.parent === parent && item.row) siblings.push(item.row.path);
    }
    for (const sibling of siblings) rows.expand(sibling);
    this.#changed();
  }

  /** Fetch the page that holds a child, unless it is there or on its way. False if it cannot be had. */
  readonly need = (path: string, index: number): Promise<boolean> => {
    if (this.rows?.isLoaded(path, index)) return Promise.resolve(true);
    return this.#load(path, index - (index % PAGE), PAGE);
  };

  /** Open everything above a node and load its row. False if there is no such node. */
  async reveal(path: string): Promise<boolean> {
    for (const step of lineage(path).slice(1)) {
      const parent = parentOf(step);
      if (!(await this.#seek(parent, step))) return false;
      this.rows?.expand(parent);
    }
    this.#changed();
    return true;
  }

  /** Fetch the rows of changed nodes and of everything above them anew: their marks have changed. */
  async refresh(touched: readonly string[]): Promise<void> {
    const { rows } = this;
    if (!rows) return;
    const pages = new Map<string, [path: string, offset: number]>();
    for (const path of new Set(touched.flatMap(lineage))) {
      const offset = path === "/" ? null : rows.pageOf(path);
      if (offset !== null) pages.set(`${parentOf(path)}:${offset}`, [parentOf(path), offset]);
      // A node may have been added to a group, or taken out of it.
      if (rows.isKnown(path)) pages.set(`${path}:0`, [path, 0]);
    }
    const root = this.#request({ op: "node", path: "/" }).then(
      ({ body }) => rows.setRoot(body.card.row),
      () => undefined, // the marks of the root are old until the next edit
    );
    await Promise.all([
      root,
      ...[...pages.values()].map(([path, offset]) => this.#load(path, offset, PAGE, true)),
    ]);
    this.#changed();
  }

  async #seek(parent: string, path: string): Promise<boolean> {
    const { rows } = this;
    if (!rows) return false;
    if (rows.row(path)) return true;
    await this.need(parent, 0);
    for (let offset = PAGE; !rows.row(path) && offset < rows.total(parent); offset += SEEK_PAGE) {
      if (!(await this.#load(parent, offset, SEEK_PAGE))) return false;
    }
    return rows.row(path) !== null;
  }

  /** `quiet`: a group that is no longer there is no failure. */
  #load(path: string, offset: number, limit: number, quiet = false): Promise<boolean> {
    const key = `${path}:${offset}:${limit}`;
    const running = this.#loading.get(key);
    if (running) return running;
    const page = this.#request({ op: "children", path, offset, limit })
      .then(({ body }) => {
        this.rows?.put(path, body.offset, body.total, body.rows);
        return true;
      })
      .catch((reason: unknown) => {
        const error = asRequestError(reason);
        if (quiet && isGone(error)) return false;
        // Rows without names would stay for ever: close the group, so that opening it again tries again.
        if (path !== "/") this.rows?.collapse(path);
        if (!isCancelled(error)) this.#fail(`“${nameOf(path)}” was not opened. ${sentences(error)}`);
        return false;
      })
      .finally(() => {
        this.#loading.delete(key);
        this.#changed();
      });
    this.#loading.set(key, page);
    return page;
  }

  #changed(): void {
    this.version.value += 1;
  }
}
