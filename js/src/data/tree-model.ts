// What the tree view shows: rows by index, of which only those in sight are ever asked for.
import type { Row } from "./protocol.ts";

export interface TreeItem {
  /** Null while the row has not been loaded. */
  row: Row | null;
  /** Path of the row above in the hierarchy, null for the root. */
  parent: string | null;
  /** 1 for the root. */
  level: number;
  /** 1-based place among its siblings. */
  position: number;
  siblings: number;
  /** Null where there is nothing to expand. */
  expanded: boolean | null;
}

export interface TreeModel {
  /** How many rows there are, loaded or not. */
  size(): number;
  at(index: number): TreeItem | null;
  /** Index of a row that is loaded and not inside a collapsed one; -1 otherwise. */
  indexOf(path: string): number;
}

/** Index of the row above in the hierarchy, -1 for the root. */
export function parentIndex(tree: TreeModel, index: number): number {
  const parent = tree.at(index)?.parent;
  return parent === null || parent === undefined ? -1 : tree.indexOf(parent);
}

/** Index of the next loaded row whose name starts with `text`, searched from `from` on and around. */
export function findByName(tree: TreeModel, text: string, from: number): number {
  const start = text.toLowerCase();
  const size = tree.size();
  for (let step = 0; step < size; step += 1) {
    const index = (from + step) % size;
    if (tree.at(index)?.row?.name.toLowerCase().startsWith(start)) return index;
  }
  return -1;
}
