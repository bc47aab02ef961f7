// The bars of the time alignment: which range they share, and how few strokes show all of them.
import type { TimeBar } from "./protocol.ts";

/** A bar that ends more than so many times later than the usual one is drawn as going on. */
const FAR = 10;

export interface TimeRange {
  start: number;
  stop: number;
}

/**
 * The range most bars share; null where no bar has a span. Ends far off, as of times in ms, are left outside.
 * It starts at the session's start, unless all data are far from it (as times since 1970 are).
 */
export function sharedRange(bars: readonly TimeBar[]): TimeRange | null {
  const ends = bars.map(endOf).filter(Number.isFinite);
  ends.sort((a, b) => a - b);
  const usual = ends[(ends.length - 1) >> 1];
  if (usual === undefined) return null;
  const near = (time: number) => Math.abs(time) <= Math.max(Math.abs(usual), 1) * FAR;
  const first = bars.map(startOf).filter(near).reduce(smaller, usual);
  const stop = ends.filter(near).reduce(larger, usual);
  const start = first > stop / 2 ? first : Math.min(0, first);
  // A margin, so that the last edge can be seen.
  return { start, stop: start + Math.max((stop - start) * 1.01, 1e-6) };
}

const smaller = (a: number, b: number) => (b < a ? b : a);
const larger = (a: number, b: number) => (b > a ? b : a);

function startOf(bar: TimeBar): number {
  return bar.spans.map(([start]) => start).reduce(smaller, Number.POSITIVE_INFINITY);
}

/** End of the last span; not finite where there is none. */
export function endOf(bar: TimeBar): number {
  return bar.spans.map(([, stop]) => stop).reduce(larger, Number.NEGATIVE_INFINITY);
}

/** Whether a bar leaves the range. */
export function leaves(bar: TimeBar, range: TimeRange): boolean {
  return endOf(bar) > range.stop;
}

/**
 * Spans in thousandths of the range, sorted, cut to it, those that touch at this scale joined: a million trials
 * become at most five hundred and one strokes.
 */
export function strokes(bar: TimeBar, range: TimeRange): [number, number][] {
  const scale = 1000 / (range.stop - range.start);
  const cut = (time: number) => Math.max(0, Math.min(1000, (time - range.start) * scale));
  const placed = bar.spans
    .filter(([start, stop]) => stop >= range.start && start <= range.stop)
    .map(([start, stop]): [number, number] => {
      // A moment is one thousandth wide, at the very end too.
      const from = Math.min(cut(start), 999);
      return [from, Math.max(cut(stop), from + 1)];
    })
    .sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [start, stop] of placed) {
    const last = joined.at(-1);
    if (last && start - last[1] < 1) last[1] = Math.max(last[1], stop);
    else joined.push([start, stop]);
  }
  return joined;
}
