import { describe, expect, test } from "vitest";
import { RequestError } from "./failure.ts";
import type { LinePreview } from "./protocol.ts";
import { drawnX, drawnY, reachOf, readTraces, restOf, valueRange } from "./traces.ts";

function picture(change: Partial<LinePreview> = {}): LinePreview {
  return {
    type: "line",
    id: "",
    path: "/a",
    selection: "100:108",
    shape: [1000],
    first: 100,
    last: 108,
    traces: 1,
    trace_labels: ["0"],
    points: 4,
    samples_per_point: 2,
    x: { label: "time", unit: "s", start: 10, step: 0.5 },
    y: { label: "", unit: "V", start: 0, step: null },
    scaling: "",
    statistics: { minimum: "0", maximum: "1", mean: "0", nan: 0 },
    cost: { chunks: 1, total_chunks: 1, bytes: 1, seconds: null, requests: null },
    ...change,
  };
}

const view = (...values: number[]) => new DataView(Float32Array.of(...values).buffer);

describe("readTraces", () => {
  test("cuts the buffers into traces", () => {
    const traces = readTraces(picture({ traces: 2, points: 2 }), [view(1, 2, 3, 4), view(5, 6, 7, 8)]);
    expect(traces.low.map((low) => [...low])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(traces.high.map((high) => [...high])).toEqual([
      [5, 6],
      [7, 8],
    ]);
  });

  test("without a second buffer nothing is decimated", () => {
    const traces = readTraces(picture(), [view(1, 2, 3, 4)]);
    expect(traces.high).toBe(traces.low);
  });

  test("the last buffer of an irregular axis is its coordinates", () => {
    const x = new DataView(Float64Array.of(0.1, 0.2, 0.9, 1.5).buffer);
    const irregular = picture({ x: { label: "", unit: "s", start: 0, step: null } });
    const traces = readTraces(irregular, [view(1, 2, 3, 4), x]);
    expect(traces.high).toBe(traces.low);
    expect(drawnX(irregular, traces)).toEqual([0.1, 0.2, 0.9, 1.5]);
  });

  test("reads bytes that do not start at a multiple of four", () => {
    const bytes = new Uint8Array(17);
    bytes.set(new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer), 1);
    expect([...(readTraces(picture(), [new DataView(bytes.buffer, 1)]).low[0] ?? [])]).toEqual([1, 2, 3, 4]);
  });

  test("refuses buffers of another size than it is told", () => {
    expect(() => readTraces(picture(), [view(1, 2, 3)])).toThrow(RequestError);
    expect(() => readTraces(picture(), [])).toThrow(RequestError);
  });
});

test("points stand in the middle of the samples they are made of, twice where they have two ends", () => {
  const body = picture();
  const once = readTraces(body, [view(1, 2, 3, 4)]);
  expect(drawnX(body, once)).toEqual([60.25, 61.25, 62.25, 63.25]);
  const twice = readTraces(body, [view(1, 2, 3, 4), view(1, 2, 3, 4)]);
  expect(drawnX(body, twice).slice(0, 4)).toEqual([60.25, 60.25, 61.25, 61.25]);
});

describe("drawnY", () => {
  test("loses no extreme, whatever the values, and gaps stay gaps", () => {
    let state = 5;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state / 0x7fffffff;
    };
    for (let round = 0; round < 50; round += 1) {
      const low = Float32Array.from({ length: 40 }, () => (random() < 0.1 ? Number.NaN : random() * 10 - 5));
      const high = low.map((value) => value + random() * 100);
      const drawn = drawnY(low, high, 2, 3, -7);
      low.forEach((value, point) => {
        const pair = drawn.slice(point * 2, point * 2 + 2);
        if (Number.isNaN(value)) expect(pair).toEqual([null, null]);
        else {
          expect(pair[0]).toBeCloseTo((value - 2) * 3 - 7, 4);
          expect(pair[1]).toBeCloseTo(((high[point] ?? 0) - 2) * 3 - 7, 4);
        }
      });
    }
  });

  test("one value a point where nothing is decimated", () => {
    const values = Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 4);
    expect(drawnY(values, values)).toEqual([1, null, null, 4]);
  });
});

test("a trace rests at its usual middle, not at its spikes", () => {
  const low = Float32Array.of(9, 9, 9, -900, 9, 9, 9, 9, 9, 9, 9);
  const high = low.map(() => 11);
  const rest = restOf(low, high);
  expect(rest).toBe(10);
  expect(reachOf(low, high, rest)).toBe(1);
  expect(restOf(Float32Array.of(Number.NaN), Float32Array.of(Number.NaN))).toBe(0);
});

test("the range of values is never empty and holds every extreme", () => {
  const traces = readTraces(picture(), [view(-3, 0, Number.NaN, 1), view(-2, 50, Number.NaN, 2)]);
  const [low, high] = valueRange(traces);
  expect(low).toBeLessThan(-3);
  expect(high).toBeGreaterThan(50);
  const [flatLow, flatHigh] = valueRange(readTraces(picture(), [view(7, 7, 7, 7)]));
  expect(flatLow).toBeLessThan(flatHigh);
  expect(valueRange(readTraces(picture(), [view(...Array<number>(4).fill(Number.NaN))]))).toEqual([0, 1]);
});
