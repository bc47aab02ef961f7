// A tree whose rows are all at hand: search results and changed objects. Everything is open at first.
import { isWithin, levelOf, parentOf } from "./path.ts";
import type { Row } from "./protocol.ts";
import type { TreeItem, TreeModel } from "./tree-model.ts";

export class ListTree implements TreeModel {
  readonly #items: TreeItem[];
  readonly #indexes: Map<string, number>;

  /** `rows` in the order of the tree, each after its parents; nothing is shown below the `collapsed`. */
  constructor(rows: readonly Row[], collapsed: ReadonlySet<string> = new Set()) {
    const families = new Map<string, string[]>();
    for (const { path } of rows) {
      if (path === "/") continue;
      const parent = parentOf(path);
      const family = families.get(parent);
      if (family) family.push(path);
      else families.set(parent, [path]);
    }
    const shown = rows.filter(
      ({ path }) => ![...collapsed].some((top) => path !== top && isWithin(path, top)),
    );
    this.#items = shown.map((row) => {
      const siblings = row.path === "/" ? [row.path] : (families.get(parentOf(row.path)) ?? []);
      return {
        row,
        parent: row.path === "/" ? null : parentOf(row.path),
        level: levelOf(row.path),
        position: siblings.indexOf(row.path) + 1,
        siblings: siblings.length,
        expanded: families.has(row.path) ? !collapsed.has(row.path) : null,
      };
    });
    this.#indexes = new Map(shown.map((row, index) => [row.path, index]));
  }

  size(): number {
    return this.#items.length;
  }

  at(index: number): TreeItem | null {
    return this.#items[index] ?? null;
  }

  indexOf(path: string): number {
    return this.#indexes.get(path) ?? -1;
  }
}
