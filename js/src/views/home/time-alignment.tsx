import { useRef } from "preact/hooks";
import { useSize } from "../../components/use-size.ts";
import { duration } from "../../data/format.ts";
import type { TimeBar } from "../../data/protocol.ts";
import { endOf, leaves, sharedRange, strokes, type TimeRange } from "../../data/spans.ts";
import { timeLabel, timeTicks } from "../../data/ticks.ts";
import type { ViewContext } from "../../state/context.ts";

/** Room one label of the axis needs, in pixels. */
const LABEL_WIDTH = 80;

/** When each object has data, all on one axis of the session's time. */
export function TimeAlignment({ ctx, bars }: { ctx: ViewContext; bars: readonly TimeBar[] }) {
  const axis = useRef<HTMLDivElement>(null);
  const size = useSize(axis);
  const range = sharedRange(bars);
  if (!range) return null;
  const marks = size ? timeTicks(range.start, range.stop, Math.max(2, size.width / LABEL_WIDTH)) : [];
  const place = (time: number) => `${((time - range.start) / (range.stop - range.start)) * 100}%`;
  return (
    <section class="lx-align" aria-label="Time alignment" style={{ "--lx-bars": String(bars.length) }}>
      <h4>Time alignment</h4>
      <div class="lx-align-grid">
        <div class="lx-align-axis" ref={axis} aria-hidden="true">
          {marks.map((time) => (
            <span key={time} style={{ left: place(time) }}>
              <i>{timeLabel(time)}</i>
            </span>
          ))}
        </div>
        <ul>
          {bars.map((bar) => (
            <Bar key={bar.path} ctx={ctx} bar={bar} range={range} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Bar({ ctx, bar, range }: { ctx: ViewContext; bar: TimeBar; range: TimeRange }) {
  const far = leaves(bar, range);
  return (
    <li class={far ? "lx-align-far" : ""}>
      <button
        type="button"
        class="lx-link lx-cut"
        data-tip={`${bar.name}: ${sentence(bar)}`}
        onClick={() => ctx.select(bar.path)}
      >
        {bar.name}
      </button>
      <svg
        class="lx-align-span"
        viewBox="0 0 1000 6"
        preserveAspectRatio="none"
        role="img"
        aria-label={sentence(bar)}
      >
        <path d={outline(bar, range)} />
      </svg>
      {far && <i class="lx-align-arrow" aria-hidden="true" />}
      <span class="lx-align-note">
        <span>{bar.note}</span>
      </span>
    </li>
  );
}

function outline(bar: TimeBar, range: TimeRange): string {
  const digits = (value: number) => Number(value.toFixed(2));
  return strokes(bar, range)
    .map(([start, stop]) => `M${digits(start)} 0H${digits(stop)}V6H${digits(start)}Z`)
    .join("");
}

function sentence(bar: TimeBar): string {
  const first = bar.spans[0];
  if (!first) return "no times";
  const gaps = bar.spans.length > 1 ? `, in ${bar.spans.length.toLocaleString("en-US")} parts` : "";
  return `${moment(first[0])} to ${moment(endOf(bar))}${gaps}`;
}

/** A time of the session; it may lie before its start. */
function moment(seconds: number): string {
  if (seconds === 0) return "0 s";
  return seconds < 0 ? `\u2212${duration(-seconds)}` : duration(seconds);
}
