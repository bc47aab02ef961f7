// The tree of a file of any size. A group keeps its children in pages as they arrive and knows how many rows it
// spans, so that the row at an index is found without a list of all rows: expanding 100,000 children is free.
import { isWithin, parentOf } from "./path.ts";
import type { Row } from "./protocol.ts";
import type { TreeItem, TreeModel } from "./tree-model.ts";

/** Children asked for at a time. */
export const PAGE = 500;

interface Branch {
  total: number;
  /** Sparse: holes are children not loaded yet. */
  rows: Row[];
  indexes: Map<string, number>;
  expanded: boolean;
  /** Children that are expanded themselves: few, so the row at an index is found by counting over them. */
  open: Set<string>;
  spans: Spans | null;
}

/** Kept until the tree changes: the expanded children in order with the rows each spans, and their sum. */
interface Spans {
  open: [index: number, rows: number][];
  rows: number;
}

export class LazyTree implements TreeModel {
  #root: Row;
  readonly #branches = new Map<string, Branch>();

  constructor(root: Row) {
    this.#root = root;
    this.expand("/");
  }

  get root(): Row {
    return this.#root;
  }

  size(): number {
    const top = this.#branches.get("/");
    return 1 + (top ? this.#spans(top).rows : 0);
  }

  at(index: number): TreeItem | null {
    if (index === 0) {
      return {
        row: this.#root,
        parent: null,
        level: 1,
        position: 1,
        siblings: 1,
        expanded: this.isExpanded("/"),
      };
    }
    return index > 0 && index < this.size() ? this.#find("/", index - 1, 2) : null;
  }

  indexOf(path: string): number {
    if (path === "/") return 0;
    const parent = parentOf(path);
    const above = this.indexOf(parent);
    const branch = this.#branches.get(parent);
    const own = branch?.indexes.get(path);
    if (above < 0 || !branch?.expanded || own === undefined) return -1;
    let before = own;
    for (const [child, rows] of this.#spans(branch).open) if (child < own) before += rows;
    return above + 1 + before;
  }

  row(path: string): Row | null {
    if (path === "/") return this.#root;
    const branch = this.#branches.get(parentOf(path));
    return branch?.rows[branch.indexes.get(path) ?? -1] ?? null;
  }

  isExpanded(path: string): boolean {
    return this.#branches.get(path)?.expanded ?? false;
  }

  /** Open a group; false where the row has no children. Its rows appear at once, without names until they are loaded. */
  expand(path: string): boolean {
    const row = this.row(path);
    if (row === null || row.children === 0) return false;
    this.#setExpanded(path, this.#branch(path, row.children), true);
    return true;
  }

  collapse(path: string): void {
    const branch = this.#branches.get(path);
    if (branch) this.#setExpanded(path, branch, false);
  }

  /** Whether the child at an index has arrived. */
  isLoaded(path: string, index: number): boolean {
    return this.#branches.get(path)?.rows[index] !== undefined;
  }

  /** Children known to exist, loaded or not. */
  total(path: string): number {
    return this.#branches.get(path)?.total ?? this.row(path)?.children ?? 0;
  }

  /** Offset of the page a loaded row came with; null if it is not loaded. */
  pageOf(path: string): number | null {
    const own = this.#branches.get(parentOf(path))?.indexes.get(path);
    return own === undefined ? null : own - (own % PAGE);
  }

  /** Whether the children of a group have been asked for. */
  isKnown(path: string): boolean {
    return this.#branches.has(path);
  }

  setRoot(row: Row): void {
    this.#root = row;
    // What was empty is seen to be so no longer.
    if (!this.isKnown("/")) this.expand("/");
  }

  /**
   * Take a page of children. Rows that were there keep what is open below them. Where some have come or gone, rows
   * beyond the page may stand elsewhere by now: they are fetched again when they are in sight.
   */
  put(path: string, offset: number, total: number, rows: readonly Row[]): void {
    const branch = this.#branch(path, total);
    const moved =
      total !== branch.total ||
      rows.some((row, step) => (branch.rows[offset + step]?.path ?? row.path) !== row.path);
    const before = moved ? branch.rows.filter(Boolean) : [];
    if (moved) {
      branch.rows = [];
      branch.indexes.clear();
    }
    branch.total = total;
    rows.forEach((row, step) => {
      branch.rows[offset + step] = row;
      branch.indexes.set(row.path, offset + step);
    });
    const whole = rows.length === total;
    for (const row of before) if (whole && !branch.indexes.has(row.path)) this.#forget(row.path);
    this.#forgetSpans();
  }

  /** A group that has gone: if one of that name comes back, it is another. */
  #forget(path: string): void {
    this.#branches.get(parentOf(path))?.open.delete(path);
    for (const known of this.#branches.keys()) if (isWithin(known, path)) this.#branches.delete(known);
  }

  #branch(path: string, total: number): Branch {
    const known = this.#branches.get(path);
    if (known) return known;
    const branch = {
      total,
      rows: [],
      indexes: new Map(),
      expanded: false,
      open: new Set<string>(),
      spans: null,
    };
    this.#branches.set(path, branch);
    return branch;
  }

  #setExpanded(path: string, branch: Branch, expanded: boolean): void {
    branch.expanded = expanded;
    const siblings = path === "/" ? undefined : this.#branches.get(parentOf(path))?.open;
    if (expanded) siblings?.add(path);
    else siblings?.delete(path);
    this.#forgetSpans();
  }

  #forgetSpans(): void {
    for (const branch of this.#branches.values()) branch.spans = null;
  }

  #spans(branch: Branch): Spans {
    if (branch.spans) return branch.spans;
    const open: [number, number][] = [];
    let rows = branch.expanded ? branch.total : 0;
    for (const path of branch.open) {
      const index = branch.indexes.get(path);
      const below = this.#branches.get(path);
      if (index !== undefined && below) open.push([index, this.#spans(below).rows]);
    }
    open.sort(([a], [b]) => a - b);
    if (branch.expanded) for (const [, span] of open) rows += span;
    branch.spans = { open, rows };
    return branch.spans;
  }

  /** The row `offset` rows below the row of a group. */
  #find(path: string, offset: number, level: number): TreeItem | null {
    const branch = this.#branches.get(path);
    if (!branch) return null;
    let index = offset;
    for (const [child, span] of this.#spans(branch).open) {
      if (index <= child) break;
      const below = branch.rows[child]?.path;
      if (index <= child + span && below !== undefined)
        return this.#find(below, index - child - 1, level + 1);
      index -= span;
    }
    const row = branch.rows[index] ?? null;
    return {
      row,
      parent: path,
      level,
      position: index + 1,
      siblings: branch.total,
      expanded: row === null || row.children === 0 ? null : this.isExpanded(row.path),
    };
  }
}
