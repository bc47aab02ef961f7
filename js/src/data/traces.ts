// The traces of a line picture, and the points that are drawn of them.
import { float32, float64 } from "./buffers.ts";
import type { LinePreview } from "./protocol.ts";

export interface Traces {
  labels: readonly string[];
  points: number;
  /** Lowest and highest value of each point, one array a trace. The same arrays where nothing was decimated. */
  low: readonly Float32Array[];
  high: readonly Float32Array[];
  /** Coordinates, where the axis is not regular. */
  x: Float64Array | null;
}

/** Cut the buffers of a picture into traces. Throws a RequestError where they do not fit its description. */
export function readTraces(picture: LinePreview, buffers: readonly DataView[]): Traces {
  const { traces, points } = picture;
  const irregular = picture.x.step === null;
  const decimated = buffers.length - (irregular ? 1 : 0) > 1;
  const cut = (buffer: DataView | undefined) => {
    const values = float32(buffer, traces * points);
    return Array.from({ length: traces }, (_, trace) =>
      values.subarray(trace * points, (trace + 1) * points),
    );
  };
  const low = cut(buffers[0]);
  return {
    labels: picture.trace_labels,
    points,
    low,
    high: decimated ? cut(buffers[1]) : low,
    x: irregular ? float64(buffers.at(-1), points) : null,
  };
}

/** x of every point drawn: each twice where a point spans low to high. */
export function drawnX(picture: LinePreview, traces: Traces): number[] {
  const { first, samples_per_point: samples, x } = picture;
  const middle = (samples - 1) / 2;
  const doubled = traces.low !== traces.high;
  const drawn: number[] = [];
  for (let point = 0; point < traces.points; point += 1) {
    const at = traces.x
      ? (traces.x[point] ?? 0)
      : x.start + (first + point * samples + middle) * (x.step ?? 1);
    drawn.push(at);
    if (doubled) drawn.push(at);
  }
  return drawn;
}

/**
 * y of every point drawn, `(value - center) * scale + offset`; null where there is no number. A decimated point is two:
 * its lowest and its highest value.
 */
export function drawnY(
  low: Float32Array,
  high: Float32Array,
  center = 0,
  scale = 1,
  offset = 0,
): (number | null)[] {
  const place = (value = Number.NaN) => (Number.isFinite(value) ? (value - center) * scale + offset : null);
  const drawn: (number | null)[] = [];
  for (let point = 0; point < low.length; point += 1) {
    drawn.push(place(low[point]));
    if (low !== high) drawn.push(place(high[point]));
  }
  return drawn;
}

/** Where a trace rests: the median of the middles of its points. 0 where it has no numbers. */
export function restOf(low: Float32Array, high: Float32Array): number {
  const middles = low.map((value, point) => (value + (high[point] ?? value)) / 2).filter(Number.isFinite);
  middles.sort();
  return middles[middles.length >> 1] ?? 0;
}

/** How far a trace usually goes from where it rests: 90 % of its points stay inside. */
export function reachOf(low: Float32Array, high: Float32Array, rest: number): number {
  const reaches = low
    .map((value, point) => Math.max(rest - value, (high[point] ?? value) - rest))
    .filter(Number.isFinite);
  reaches.sort();
  return reaches[Math.floor(reaches.length * 0.9)] ?? 0;
}

/** Smallest and largest value of all traces, a little widened; never empty. */
export function valueRange(traces: Traces): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (value: number) => {
    if (!Number.isFinite(value)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const trace of traces.low) trace.forEach(take);
  if (traces.high !== traces.low) for (const trace of traces.high) trace.forEach(take);
  if (low > high) return [0, 1];
  const margin = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
  return [low - margin, high + margin];
}
