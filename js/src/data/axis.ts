// Coordinates of samples along x: computed where the axis is regular, looked up where it is given point by point.
import type { LinePreview } from "./protocol.ts";
import { type Span, spanWithin } from "./selection.ts";

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

/** Zoom a window of samples by a factor (below 1 = closer) about a share of its width. */
export function zoomed(window: Span, factor: number, about: number, size: number): Span {
  const length = window.stop - window.start;
  const wanted = Math.max(Math.min(MIN_SAMPLES, size), length * factor);
  return spanWithin(window.start + (length - wanted) * about, wanted, size);
}

/** Move a window of samples by a share of its width. */
export function panned(window: Span, share: number, size: number): Span {
  const length = window.stop - window.start;
  return spanWithin(window.start + Math.round(length * share), length, size);
}

/** Closer than so many samples there is nothing more to see. */
const MIN_SAMPLES = 8;
