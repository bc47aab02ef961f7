import { expect, test } from "vitest";
import { gainScale, nextGain, startingGain } from "./gain.ts";

test("gains are round values, and turning back returns to the same one", () => {
  let gain = startingGain([12, 15, 14]);
  const passed: number[] = [];
  for (let turn = 0; turn < 60; turn += 1) {
    passed.push(gain);
    const higher = nextGain(gain, 1);
    expect(higher).toBeLessThan(gain);
    expect(nextGain(higher, -1)).toBe(gain);
    gain = higher;
  }
  for (const value of passed) {
    const mantissa = Number(value.toExponential(3).split("e")[0]);
    expect([1, 1.5, 2, 3, 5, 7]).toContain(mantissa);
  }
});

test("a usual trace does not leave its row at first, and uses a good part of it", () => {
  for (const reach of [1e-9, 0.003, 4, 66, 8_000]) {
    const height = 2 * reach * gainScale(startingGain([reach, reach, reach * 50]));
    expect(height).toBeLessThan(1);
    expect(height).toBeGreaterThan(0.4);
  }
});

test("flat or missing traces have a gain too", () => {
  expect(startingGain([])).toBe(1);
  expect(startingGain([0, Number.NaN])).toBe(1);
});
