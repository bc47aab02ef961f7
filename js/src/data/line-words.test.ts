import { describe, expect, test } from "vitest";
import { sampleAxis } from "./axis.ts";
import {
  coordinate,
  lengthChoices,
  lengthWords,
  lineSentence,
  lineStatus,
  place,
  withUnit,
} from "./line-words.ts";
import type { LinePreview } from "./protocol.ts";

const picture = {
  first: 3_588_090,
  last: 3_637_261,
  traces: 16,
  samples_per_point: 60,
  x: { label: "time", unit: "s", start: 0, step: 1 / 30_000 },
  y: { label: "", unit: "\u00b5V", start: 0, step: null },
  scaling: "conversion 2.34 \u00d7 10\u207b\u2076",
  statistics: { minimum: "\u2212128.4", maximum: "64.1", mean: "", nan: 0 },
} as LinePreview;
const axis = sampleAxis(picture, null);

test("the status line says what is shown and what was applied", () => {
  expect(lineStatus(picture, axis, true)).toBe(
    "119.603\u2013121.242 s shown in full resolution, min/max per pixel \u00b7 conversion 2.34 \u00d7 10\u207b\u2076 applied",
  );
  expect(lineStatus({ ...picture, samples_per_point: 1, scaling: "" }, axis, false)).toBe(
    "119.603\u2013121.242 s shown in full resolution, every sample drawn",
  );
  expect(lineStatus({ ...picture, scaling: "" }, axis, false)).toBe(
    "119.603\u2013121.242 s shown with one in 60 samples",
  );
  const samples = { ...picture, scaling: "", first: 0, last: 5000, x: { ...picture.x, step: 1, unit: "" } };
  const label = "sample (timestamps go back or are NaN)";
  expect(lineStatus({ ...samples, x: { ...samples.x, label } }, sampleAxis(samples, null), true)).toBe(
    `Sample (timestamps go back or are NaN) 0\u20134,999 shown in full resolution, min/max per pixel`,
  );
});

test("indices are whole numbers, however few of them are shown", () => {
  const few = { ...picture, scaling: "", first: 0, last: 16, samples_per_point: 1 };
  const counted = { ...few, x: { label: "sample", unit: "", start: 0, step: 1 } };
  expect(lineStatus(counted, sampleAxis(counted, null), false)).toBe(
    "Sample 0\u201315 shown in full resolution, every sample drawn",
  );
  expect(place(counted, 3.4, 16)).toBe("3");
  expect(place(few, 3.4, 16)).toBe("3.40");
});

test("a picture is described in a sentence", () => {
  expect(lineSentence(picture, axis)).toBe(
    "16 traces, 119.603 to 121.242 s, values \u2212128.4 to 64.1 \u00b5V",
  );
});

describe("coordinates", () => {
  test("have as many decimals as matter", () => {
    expect(coordinate(119.603, 1.64)).toBe("119.603");
    expect(coordinate(119.603, 2000)).toBe("120");
    expect(coordinate(0, 0)).toBe("0.000");
  });
});

test("units are said once", () => {
  expect(withUnit("64.1", "\u00b5V")).toBe("64.1 \u00b5V");
  expect(withUnit("64.1 \u00b5V", "\u00b5V")).toBe("64.1 \u00b5V");
  expect(withUnit("64.1", "")).toBe("64.1");
});

test("lengths to choose from are round times that exist, everything last", () => {
  const choices = lengthChoices(168_755_200, 1 / 30_000, "s");
  expect(choices.map((samples) => lengthWords(samples, 1 / 30_000, "s"))).toEqual([
    "0.001 s",
    "0.01 s",
    "0.1 s",
    "1 s",
    "10 s",
    "1 min",
    "10 min",
    "1 h",
    "1 h 33 min 45 s",
  ]);
  expect(lengthChoices(50, 1, "s")).toEqual([50]);
  expect(lengthChoices(5000, null, "")).toEqual([100, 1000, 5000]);
  expect(lengthWords(4096, null, "")).toBe("4,096 samples");
});
