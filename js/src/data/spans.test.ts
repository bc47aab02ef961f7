import { describe, expect, test } from "vitest";
import type { TimeBar } from "./protocol.ts";
import { leaves, sharedRange, strokes } from "./spans.ts";

const bar = (...spans: [number, number][]): TimeBar => ({ name: "a", path: "/a", spans, note: "" });

describe("the shared range", () => {
  test("starts at the session's start and holds every usual bar", () => {
    const range = sharedRange([bar([12, 5620]), bar([0, 5625]), bar([60, 100], [200, 5600])]);
    expect(range?.start).toBe(0);
    expect(range?.stop).toBeGreaterThanOrEqual(5625);
    expect(range?.stop).toBeLessThan(5800);
  });

  test("is not stretched by times in milliseconds; that bar leaves it", () => {
    const wrong = bar([0, 5_625_000]);
    const range = sharedRange([bar([0, 5625]), bar([0, 5625]), wrong]);
    expect(range?.stop).toBeLessThan(5800);
    expect(range && leaves(wrong, range)).toBe(true);
    expect(range && leaves(bar([0, 5625]), range)).toBe(false);
  });

  test("times since 1970 are shown where they are", () => {
    const range = sharedRange([bar([1.7e9, 1.7e9 + 100])]);
    expect(range?.start).toBe(1.7e9);
  });

  test("nothing, moments and numbers that are none do no harm", () => {
    expect(sharedRange([])).toBeNull();
    expect(sharedRange([bar()])).toBeNull();
    const moment = sharedRange([bar([0, 0])]);
    expect(moment && moment.stop > moment.start).toBe(true);
    expect(sharedRange([bar([Number.NaN, Number.NaN]), bar([0, 10])])?.stop).toBeGreaterThan(10);
  });
});

describe("strokes", () => {
  const range = { start: 0, stop: 1000 };

  test("a million trials are a few hundred strokes, none of them lost", () => {
    const spans = Array.from({ length: 1_000_000 }, (_, at): [number, number] => [
      at / 1000,
      at / 1000 + 0.0005,
    ]);
    const trials = { ...bar(), spans };
    const drawn = strokes(trials, range);
    expect(drawn.length).toBeLessThanOrEqual(501);
    expect(drawn[0]?.[0]).toBe(0);
    expect(drawn.at(-1)?.[1]).toBeCloseTo(1000, 0);
  });

  test("a real gap stays one, and a moment can be seen", () => {
    expect(strokes(bar([0, 400], [600, 900]), range)).toEqual([
      [0, 400],
      [600, 900],
    ]);
    expect(strokes(bar([500, 500]), range)).toEqual([[500, 501]]);
  });

  test("what lies outside is cut", () => {
    expect(strokes(bar([-50, 20], [900, 9000], [5000, 6000]), range)).toEqual([
      [0, 20],
      [900, 1000],
    ]);
  });
});
