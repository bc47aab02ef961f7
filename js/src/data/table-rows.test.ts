import { describe, expect, test } from "vitest";
import type { TablePreview } from "./protocol.ts";
import { firstRow, fullPage, indexOf, pageOf, rowsIn, rowsSelection } from "./table-rows.ts";

function answer(change: Partial<TablePreview>): TablePreview {
  return {
    type: "table",
    id: "",
    path: "/units",
    selection: "0:100",
    columns: [],
    total: 1000,
    offset: 0,
    rows: Array.from({ length: 100 }, () => []),
    cost: { chunks: 1, total_chunks: 1, bytes: 0, seconds: null, requests: null },
    ...change,
  };
}

test.each([
  ["0:100", "200:300"],
  ["0:100, 0:16", "200:300, 0:16"],
  ["3, 0:100, 0:16", "3, 200:300, 0:16"],
])("other rows of %j are %j", (selection, others) => {
  expect(rowsSelection(selection, 200, 300)).toBe(others);
});

test.each([
  ["40:50, 0:16", 40],
  ["3, 40:50", 40],
  [":50", 0],
  ["", 0],
])("%j begins at row %i", (selection, row) => {
  expect(firstRow(selection)).toBe(row);
});

test("a table begins with the page of a row, if there is such a row", () => {
  expect(pageOf(250, "0:100, 0:16", 1000)).toBe("200:300, 0:16");
  expect(pageOf(250, "0:100", 260)).toBe("200:260");
  expect(pageOf(250, "0:100", 200)).toBe("0:100");
});

test("fewer rows than were asked for are a page of that size, unless the table ends there", () => {
  expect(fullPage(answer({ rows: [[], []] }), 100)).toBe(2);
  expect(fullPage(answer({ rows: [[], []], total: 2 }), 100)).toBe(100);
});

describe("rows that are apart", () => {
  const apart = answer({ selection: "10:20:5", offset: 10, rows: [[], []] });

  test("are all there is", () => {
    expect(rowsIn(apart)).toBe(2);
    expect(rowsIn(answer({}))).toBe(1000);
  });

  test("keep their place in the dataset", () => {
    expect([0, 1].map((row) => indexOf(apart, row))).toEqual([10, 15]);
    expect(indexOf(answer({ offset: 100 }), 107)).toBe(107);
  });
});
