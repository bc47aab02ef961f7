import { useMemo } from "preact/hooks";
import { PixelCanvas } from "../../components/canvas.tsx";
import { type ColorMap, extent } from "../../data/colormaps.ts";
import { number } from "../../data/format.ts";
import { histogram, logHeights } from "../../data/histogram.ts";
import { rampPixels } from "./color-bar.tsx";

const BINS = 64;
const HEIGHT = 112;
/** Labels closer than this share of the width would touch. */
const TOO_CLOSE = 0.14;

interface HistogramProps {
  values: Float32Array;
  map: ColorMap;
  low: number;
  high: number;
  unit: string;
  /** Pixels. */
  width: number;
}

/** How often values occur, and which of them the colours tell apart. */
export function HistogramPanel({ values, map, low, high, unit, width }: HistogramProps) {
  const found = useMemo(() => histogram(values, extent(values), BINS), [values]);
  const ramp = useMemo(() => rampPixels(map, "across"), [map]);
  if (!found) return <p class="lx-dim lx-s">Every value of this picture is NaN.</p>;
  const share = (value: number) =>
    Math.max(0, Math.min(1, (value - found.low) / (found.high - found.low || 1)));
  const [from, to] = [share(low), share(high)];
  const labels: [share: number, value: number][] = [
    [0, found.low],
    [from, low],
    [to, high],
    [1, found.high],
  ];
  return (
    <section class="lx-histogram" aria-label="Histogram" style={{ width: `${width}px` }}>
      <h4>Histogram of this picture, log counts</h4>
      <svg
        viewBox={`0 0 ${BINS} 100`}
        preserveAspectRatio="none"
        height={HEIGHT}
        width={width}
        aria-hidden="true"
      >
        <path d={bars(found.counts)} />
      </svg>
      <div class="lx-histogram-range" aria-hidden="true">
        <i style={{ left: 0, width: `${from * 100}%` }} />
        <i style={{ left: `${to * 100}%`, right: 0 }} />
        <b style={{ left: `${from * 100}%` }} />
        <b style={{ left: `${to * 100}%` }} />
      </div>
      <div style={{ marginLeft: `${from * width}px` }}>
        <PixelCanvas
          pixels={ramp}
          label={`Colours from ${number(low)} to ${number(high)} ${unit}`.trim()}
          width={Math.max(2, (to - from) * width)}
          height={6}
        />
      </div>
      <div class="lx-histogram-labels" aria-hidden="true">
        {apart(labels).map(([at, value]) => (
          <span key={at} style={{ left: `${at * 100}%` }} data-edge={edgeOf(at)}>
            {number(value)}
            {at === 1 && unit !== "" && ` ${unit}`}
          </span>
        ))}
      </div>
    </section>
  );
}

function bars(counts: readonly number[]): string {
  return logHeights(counts)
    .map((height, bin) =>
      height === 0 ? "" : `M${bin + 0.08} 100V${(100 - height * 96).toFixed(1)}h0.84V100Z`,
    )
    .join("");
}

/** The ends of the colours come first; the ends of the values only where there is room for them. */
function apart(labels: [share: number, value: number][]): [share: number, value: number][] {
  const kept: [number, number][] = [];
  for (const at of [1, 2, 3, 0]) {
    const label = labels[at];
    if (label && kept.every(([share]) => Math.abs(share - label[0]) >= TOO_CLOSE)) kept.push(label);
  }
  return kept;
}

function edgeOf(share: number): "start" | "end" | undefined {
  if (share < 0.05) return "start";
  return share > 0.95 ? "end" : undefined;
}
