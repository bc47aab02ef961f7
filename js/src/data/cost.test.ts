import { describe, expect, test } from "vitest";
import { needWords, offerWords, progressWords, readWords } from "./cost.ts";
import type { Cost, TooCostly } from "./protocol.ts";

const cost = (change: Partial<Cost> = {}): Cost => ({
  chunks: 3,
  total_chunks: 41_200,
  bytes: 6.1e6,
  seconds: 0.8,
  requests: 3,
  ...change,
});

test("what was read", () => {
  expect(readWords(cost())).toBe("Read 3 of 41,200 chunks \u00b7 6.1 MB \u00b7 0.8 s");
  expect(readWords(cost({ chunks: 1, total_chunks: 1, seconds: null }))).toBe("Read 1 chunk \u00b7 6.1 MB");
});

test("what a read needs", () => {
  expect(needWords(cost({ bytes: 1.2e9, chunks: 600, seconds: 124 }))).toBe(
    "1.2 GB in 600 chunks, about 2 min 4 s",
  );
  expect(needWords(cost({ seconds: null, chunks: 1 }))).toBe("6.1 MB in 1 chunk");
});

test("how far a read is", () => {
  const progress = {
    type: "progress" as const,
    id: "",
    words: "Reading",
    done: 3,
    total: 12,
    bytes: 6.1e6,
    requests: 4,
  };
  expect(progressWords(progress)).toBe("Reading \u00b7 3 of 12 \u00b7 6.1 MB");
  expect(progressWords({ ...progress, total: null, bytes: 0 })).toBe("Reading");
});

describe("what is offered instead", () => {
  const refused = (change: Partial<TooCostly>) =>
    ({ view: "line", selection: "0:168755200, 0:384", offer: "0:300000, 0:384", ...change }) as TooCostly;

  test("is said in time where that is known, and only as far as it differs", () => {
    expect(offerWords(refused({}), (samples) => `${samples / 30_000} s`)).toBe("10 s");
    expect(offerWords(refused({}))).toBe("300,000 samples");
    expect(offerWords(refused({ offer: "0:300000, 0:16" }))).toBe("300,000 samples \u00d7 16 channels");
    expect(offerWords(refused({ view: "table", offer: "0:100, 0:384" }), () => "never")).toBe("100 rows");
  });
});
