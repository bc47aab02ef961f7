import { useMemo, useState } from "preact/hooks";
import { Plot } from "../../components/plot.tsx";
import type { PlotGestures } from "../../components/plot-gestures.ts";
import type { PlotPicture, PlotRange } from "../../components/plot-options.ts";
import type { SampleAxis, Stretch } from "../../data/axis.ts";
import { number } from "../../data/format.ts";
import { BAR_ROWS, gainScale } from "../../data/gain.ts";
import { lineSentence } from "../../data/line-words.ts";
import type { LinePreview } from "../../data/protocol.ts";
import { drawnX, drawnY, restOf, type Traces, valueRange } from "../../data/traces.ts";

interface LinePlotProps extends Omit<PlotGestures, "onPick"> {
  body: LinePreview;
  traces: Traces;
  axis: SampleAxis;
  /** What is looked at; may differ from what was read. */
  stretch: Stretch;
  gain: number;
  theme: string;
  say: (words: string) => void;
}

/** Rows above the first and below the last trace. */
const MARGIN = 0.7;
/** With fewer points each one is marked. */
const FEW_POINTS = 100;

export function LinePlot({ body, traces, axis, stretch, gain, theme, say, ...gestures }: LinePlotProps) {
  const [picked, setPicked] = useState<string | null>(null);
  const stacked = traces.low.length > 1;
  const x = useMemo(() => drawnX(body, traces), [body, traces]);
  const rests = useMemo(
    () => traces.low.map((low, trace) => (stacked ? restOf(low, traces.high[trace] ?? low) : 0)),
    [traces, stacked],
  );
  const picture = useMemo<PlotPicture>(
    () => ({
      x,
      traces: traces.low.map((low, trace) => ({
        // In a stack only differences can be read, so what a trace rests at is taken off.
        y: stacked
          ? drawnY(low, traces.high[trace] ?? low, rests[trace], gainScale(gain), -trace)
          : drawnY(low, traces.high[trace] ?? low),
        color: traceColor(traces, trace, picked),
      })),
      xUnit: body.x.unit,
      yUnit: body.y.unit,
      rows: stacked ? traces.labels : null,
      envelope: traces.high !== traces.low,
      dots: traces.points <= FEW_POINTS,
    }),
    [x, rests, traces, stacked, gain, picked, body],
  );
  const values = useMemo(() => valueRange(traces), [traces]);
  const range: PlotRange = {
    x: ends(axis, stretch.start, stretch.stop),
    y: stacked ? [-(traces.low.length - 1) - MARGIN, MARGIN] : values,
  };
  const pick = (y: number) => {
    const label = stacked ? (traces.labels[Math.round(-y)] ?? null) : null;
    setPicked(label === picked ? null : label);
    if (label !== null && label !== picked) say(`Channel ${label} picked`);
  };
  return (
    <Plot
      label={lineSentence(body, axis)}
      picture={picture}
      range={range}
      covered={ends(axis, body.first, body.last)}
      bar={stacked ? { rows: BAR_ROWS, words: `${number(gain)} ${body.y.unit}`.trim() } : null}
      theme={theme}
      onPick={pick}
      {...gestures}
    />
  );
}

/** Coordinates of the first and the last sample of a stretch; never the same. */
function ends(axis: SampleAxis, start: number, stop: number): [number, number] {
  return [axis.at(start), axis.at(Math.max(stop - 1, start + 0.5))];
}

function traceColor(traces: Traces, trace: number, picked: string | null): string {
  if (picked !== null && traces.labels[trace] === picked) return "--lx-accent";
  return trace % 2 === 0 ? "--lx-ink" : "--lx-ink-2";
}
