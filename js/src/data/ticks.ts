// Where the ticks of an axis go, and what is written at them.
import { number } from "./format.ts";

const MINUS = "\u2212";

/** The smallest 1, 2 or 5 times a power of ten that is not below `rough`. */
export function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  // 1e-9 of slack: 0.3 / 3 is a little more than 0.1.
  const multiple = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return multiple * power;
}

/** At most `most` round values in `low..high`, in order; none where the range is empty or not finite. */
export function ticks(low: number, high: number, most: number): number[] {
  if (!(Number.isFinite(low) && Number.isFinite(high) && high > low && most >= 1)) return [];
  let step = niceStep((high - low) / most);
  let found = multiples(low, high, step);
  // Both ends may be multiples: one tick more than there are steps.
  while (found.length > most) {
    step = niceStep(step * 1.01);
    found = multiples(low, high, step);
  }
  return found;
}

function multiples(low: number, high: number, step: number): number[] {
  // Numbers so close together that they cannot be told apart have no round values among them.
  if (step < Math.max(Math.abs(low), Math.abs(high)) * Number.EPSILON * 32) return [];
  const slack = 1e-9;
  const first = Math.ceil(low / step - slack);
  const last = Math.floor(high / step + slack);
  const decimals = decimalsOf(step);
  const found: number[] = [];
  for (let index = first; index <= last; index += 1) found.push(Number((index * step).toFixed(decimals)));
  return found;
}

/** Decimals that numbers so far apart need. */
function decimalsOf(gap: number): number {
  return Math.min(100, Math.max(0, -Math.floor(Math.log10(gap) + 1e-9)));
}

/** Labels with equally many decimals: `119.5`, `120.0`; very large and very small ones with a power of ten. */
export function tickLabels(values: readonly number[]): string[] {
  const largest = Math.max(...values.map(Math.abs), 0);
  const gap = values.length > 1 ? Math.abs((values[1] ?? 0) - (values[0] ?? 0)) : largest || 1;
  const digits = Math.ceil(Math.log10((largest || 1) / gap)) + 2;
  // With more digits than that a power of ten is no shorter.
  if ((largest >= 1e7 && digits <= 6) || (largest > 0 && largest < 1e-4)) {
    return values.map((value) => number(value, Math.max(3, digits)));
  }
  const decimals = decimalsOf(gap);
  return values.map((value) => {
    const text = Math.abs(value).toLocaleString("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    return value < 0 && Number(value.toFixed(decimals)) !== 0 ? MINUS + text : text;
  });
}

const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400,
];

/** Round times in seconds, at most `most`: quarters and halves of minutes, hours, days rather than tens. */
export function timeTicks(low: number, high: number, most: number): number[] {
  if (!(high > low) || high - low < 2 || !Number.isFinite(high - low)) return ticks(low, high, most);
  const step = TIME_STEPS.find((candidate) => Math.floor((high - low) / candidate) < most);
  return step === undefined
    ? ticks(low / 86400, high / 86400, most).map((day) => day * 86400)
    : multiples(low, high, step);
}

/** `0`, `15 min`, `1 h 30 min`: the labels of `timeTicks`. */
export function timeLabel(seconds: number): string {
  if (seconds === 0) return "0";
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? MINUS : "";
  if (size >= 86400 && size % 86400 === 0) return `${sign}${number(size / 86400, 6)} d`;
  if (size >= 7200 && size % 3600 === 0) return `${sign}${number(size / 3600, 6)} h`;
  if (size >= 60 && size % 60 === 0) return `${sign}${number(size / 60, 6)} min`;
  return `${sign}${number(size, 6)} s`;
}
