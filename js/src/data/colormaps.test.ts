import { describe, expect, test } from "vitest";
import { COLOR_MAPS, colorTable, extent, NAN_COLOR, paint, paintColors } from "./colormaps.ts";

function pixel(pixels: Uint8ClampedArray, index: number): number[] {
  return [...pixels.subarray(index * 4, index * 4 + 4)];
}

describe("paint", () => {
  test.each(COLOR_MAPS.map(({ value }) => value))("%s runs from its first to its last colour", (map) => {
    const table = colorTable(map);
    const pixels = paint(Float32Array.of(0, 1), 0, 1, map);
    expect(pixel(pixels, 0)).toEqual([...table.subarray(0, 3), 255]);
    expect(pixel(pixels, 1)).toEqual([...table.subarray(-3), 255]);
  });

  test.each(COLOR_MAPS.map(({ value }) => value))("NaN has a colour that is not in %s", (map) => {
    const pixels = paint(Float32Array.of(Number.NaN), 0, 1, map);
    expect(pixel(pixels, 0)).toEqual([...NAN_COLOR, 255]);
    const table = colorTable(map);
    for (let level = 0; level < 256; level += 1) {
      const distance = NAN_COLOR.reduce(
        (sum, part, channel) => sum + Math.abs(part - (table[level * 3 + channel] ?? 0)),
        0,
      );
      expect(distance).toBeGreaterThan(100);
    }
  });

  test("values outside the range take the colour of its end, infinite ones too", () => {
    const pixels = paint(
      Float32Array.of(-5, 9, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 1),
      0,
      1,
      "viridis",
    );
    expect(pixel(pixels, 0)).toEqual(pixel(pixels, 4));
    expect(pixel(pixels, 1)).toEqual(pixel(pixels, 5));
    expect(pixel(pixels, 2)).toEqual(pixel(pixels, 4));
    expect(pixel(pixels, 3)).toEqual(pixel(pixels, 5));
  });

  test("a flat picture has one colour, with NaN still apart", () => {
    const pixels = paint(Float32Array.of(7, 7, Number.NaN), 7, 7, "grey");
    expect(pixel(pixels, 0)).toEqual(pixel(pixels, 1));
    expect(pixel(pixels, 2)).toEqual([...NAN_COLOR, 255]);
  });

  test("grey grows evenly", () => {
    const ramp = Float32Array.from({ length: 256 }, (_, level) => level);
    const pixels = paint(ramp, 0, 255, "grey");
    expect(ramp.every((level, index) => pixels[index * 4] === level)).toBe(true);
  });
});

test("pictures with colours of their own keep them", () => {
  expect([...paintColors(Uint8Array.of(1, 2, 3, 4, 5, 6), 3)]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  expect([...paintColors(Uint8Array.of(1, 2, 3, 4), 4)]).toEqual([1, 2, 3, 4]);
});

test("the extent leaves out what is no number", () => {
  expect(extent(Float32Array.of(Number.NaN, 3, -1, Number.POSITIVE_INFINITY))).toEqual([-1, 3]);
  expect(extent(Float32Array.of(Number.NaN))).toBeNull();
});
