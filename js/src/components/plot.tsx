import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "./plot.css";
import { CLICK, followPan, followWheel, keyAction, type PlotGestures } from "./plot-gestures.ts";
import { drawScaleBar, drawUnread, type ScaleBar } from "./plot-marks.ts";
import { type PlotPicture, type PlotRange, plotOptions } from "./plot-options.ts";
import { tokenColors } from "./token-color.ts";
import { useSize } from "./use-size.ts";

interface PlotProps extends PlotGestures {
  /** What is shown, in a sentence. */
  label: string;
  picture: PlotPicture;
  range: PlotRange;
  /** The stretch of x that was read; what is in view beside it is hatched. */
  covered: [number, number];
  bar?: ScaleBar | null;
  /** Redrawn when it changes. */
  theme: string;
}

/** Lines over x. Drag zooms, with Shift it pans; keys do the same. */
export function Plot(props: PlotProps) {
  const { label, picture, range, covered, theme } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const size = useSize(box);
  const measured = size !== null;

  // Traces and the kind of y axis are fixed when a plot is made; everything else is followed.
  const kind = `${picture.traces.length} ${picture.rows === null} ${picture.envelope}`;
  useEffect(() => {
    const host = box.current;
    if (!(host && measured)) return undefined;
    const made = makePlot(host, () => latest.current);
    plot.current = made.plot;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [measured, kind]);

  useEffect(() => {
    if (size && plot.current) plot.current.setSize(size);
  }, [size]);
  useEffect(() => {
    plot.current?.setData(dataOf(picture), true);
  }, [picture, kind]);
  useEffect(() => {
    const [min, max] = range.x;
    plot.current?.setScale("x", { min, max });
  }, [range.x[0], range.x[1], range.y[0], range.y[1], covered[0], covered[1]]);
  useEffect(() => plot.current?.redraw(false), [theme]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keyAction(event.key);
    if (!action) return;
    action(latest.current);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="lx-plot"
      role="application"
      aria-label="Plot: arrow keys move and zoom"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys, as an application does.
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div class="lx-plot-box" role="img" aria-label={label} ref={box} />
    </div>
  );
}

function dataOf(picture: PlotPicture): uPlot.AlignedData {
  return [picture.x, ...picture.traces.map((trace) => trace.y)];
}

function makePlot(host: HTMLElement, props: () => PlotProps): { plot: uPlot; destroy: () => void } {
  const colors = tokenColors(host);
  const font = getComputedStyle(host).fontFamily || "sans-serif";
  const options = plotOptions(
    { width: host.clientWidth, height: host.clientHeight },
    { colors, font, picture: () => props().picture, range: () => props().range },
  );
  options.hooks = {
    drawClear: [
      (plot) => {
        colors.refresh();
        drawUnread(plot, colors, props().covered);
      },
    ],
    draw: [
      (plot) => {
        const { bar } = props();
        if (bar) drawScaleBar(plot, colors, font, bar);
      },
    ],
    setSelect: [
      (plot) => {
        const { left, width } = plot.select;
        if (width < CLICK) return;
        props().onStretch(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    ],
  };
  // A double click goes back; uPlot's own would show everything that was read.
  options.cursor = { ...options.cursor, bind: { dblclick: () => () => null } };
  const plot = new uPlot(options, dataOf(props().picture), host);
  const stops = [followWheel(plot.over, props), followPan(plot.over, props), followClicks(plot, props)];
  return {
    plot,
    destroy: () => {
      for (const stop of stops) stop();
      plot.destroy();
    },
  };
}

function followClicks(plot: uPlot, props: () => PlotProps): () => void {
  let pressed = 0;
  const down = (event: MouseEvent) => {
    pressed = event.clientX;
  };
  const click = (event: MouseEvent) => {
    if (Math.abs(event.clientX - pressed) < CLICK && event.detail < 2 && !event.shiftKey) {
      props().onPick(plot.posToVal(event.offsetY, "y"));
    }
  };
  const back = () => props().onBack();
  plot.over.addEventListener("mousedown", down);
  plot.over.addEventListener("click", click);
  plot.over.addEventListener("dblclick", back);
  return () => {
    plot.over.removeEventListener("mousedown", down);
    plot.over.removeEventListener("click", click);
    plot.over.removeEventListener("dblclick", back);
  };
}
