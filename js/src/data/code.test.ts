import { expect, test } from "vitest";
import { codeOf, type Reproducible } from "./code.ts";

const line = {
  type: "line",
  path: "/acquisition/a/data",
  selection: "0:4096, 0:16",
  first: 0,
  last: 4096,
  x: { label: "time", unit: "s", start: 0, step: 0.001 },
  scaling: "conversion 2.34 \u00d7 10\u207b\u2076",
} as Reproducible & { type: "line" };

test("a line is read with its times, and what was applied is said", () => {
  expect(codeOf(line, false)).toBe(
    [
      "import numpy as np",
      "",
      'data = explorer.file["/acquisition/a/data"][0:4096, 0:16]  # as stored: conversion 2.34 \u00d7 10\u207b\u2076 not applied',
      "time = np.arange(0, 4096) * 0.001  # s",
      "",
    ].join("\n"),
  );
});

test("irregular times are not made up", () => {
  const irregular = { ...line, scaling: "", x: { ...line.x, step: null } };
  expect(codeOf(irregular, false)).toBe('data = explorer.file["/acquisition/a/data"][0:4096, 0:16]\n');
});

test("a path is a Python string whatever is in it", () => {
  const odd = { type: "value", path: '/a "b"\\\n\u2028', text: "", dtype: "" } as Reproducible;
  const code = codeOf(odd, false);
  expect(code).toBe('value = explorer.file["/a \\"b\\"\\\\\\n\u2028"][()]\n');
  expect(code.split("\n")).toHaveLength(2);
});

test("a table that is a group is read column by column, an array as it is", () => {
  const table = {
    type: "table",
    path: "/units",
    selection: "0:412",
    columns: [
      { name: "id", dtype: "", numeric: true },
      { name: "snr", dtype: "", numeric: true },
    ],
  } as Reproducible;
  expect(codeOf(table, true)).toBe(
    'table = explorer.file["/units"]\nrows = {name: table[name][0:412] for name in ["id", "snr"]}\n',
  );
  const ragged = { ...table, columns: [{ name: "spike_times", dtype: "list of float64", numeric: false }] };
  expect(codeOf(ragged as Reproducible, true)).toBe(
    [
      'table = explorer.file["/units"]',
      'rows = {name: table[name][0:412] for name in ["spike_times_index"]}',
      '# spike_times is ragged: row i is table["spike_times"][index[i - 1]:index[i]]',
      "",
    ].join("\n"),
  );
  expect(codeOf(table, false)).toBe('data = explorer.file["/units"][0:412]\n');
});
