import { describe, expect, test } from "vitest";
import { blockText, cellAfter, columnWidth, MOST_COPIED } from "./cells.ts";

const extent = { rows: 1000, columns: 5, page: 10 };

describe("keys", () => {
  test.each([
    ["ArrowDown", { row: 3, column: 2 }, { row: 4, column: 2 }],
    ["ArrowUp", { row: 0, column: 2 }, { row: 0, column: 2 }],
    ["ArrowRight", { row: 3, column: 4 }, { row: 3, column: 4 }],
    ["PageDown", { row: 3, column: 2 }, { row: 13, column: 2 }],
    ["PageDown", { row: 995, column: 2 }, { row: 999, column: 2 }],
    ["PageUp", { row: 3, column: 2 }, { row: 0, column: 2 }],
    ["Home", { row: 3, column: 2 }, { row: 3, column: 0 }],
    ["Home", { row: 3, column: 0 }, { row: 0, column: 0 }],
    ["End", { row: 3, column: 2 }, { row: 3, column: 4 }],
    ["End", { row: 3, column: 4 }, { row: 999, column: 4 }],
  ])("%s from %o leads to %o", (key, from, to) => {
    expect(cellAfter(key, from, extent)).toEqual(to);
  });

  test("other keys mean nothing", () => {
    expect(cellAfter("d", { row: 0, column: 0 }, extent)).toBeNull();
  });
});

describe("copies", () => {
  const text = (row: number, column: number) => (row < 100 ? `${row}.${column}` : undefined);

  test("are the rectangle between two corners, whichever they are", () => {
    const expected = "3.1\t3.2\n4.1\t4.2";
    expect(blockText({ row: 3, column: 1 }, { row: 4, column: 2 }, text)).toBe(expected);
    expect(blockText({ row: 4, column: 1 }, { row: 3, column: 2 }, text)).toBe(expected);
  });

  test("have no holes: with rows that are not here nothing is copied", () => {
    expect(blockText({ row: 98, column: 0 }, { row: 101, column: 0 }, text)).toBeNull();
  });

  test("have a limit that is checked before anything is put together", () => {
    let asked = 0;
    const counting = () => {
      asked += 1;
      return "x";
    };
    expect(blockText({ row: 0, column: 0 }, { row: MOST_COPIED, column: 0 }, counting)).toBeNull();
    expect(asked).toBe(0);
  });

  test("keep a cell in its place though it has tabs and line ends", () => {
    expect(blockText({ row: 0, column: 0 }, { row: 0, column: 0 }, () => "a\tb\r\nc")).toBe("a b c");
  });
});

test("columns hold what is in them, within reason", () => {
  expect(columnWidth("id", "", [])).toBe(56);
  expect(columnWidth("id", "", ["x".repeat(1000)])).toBe(360);
  expect(columnWidth("a long heading", "", ["1"])).toBeGreaterThan(columnWidth("short", "", ["1"]));
});
