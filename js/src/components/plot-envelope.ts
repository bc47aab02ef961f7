// The envelope of a trace: one closed shape along the highest values and back along the lowest ones. However pixels and
// points fall, no extreme is lost and no slit is left between points. It is only filled, as outlines of hundreds of traces
// take long to draw; where lowest and highest nearly meet, it is widened to the width of a line.
import type uPlot from "uplot";

type Values = ArrayLike<number | null | undefined>;

/** Draws series whose points are pairs of the same x: lowest, highest. */
export const envelopePaths: uPlot.Series.PathBuilder = (plot, series) => {
  const path = new Path2D();
  const ys: Values = plot.data[series] ?? [];
  const x = linear(plot, "x");
  const y = linear(plot, "y");
  const place = (at: number) => (plot.data[0][at] ?? 0) * x.factor + x.offset;
  let start = 0;
  while (start < ys.length) {
    const stop = endOfRun(ys, start);
    if (stop > start) addShape(path, ys, start, stop, place, y);
    start = stop + 2;
  }
  return { fill: path };
};

/** Where the numbers that begin at a pair end. */
function endOfRun(ys: Values, start: number): number {
  let stop = start;
  while (stop + 1 < ys.length && ys[stop] !== null && ys[stop + 1] !== null) stop += 2;
  return stop;
}

function addShape(
  path: Path2D,
  ys: Values,
  start: number,
  stop: number,
  place: (at: number) => number,
  y: Linear,
): void {
  const line = globalThis.devicePixelRatio || 1;
  // Pixels count downwards: the highest value has the smallest.
  const edge = (at: number, side: 0 | 1) => {
    const low = (ys[at] ?? 0) * y.factor + y.offset;
    const high = (ys[at + 1] ?? 0) * y.factor + y.offset;
    const missing = Math.max(0, line - (low - high)) / 2;
    return side === 0 ? low + missing : high - missing;
  };
  // A point alone is as wide as a line.
  path.moveTo(place(start) - (stop - start === 2 ? line : 0), edge(start, 1));
  for (let at = start; at < stop; at += 2) path.lineTo(place(at), edge(at, 1));
  for (let at = stop - 2; at >= start; at -= 2) path.lineTo(place(at), edge(at, 0));
  path.closePath();
}

interface Linear {
  factor: number;
  offset: number;
}

/** From values to pixels of the canvas: scales are linear, so two values say all. */
function linear(plot: uPlot, scale: "x" | "y"): Linear {
  const { min, max } = plot.scales[scale] ?? {};
  const low = min ?? 0;
  const high = max ?? 1;
  const from = plot.valToPos(low, scale, true);
  const factor = (plot.valToPos(high, scale, true) - from) / (high - low || 1);
  return { factor, offset: from - low * factor };
}
