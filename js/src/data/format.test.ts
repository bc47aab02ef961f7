import { describe, expect, test } from "vitest";
import * as format from "./format.ts";

const table = <A extends readonly unknown[]>(
  name: string,
  write: (...values: A) => string,
  rows: [A, string][],
) =>
  describe(name, () => {
    test.each(rows)("%j is %s", (values, text) => {
      expect(write(...values)).toBe(text);
    });
  });

table("count", format.count, [
  [[0], "0"],
  [[999], "999"],
  [[168_755_200], "168,755,200"],
  [[-1234], "−1,234"],
]);

table("plural", format.plural, [
  [[0, "change"], "0 changes"],
  [[1, "change"], "1 change"],
  [[41_200, "chunk"], "41,200 chunks"],
  [[2, "entry", "entries"], "2 entries"],
]);

table("compactCount", format.compactCount, [
  [[384], "384"],
  [[168_750], "168,750"],
  [[999_949], "999,949"],
  [[999_950], "1M"],
  [[9_800_000], "9.8M"],
  [[14_062_934], "14.1M"],
  [[168_755_200], "168.8M"],
  [[2_500_000_000], "2.5G"],
]);

table("shape", format.shape, [
  [[[14_062_934, 384]], "14,062,934 × 384"],
  [[[]], "scalar"],
  [[null], "null"],
]);

table("compactShape", format.compactShape, [[[[14_062_934, 384]], "14.1M × 384"]]);

table("number", format.number, [
  [[0], "0"],
  [[-0.3], "−0.3"],
  [[412.6], "413"],
  [[128.4, 4], "128.4"],
  [[12_345], "12,300"],
  [[2.34e-6], "2.34 × 10⁻⁶"],
  [[-1.5e12], "−1.5 × 10¹²"],
  [[0.0005], "0.0005"],
  [[Number.NaN], "NaN"],
  [[Number.NEGATIVE_INFINITY], "−inf"],
]);

table("bytes", format.bytes, [
  [[0], "0 B"],
  [[999], "999 B"],
  [[999.6], "1 kB"],
  [[412_000], "412 kB"],
  [[6_800_000], "6.8 MB"],
  [[999_600_000], "1 GB"],
  [[83_640_000_000], "83.6 GB"],
]);

table("duration", format.duration, [
  [[0.0401], "41 ms"],
  [[0.94], "0.9 s"],
  [[12.2], "12 s"],
  [[60], "1 min"],
  [[352], "5 min 52 s"],
  [[5625], "1 h 33 min 45 s"],
]);

table("range", format.range, [
  [["0", "15"], "0–15"],
  [["−128.4", "64.1"], "−128.4 to 64.1"],
]);

table("percent", format.percent, [[[0.381], "38.1 %"]]);

describe("splitName", () => {
  test("leaves a short name whole", () => {
    expect(format.splitName("trials.nwb")).toEqual(["trials.nwb", ""]);
  });
  test("keeps the end of a long name, and letters of two code units together", () => {
    expect(format.splitName("sub-M07_ses-20240312_ecephys.nwb")).toEqual([
      "sub-M07_ses-20240312",
      "_ecephys.nwb",
    ]);
    expect(format.splitName(`${"a".repeat(30)}😀12345678901`)[1]).toBe("😀12345678901");
  });
});
