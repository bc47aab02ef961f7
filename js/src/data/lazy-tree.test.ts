import { describe, expect, test } from "vitest";
import { blankRow } from "../../dev/mock/row.ts";
import { LazyTree } from "./lazy-tree.ts";
import { levelOf, parentOf } from "./path.ts";
import type { Row } from "./protocol.ts";
import { findByName, parentIndex } from "./tree-model.ts";

function row(path: string, children = 0, change: Partial<Row> = {}): Row {
  return blankRow(path, { kind: children ? "group" : "dataset", children, ...change });
}

const paths = (tree: LazyTree) =>
  Array.from({ length: tree.size() }, (_, index) => tree.at(index)?.row?.path ?? "?");

/** `/a` with two children, `/b` without, `/c` with one. */
function small(): LazyTree {
  const tree = new LazyTree(row("/", 3));
  tree.put("/", 0, 3, [row("/a", 2), row("/b"), row("/c", 1)]);
  return tree;
}

describe("a lazy tree", () => {
  test("shows the rows of an opened group at once, without names until they are loaded", () => {
    const tree = small();
    expect(paths(tree)).toEqual(["/", "/a", "/b", "/c"]);
    tree.expand("/a");
    expect(paths(tree)).toEqual(["/", "/a", "?", "?", "/b", "/c"]);
    tree.put("/a", 0, 2, [row("/a/x"), row("/a/y")]);
    expect(paths(tree)).toEqual(["/", "/a", "/a/x", "/a/y", "/b", "/c"]);
  });

  test("tells level, place and siblings of each row, as ARIA wants them", () => {
    const tree = small();
    tree.expand("/c");
    tree.put("/c", 0, 1, [row("/c/z")]);
    expect(tree.at(3)).toMatchObject({ level: 2, position: 3, siblings: 3, expanded: true, parent: "/" });
    expect(tree.at(4)).toMatchObject({ level: 3, position: 1, siblings: 1, expanded: null, parent: "/c" });
    expect(tree.at(5)).toBeNull();
    expect(parentIndex(tree, 4)).toBe(3);
    expect(parentIndex(tree, 0)).toBe(-1);
  });

  test("finds rows again after collapsing and expanding", () => {
    const tree = small();
    tree.expand("/a");
    tree.put("/a", 0, 2, [row("/a/x"), row("/a/y")]);
    expect(tree.indexOf("/c")).toBe(5);
    tree.collapse("/a");
    expect(tree.indexOf("/c")).toBe(3);
    expect(tree.indexOf("/a/x")).toBe(-1);
    tree.expand("/a");
    expect(tree.indexOf("/a/y")).toBe(3);
  });

  test("keeps what is open below when a page arrives anew, and shrinks with the group", () => {
    const tree = small();
    tree.expand("/c");
    tree.put("/c", 0, 1, [row("/c/z")]);
    tree.put("/", 0, 2, [row("/a", 2, { mark: "M" }), row("/c", 1)]);
    expect(paths(tree)).toEqual(["/", "/a", "/c", "/c/z"]);
    expect(tree.row("/a")?.mark).toBe("M");
    expect(tree.row("/b")).toBeNull();
  });

  test("does not expand what has no children or is not loaded", () => {
    const tree = small();
    expect(tree.expand("/b")).toBe(false);
    expect(tree.expand("/nowhere")).toBe(false);
    expect(tree.size()).toBe(4);
  });

  test("finds names from a row on and around, whatever their case", () => {
    const tree = small();
    expect(findByName(tree, "B", 0)).toBe(2);
    expect(findByName(tree, "a", 2)).toBe(1);
    expect(findByName(tree, "zz", 0)).toBe(-1);
  });

  test("agrees with a list of all rows, whatever is open", () => {
    // A tree of three levels, each group of four; a fixed sequence opens and closes groups.
    const tree = new LazyTree(row("/", 4));
    const known = new Set(["/"]);
    const load = (path: string) => {
      const below = levelOf(path) < 4 ? 4 : 0;
      const names = ["a", "b", "c", "d"].map((name) => `${path === "/" ? "" : path}/${name}`);
      tree.put(
        path,
        0,
        4,
        names.map((name) => row(name, below)),
      );
      for (const name of names) known.add(name);
    };
    load("/");
    const flat = (path: string): string[] => [
      path,
      ...(tree.isExpanded(path)
        ? [...known].filter((child) => child !== "/" && parentOf(child) === path)
        : []
      ).flatMap(flat),
    ];
    let seed = 7;
    for (let step = 0; step < 200; step += 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      const groups = [...known].filter((path) => (tree.row(path)?.children ?? 0) > 0);
      const path = groups[seed % groups.length] ?? "/";
      if (tree.isExpanded(path)) tree.collapse(path);
      else if (tree.expand(path) && !tree.isLoaded(path, 0)) load(path);
      const expected = flat("/");
      expect(paths(tree)).toEqual(expected);
      expect(expected.map((each) => tree.indexOf(each))).toEqual(expected.map((_, index) => index));
    }
  });

  test("opens a group of 100,000 children of which one page is loaded", () => {
    const tree = new LazyTree(row("/", 1));
    tree.put("/", 0, 1, [row("/big", 100_000)]);
    tree.expand("/big");
    tree.put(
      "/big",
      99_500,
      100_000,
      Array.from({ length: 500 }, (_, step) => row(`/big/${99_500 + step}`)),
    );
    expect(tree.size()).toBe(100_002);
    expect(tree.at(100_001)?.row?.name).toBe("99999");
    expect(tree.at(50_000)?.row).toBeNull();
    expect(tree.pageOf("/big/99999")).toBe(99_500);
  });

  test("follows children that come and go, and keeps open what stays", () => {
    const tree = small();
    tree.expand("/a");
    tree.expand("/c");
    tree.put("/a", 0, 2, [row("/a/x"), row("/a/y")]);
    tree.put("/c", 0, 1, [row("/c/z")]);
    tree.put("/", 0, 2, [row("/b"), row("/c", 1)]);
    expect(paths(tree)).toEqual(["/", "/b", "/c", "/c/z"]);
    expect(["/a", "/a/x", "/b", "/c", "/c/z"].map((path) => tree.indexOf(path))).toEqual([-1, -1, 1, 2, 3]);
    tree.put("/", 0, 4, [row("/a", 2), row("/aa"), row("/b"), row("/c", 1)]);
    expect(paths(tree)).toEqual(["/", "/a", "/aa", "/b", "/c", "/c/z"]);
    expect(tree.isExpanded("/a")).toBe(false);
    tree.put("/", 0, 0, []);
    expect(paths(tree)).toEqual(["/"]);
  });

  test("fetches again what stands beyond the page in which something came", () => {
    const tree = new LazyTree(row("/", 1000));
    const page = (from: number) => Array.from({ length: 500 }, (_, step) => row(`/${from + step}`));
    tree.put("/", 0, 1000, page(0));
    tree.put("/", 500, 1000, page(500));
    expect(tree.isLoaded("/", 700)).toBe(true);
    tree.put("/", 0, 1001, [row("/-1"), ...page(0).slice(0, 499)]);
    expect(tree.isLoaded("/", 700)).toBe(false);
    expect(tree.row("/499")).toBeNull();
    expect(tree.size()).toBe(1002);
    tree.put("/", 500, 1001, page(499));
    expect(tree.at(500)?.row?.path).toBe("/498");
    expect(tree.at(501)?.row?.path).toBe("/499");
  });

  test("opens a root that was empty once it is not", () => {
    const tree = new LazyTree(row("/"));
    tree.setRoot(row("/", 1));
    expect(paths(tree)).toEqual(["/", "?"]);
  });
});
