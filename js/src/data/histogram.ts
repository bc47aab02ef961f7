// How often values occur in a picture.

export interface Histogram {
  low: number;
  high: number;
  /** How many values fall into each of equally wide bins. */
  counts: readonly number[];
}

/** Finite values in `bins` equally wide bins between the smallest and the largest; null where there is none. */
export function histogram(
  values: Float32Array,
  range: [number, number] | null,
  bins: number,
): Histogram | null {
  if (!range) return null;
  const [low, high] = range;
  const counts = Array<number>(bins).fill(0);
  const scale = high > low ? bins / (high - low) : 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - low) * scale)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { low, high, counts };
}

/** Heights from 0 to 1 on a logarithmic scale; whatever occurs at all can be seen. */
export function logHeights(counts: readonly number[]): number[] {
  const most = Math.log1p(counts.reduce((a, b) => Math.max(a, b), 0)) || 1;
  return counts.map((count) => (count === 0 ? 0 : Math.max(0.01, Math.log1p(count) / most)));
}
