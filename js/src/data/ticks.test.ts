import { describe, expect, test } from "vitest";
import { tickLabels, ticks, timeLabel, timeTicks } from "./ticks.ts";

/** Ranges of every size and place. */
const RANGES = [-1e9, -3.7, 0, 0.001, 119.603, 5624.7259, 1.7e9].flatMap((low) =>
  [1e-6, 0.003, 0.447, 1, 2.73, 999, 3.6e7].map((length): [number, number] => [low, low + length]),
);

describe("ticks", () => {
  test.each(RANGES)("lie inside %d..%d, evenly spaced, and there are not too many", (low, high) => {
    for (const most of [1, 2, 3, 7, 20]) {
      const found = ticks(low, high, most);
      expect(found.length).toBeLessThanOrEqual(most);
      if (most >= 7 && high - low > 1e-3) expect(found.length).toBeGreaterThan(1);
      const slack = (high - low) * 1e-3;
      for (const value of found) {
        expect(value).toBeGreaterThanOrEqual(low - slack);
        expect(value).toBeLessThanOrEqual(high + slack);
      }
      const gaps = found.slice(1).map((value, index) => value - (found[index] ?? 0));
      for (const gap of gaps) expect(gap / (gaps[0] ?? 1)).toBeCloseTo(1, 1);
    }
  });

  test("stand at round values", () => {
    expect(ticks(119.603, 122.334, 6)).toEqual([120, 120.5, 121, 121.5, 122]);
    expect(ticks(-3, 3, 7)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
  });

  test.each([
    [0, 0],
    [1, 0],
    [0, Number.POSITIVE_INFINITY],
    [Number.NaN, 1],
  ])("there are none in %d..%d", (low, high) => {
    expect(ticks(low, high, 5)).toEqual([]);
  });

  test("labels of different ticks differ, with equally many decimals and a true minus", () => {
    expect(tickLabels([120, 120.5, 121])).toEqual(["120.0", "120.5", "121.0"]);
    expect(tickLabels([-10, 0, 10])).toEqual(["\u221210", "0", "10"]);
    expect(tickLabels([5624.8, 5624.9])).toEqual(["5,624.8", "5,624.9"]);
    for (const [low, high] of RANGES) {
      const labels = tickLabels(ticks(low, high, 7));
      expect(new Set(labels).size, labels.join(" ")).toBe(labels.length);
    }
  });
});

describe("time ticks", () => {
  test("go by minutes and hours", () => {
    expect(timeTicks(0, 5700, 7).map(timeLabel)).toEqual([
      "0",
      "15 min",
      "30 min",
      "45 min",
      "60 min",
      "75 min",
      "90 min",
    ]);
    expect(timeTicks(0, 4 * 86_400, 5).map(timeLabel)).toEqual(["0", "1 d", "2 d", "3 d", "4 d"]);
  });

  test("are no more than there is room for, for any length", () => {
    for (let length = 2; length < 1e9; length *= 3) {
      expect(timeTicks(0, length, 6).length).toBeLessThanOrEqual(6);
      expect(timeTicks(0, length, 6).length).toBeGreaterThan(0);
    }
  });
});
