import { describe, expect, test } from "vitest";
import { panned, sampleAxis, samplesOf, stretchWithin, zoomed } from "./axis.ts";
import type { LinePreview } from "./protocol.ts";

const picture = (start: number, step: number | null, more: Partial<LinePreview> = {}) =>
  ({
    first: 100,
    last: 104,
    samples_per_point: 1,
    x: { label: "", unit: "s", start, step },
    ...more,
  }) as LinePreview;

describe("sampleAxis", () => {
  test("a regular axis goes both ways", () => {
    const axis = sampleAxis(picture(10, 0.5), null);
    expect(axis.at(4)).toBe(12);
    expect(axis.sample(12)).toBe(4);
  });

  test("an irregular axis is exact at its points, between them and beyond them", () => {
    const axis = sampleAxis(picture(0, null), Float64Array.of(1, 2, 4, 8));
    expect([100, 101, 102, 103].map((sample) => axis.at(sample))).toEqual([1, 2, 4, 8]);
    expect(axis.at(102.5)).toBe(6);
    expect(axis.at(104)).toBe(12);
    for (const sample of [98, 100, 101.25, 102.5, 103, 105]) {
      expect(axis.sample(axis.at(sample))).toBeCloseTo(sample);
    }
  });

  test("coordinates that stand still or are alone do no harm", () => {
    const still = sampleAxis(picture(0, null), Float64Array.of(5, 5, 5));
    expect(Number.isFinite(still.sample(5))).toBe(true);
    const alone = sampleAxis(picture(0, null), Float64Array.of(5));
    expect(alone.at(100)).toBe(5);
    expect(alone.sample(5)).toBe(100);
  });
});

describe("stretches", () => {
  test("stay inside the data however they are moved", () => {
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state / 0x7fffffff;
    };
    for (const size of [1, 5, 1000, 168_755_200]) {
      let stretch = { start: 0, stop: size };
      for (let turn = 0; turn < 200; turn += 1) {
        stretch =
          random() < 0.5
            ? zoomed(stretch, 2 ** (random() * 8 - 4), random(), size)
            : panned(stretch, random() * 6 - 3, size);
        const { start, stop } = samplesOf(stretch, size);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(stop).toBeLessThanOrEqual(size);
        expect(stop).toBeGreaterThan(start);
        expect(Number.isInteger(start) && Number.isInteger(stop)).toBe(true);
      }
    }
  });

  test("zooming keeps the place under the pointer", () => {
    const before = { start: 1000, stop: 2000 };
    const after = zoomed(before, 0.5, 0.25, 100_000);
    expect(after.start + (after.stop - after.start) * 0.25).toBeCloseTo(1250);
    expect(after.stop - after.start).toBe(500);
  });

  test("zooming in and out again returns", () => {
    const before = { start: 1000, stop: 2000 };
    const after = zoomed(zoomed(before, 0.8, 0.3, 1e6), 1.25, 0.3, 1e6);
    expect(after.start).toBeCloseTo(1000);
    expect(after.stop).toBeCloseTo(2000);
  });

  test("many small movements add up, though none is a whole sample", () => {
    let stretch = { start: 0, stop: 100 };
    for (let turn = 0; turn < 100; turn += 1) stretch = panned(stretch, 0.001, 1000);
    expect(stretch.start).toBeCloseTo(10);
  });

  test("a stretch longer than the data is all of it", () => {
    expect(stretchWithin(-50, 1e9, 300)).toEqual({ start: 0, stop: 300 });
  });
});
