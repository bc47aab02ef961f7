import { describe, expect, test } from "vitest";
import {
  isSpan,
  parseRange,
  parseSelection,
  partLength,
  span,
  withPart,
  writeRange,
  writeSelection,
} from "./selection.ts";

/** A small generator of whole numbers below `limit`, the same each run. */
function numbers(seed: number) {
  let state = seed;
  return (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state % limit;
  };
}

describe("parseSelection", () => {
  test.each([
    ["0:4096, 0:16", [10_000, 384], "0:4096, 0:16"],
    ["", [5, 6], "0:5, 0:6"],
    ["3", [5, 6], "3, 0:6"],
    ["-1, ::2", [5, 6], "4, 0:6:2"],
    ["..., 2", [4, 5, 6], "0:4, 0:5, 2"],
    ["0:99", [5], "0:5"],
    [":", [168_755_200], "0:168755200"],
  ])("reads %j of %j", (text, shape, canonical) => {
    const selection = parseSelection(text, shape);
    expect(selection && writeSelection(selection)).toBe(canonical);
  });

  test.each([
    ["0:4, 0:4, 0:4", [5, 6]],
    ["5", [5]],
    ["a:b", [5]],
    ["0:4:0", [5]],
    ["0:4, ", [5]],
    ["1.5", [5]],
    ["..., 0:1, 0:1", [5]],
  ])("refuses %j of %j", (text, shape) => {
    expect(parseSelection(text, shape)).toBeNull();
  });

  test("what is written reads as the same selection, and stays inside its shape", () => {
    const next = numbers(7);
    for (let round = 0; round < 300; round += 1) {
      const shape = Array.from({ length: 1 + next(4) }, () => 1 + next(50));
      const selection = shape.map((size) => {
        if (next(3) === 0) return next(size);
        const start = next(size);
        return span(start, start + next(size - start + 1), 1 + next(3));
      });
      const text = writeSelection(selection);
      expect(parseSelection(text, shape), text).toEqual(selection);
      for (const [dimension, part] of (parseSelection(text, shape) ?? []).entries()) {
        const size = shape[dimension] ?? 0;
        expect(partLength(part)).toBeLessThanOrEqual(size);
        if (isSpan(part)) expect(part.stop).toBeLessThanOrEqual(size);
      }
    }
  });
});

test("withPart changes one dimension only", () => {
  const selection = parseSelection("0:10, 3, 0:4", [20, 8, 4]) ?? [];
  expect(writeSelection(withPart(selection, 1, 7))).toBe("0:10, 7, 0:4");
});

describe("ranges as people type them", () => {
  test.each([
    ["0\u201315", 0, 16],
    ["0-15", 0, 16],
    [" 10 - 30 ", 10, 31],
    ["0:16", 0, 16],
    ["5", 5, 6],
    ["", 0, 384],
    ["all", 0, 384],
    ["370-999", 370, 384],
  ])("%j means %i to %i", (text, start, stop) => {
    expect(parseRange(text, 384)).toEqual(span(start, stop));
  });

  test.each(["15-10", "400-500", "500", "x", "0:16:2", "-"])("%j means nothing", (text) => {
    expect(parseRange(text, 384)).toBeNull();
  });

  test("a range is read as it is written", () => {
    const next = numbers(3);
    for (let round = 0; round < 200; round += 1) {
      const start = next(384);
      const range = span(start, start + 1 + next(384 - start));
      expect(parseRange(writeRange(range), 384)).toEqual(range);
    }
  });
});
