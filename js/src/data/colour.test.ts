import { expect, test } from "vitest";
import { contrast, luminance, parseColour } from "./colour.ts";

test("colours are read in every spelling a browser computes", () => {
  expect(parseColour("rgb(255, 0, 51)")).toEqual([1, 0, 0.2]);
  expect(parseColour("rgba(255, 255, 255, 0.5)")).toEqual([1, 1, 1]);
  expect(parseColour("color(srgb 0.5 0.25 1)")).toEqual([0.5, 0.25, 1]);
  expect(parseColour("rgba(0, 0, 0, 0)")).toBeNull();
  expect(parseColour("red")).toBeNull();
});

test("luminance and contrast are those of WCAG", () => {
  expect(luminance([1, 1, 1])).toBeCloseTo(1);
  expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21);
  // #767676 on white is the well-known 4.54:1.
  const grey = 0x76 / 255;
  expect(contrast([1, 1, 1], [grey, grey, grey])).toBeCloseTo(4.54, 2);
});
