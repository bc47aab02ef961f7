import { describe, expect, test } from "vitest";
import { decimationWords, isPicture, largest } from "./image-fit.ts";
import type { ImagePreview, NodeCard } from "./protocol.ts";

const picture = (change: Partial<ImagePreview>) =>
  ({
    channels: 1,
    rows: 512,
    columns: 512,
    every_row: 1,
    every_column: 1,
    sliders: [],
    ...change,
  }) as ImagePreview;
const card = (icon = "grid", type = "", inType = "") =>
  ({ row: { icon, type_name: type }, in_type: inType }) as NodeCard;
const slider = [{ dimension: 0, size: 10, index: 0 }];

describe("square pixels", () => {
  test.each([
    ["an image", picture({}), card("image"), true],
    ["colours", picture({ channels: 3 }), card(), true],
    ["data of a TwoPhotonSeries", picture({}), card("grid", "", "TwoPhotonSeries"), true],
    ["a stack of frames", picture({ sliders: slider }), card(), true],
    ["a stack of long matrices", picture({ sliders: slider, rows: 4000, columns: 16 }), card(), false],
    ["time by channels", picture({ rows: 4096, columns: 384 }), card("grid", "", "ElectricalSeries"), false],
  ])("%s: %#", (_name, body, node, square) => {
    expect(isPicture(body, node)).toBe(square);
  });

  test("fill the room as far as they can and keep their ratio", () => {
    expect(largest(512, 512, { width: 800, height: 300 })).toEqual({ width: 300, height: 300 });
    expect(largest(100, 50, { width: 400, height: 300 })).toEqual({ width: 400, height: 200 });
    expect(largest(1, 1e9, { width: 400, height: 300 })).toEqual({ width: 1, height: 300 });
  });
});

test("what is left out is said", () => {
  expect(decimationWords(picture({}))).toBe("");
  expect(decimationWords(picture({ every_row: 4 }))).toBe("one in 4 rows shown");
  expect(decimationWords(picture({ every_column: 2 }))).toBe("one in 2 columns shown");
  expect(decimationWords(picture({ every_row: 2, every_column: 2 }))).toBe("one in 2 rows and columns shown");
  expect(decimationWords(picture({ every_row: 1200, every_column: 3 }))).toBe(
    "one in 1,200 rows and one in 3 columns shown",
  );
});
