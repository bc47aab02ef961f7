import { expect, test } from "vitest";
import { extent } from "./colormaps.ts";
import { histogram, logHeights } from "./histogram.ts";

test("every number falls into one bin, what is none into no bin", () => {
  const values = Float32Array.from({ length: 1000 }, (_, index) =>
    index % 10 === 0 ? Number.NaN : Math.sin(index),
  );
  const found = histogram(values, extent(values), 64);
  expect(found?.counts.reduce((a, b) => a + b, 0)).toBe(900);
  expect(found?.counts).toHaveLength(64);
});

test("a flat picture has one full bin, one of NaN none", () => {
  const flat = Float32Array.of(7, 7, 7);
  expect(histogram(flat, extent(flat), 4)?.counts).toEqual([3, 0, 0, 0]);
  const empty = Float32Array.of(Number.NaN);
  expect(histogram(empty, extent(empty), 4)).toBeNull();
});

test("what occurs once can be seen beside what occurs a million times", () => {
  const [rare = 0, common, none] = logHeights([1, 1_000_000, 0]);
  expect(rare).toBeGreaterThan(0);
  expect(common).toBe(1);
  expect(none).toBe(0);
});
