// The envelope of a trace: one closed shape along the highest values and back along the lowest ones. However pixels and
// points fall, no extreme is lost and no slit is left between points.
import type uPlot from "uplot";

/** Draws series whose points are pairs of the same x: lowest, highest. */
export const envelopePaths: uPlot.Series.PathBuilder = (plot, series) => {
  const path = new Path2D();
  const xs = plot.data[0];
  const ys = plot.data[series] ?? [];
  const toX = linear(plot, "x");
  const toY = linear(plot, "y");
  let run: [x: number, low: number, high: number][] = [];
  for (let at = 0; at + 1 < ys.length; at += 2) {
    const [low, high] = [ys[at], ys[at + 1]];
    if (low === null || high === null || low === undefined || high === undefined) {
      close(path, run);
      run = [];
    } else run.push([toX(xs[at] ?? 0), toY(low), toY(high)]);
  }
  close(path, run);
  return { stroke: path, fill: path };
};

function close(path: Path2D, run: readonly [x: number, low: number, high: number][]): void {
  const [first] = run;
  if (!first) return;
  path.moveTo(first[0], first[2]);
  for (const [x, , high] of run) path.lineTo(x, high);
  for (const [x, low] of run.toReversed()) path.lineTo(x, low);
  path.closePath();
}

/** From a value to a pixel of the canvas: scales are linear, so two of them say all. */
function linear(plot: uPlot, scale: "x" | "y"): (value: number) => number {
  const { min = 0, max = 1 } = plot.scales[scale] ?? {};
  const [low, high] = [min ?? 0, max ?? 1];
  const from = plot.valToPos(low, scale, true);
  const factor = (plot.valToPos(high, scale, true) - from) / (high - low || 1);
  return (value) => from + (value - low) * factor;
}
