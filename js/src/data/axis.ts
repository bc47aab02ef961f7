// Coordinates of samples along x: computed where the axis is regular, looked up where it is given point by point.
import type { LinePreview } from "./protocol.ts";
import { clamp, type Span, span } from "./selection.ts";

/** Maps samples of the dataset to coordinates and back. */
export interface SampleAxis {
  /** Coordinate of a sample; a fraction is between two of them. */
  at(sample: number): number;
  /** Sample at a coordinate, with its fraction. */
  sample(coordinate: number): number;
}

/** The axis of a picture. An irregular one is exact at its points, even between them, and goes on outside them. */
export function sampleAxis(picture: LinePreview, points: Float64Array | null): SampleAxis {
  const { start, step } = picture.x;
  if (step !== null && step !== 0) {
    return { at: (sample) => start + sample * step, sample: (coordinate) => (coordinate - start) / step };
  }
  if (!points || points.length < 2) {
    const only = points?.[0] ?? start;
    return { at: (sample) => only + sample - picture.first, sample: (x) => picture.first + x - only };
  }
  return irregular(picture, points);
}

function irregular(picture: LinePreview, points: Float64Array): SampleAxis {
  const last = points.length - 1;
  const value = (index: number) => points[index] ?? 0;
  return {
    at(sample) {
      const place = (sample - picture.first) / picture.samples_per_point;
      const from = Math.max(0, Math.min(last - 1, Math.floor(place)));
      return value(from) + (value(from + 1) - value(from)) * (place - from);
    },
    sample(coordinate) {
      const from = Math.min(last - 1, Math.max(0, indexBelow(points, coordinate)));
      const gap = value(from + 1) - value(from);
      const place = from + (gap > 0 ? (coordinate - value(from)) / gap : 0);
      return picture.first + place * picture.samples_per_point;
    },
  };
}

/** Index of the last point at or below a coordinate, -1 before the first. The points do not decrease. */
function indexBelow(points: Float64Array, coordinate: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] ?? 0) <= coordinate) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A stretch of samples as it is looked at: ends may lie between samples while it moves. */
export interface Stretch {
  start: number;
  stop: number;
}

/** Closer than so many samples there is nothing more to see. */
const FEWEST = 8;

/** A stretch of this length moved or cut so that it lies inside `0..size`. */
export function stretchWithin(start: number, length: number, size: number): Stretch {
  const whole = clamp(length, Math.min(FEWEST, size), size);
  const from = clamp(start, 0, size - whole);
  return { start: from, stop: from + whole };
}

/** Zoom by a factor (below 1 = closer) about a share of the width. */
export function zoomed({ start, stop }: Stretch, factor: number, about: number, size: number): Stretch {
  const length = clamp((stop - start) * factor, Math.min(FEWEST, size), size);
  return stretchWithin(start + (stop - start - length) * about, length, size);
}

/** Move by a share of the width. */
export function panned({ start, stop }: Stretch, share: number, size: number): Stretch {
  return stretchWithin(start + (stop - start) * share, stop - start, size);
}

/** The whole samples that cover a stretch. */
export function samplesOf({ start, stop }: Stretch, size: number): Span {
  // A little slack, so that rounding noise does not read one more sample.
  const first = clamp(Math.floor(start + 1e-6), 0, Math.max(0, size - 1));
  return span(first, clamp(Math.ceil(stop - 1e-6), first + 1, Math.max(size, first + 1)));
}
