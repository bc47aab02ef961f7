// What is drawn over and under the traces: stretches that are not read, and the bar that says the gain.
import type uPlot from "uplot";
import type { TokenColors } from "./token-color.ts";

/** A bar of `rows` units of y at the right edge, with words. */
export interface ScaleBar {
  rows: number;
  words: string;
}

const HATCH_GAP = 8;

/** Hatch what lies in view but outside `covered`; the edge is dashed. */
export function drawUnread(plot: uPlot, colors: TokenColors, covered: [number, number]): void {
  const { left, top, width, height } = plot.bbox;
  const clampX = (value: number) => Math.max(left, Math.min(left + width, plot.valToPos(value, "x", true)));
  const [from, to] = [clampX(covered[0]), clampX(covered[1])];
  const gaps: [number, number, number][] = [
    [left, from, from],
    [to, left + width, to],
  ];
  for (const [start, stop, edge] of gaps) {
    // Half a pixel is rounding, not a gap.
    if (stop - start < 2) continue;
    hatch(plot.ctx, start, top, stop - start, height, colors.of("--lx-hatch"));
    dash(plot.ctx, edge, top, height, colors.of("--lx-control"));
  }
}

function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  color: string,
): void {
  const gap = HATCH_GAP * ratio();
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.beginPath();
  for (let x = left - height; x < left + width; x += gap) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.strokeStyle = color;
  context.lineWidth = 1.5 * ratio();
  context.stroke();
  context.restore();
}

function dash(
  context: CanvasRenderingContext2D,
  x: number,
  top: number,
  height: number,
  color: string,
): void {
  context.save();
  context.beginPath();
  context.setLineDash([2 * ratio(), 2 * ratio()]);
  context.moveTo(Math.round(x) + 0.5, top);
  context.lineTo(Math.round(x) + 0.5, top + height);
  context.strokeStyle = color;
  context.lineWidth = ratio();
  context.stroke();
  context.restore();
}

/** The scale bar in the upper right corner of the traces. */
export function drawScaleBar(plot: uPlot, colors: TokenColors, font: string, bar: ScaleBar): void {
  const { ctx: context, bbox } = plot;
  const unit = ratio();
  const height = Math.abs(plot.valToPos(bar.rows, "y", true) - plot.valToPos(0, "y", true));
  const top = bbox.top + 8 * unit;
  const edge = bbox.left + bbox.width;
  const right = edge - 4 * unit;
  context.save();
  context.font = `${11 * unit}px ${font}`;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const middle = top + Math.min(height, bbox.height - 16 * unit) / 2;
  const width = context.measureText(bar.words).width;
  context.fillStyle = colors.of("--lx-surface");
  context.fillRect(right - width - 18 * unit, middle - 9 * unit, width + 12 * unit, 18 * unit);
  context.fillRect(right - 6 * unit, top - 2 * unit, edge - right + 8 * unit, height + 4 * unit);
  context.fillStyle = colors.of("--lx-ink");
  context.fillText(bar.words, right - 10 * unit, middle);
  context.beginPath();
  for (const y of [top, top + height]) {
    context.moveTo(right - 3 * unit, y);
    context.lineTo(right + 3 * unit, y);
  }
  context.moveTo(right, top);
  context.lineTo(right, top + height);
  context.strokeStyle = colors.of("--lx-ink");
  context.lineWidth = 1.25 * unit;
  context.stroke();
  context.restore();
}

function ratio(): number {
  return globalThis.devicePixelRatio || 1;
}
