import { describe, expect, test } from "vitest";
import { blankRow } from "../../dev/mock/row.ts";
import type { Row } from "./protocol.ts";
import { rowFact, rowTip } from "./row-facts.ts";

const base = blankRow("/acquisition/x");

describe("the fact of a row", () => {
  test.each<[string, Partial<Row>, string]>([
    ["a typed group", { type_name: "TimeSeries", stored_bytes: 5 }, "TimeSeries"],
    [
      "a group named like its type",
      { name: "ElectricalSeriesAP", type_name: "ElectricalSeries", stored_bytes: 83.6e9 },
      "83.6 GB",
    ],
    [
      "one whose size is not known",
      { name: "ElectricalSeriesAP", type_name: "ElectricalSeries" },
      "ElectricalSeries",
    ],
    ["a plain group", { children: 5, stored_bytes: 7 }, "5"],
    ["an empty group", {}, "empty"],
    ["an array", { kind: "dataset", shape: [14_062_934, 384], dtype: "int16" }, "14.1M × 384 int16"],
    ["a scalar", { kind: "dataset", shape: [], dtype: "float64" }, "float64"],
    ["a link", { kind: "link", target: "/general/devices" }, "→ general/devices"],
    ["a broken link", { kind: "broken", problem: "no target" }, "broken"],
  ])("%s", (_, change, fact) => {
    expect(rowFact({ ...base, ...change })).toBe(fact);
  });

  test("the tooltip has what the row has no room for, marks in words", () => {
    const data: Row = {
      ...base,
      name: "data",
      kind: "dataset",
      shape: [5, 384],
      dtype: "int16",
      stored_bytes: 7e9,
      mark: "M",
      finding: "error",
    };
    expect(rowTip(data)).toBe("data · 5 × 384 int16 · 7 GB stored · edited · error");
    expect(rowTip({ ...base, below: "A", finding_below: "warning" })).toBe(
      "x · 0 objects · added below · warning below",
    );
  });
});
