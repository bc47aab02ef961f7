// What is said about a line picture: the sentence for its image role, the status line, and lengths of time.
import type { SampleAxis } from "./axis.ts";
import { count, duration, number } from "./format.ts";
import type { LinePreview } from "./protocol.ts";
import { tickLabels } from "./ticks.ts";

/** `16 traces, 119.603 to 121.242 s, −128.4 to 64.1 µV`. */
export function lineSentence(picture: LinePreview, axis: SampleAxis): string {
  const traces = picture.traces === 1 ? "1 trace" : `${count(picture.traces)} traces`;
  const [from, to] = ends(picture, axis);
  const { minimum, maximum } = picture.statistics;
  return `${traces}, ${from} to ${to} ${picture.x.unit}, values ${minimum} to ${withUnit(maximum, picture.y.unit)}`;
}

/**
 * `119.603–121.242 s shown in full resolution, min/max per pixel · conversion 2.34 × 10⁻⁶ applied`. Where x is no time,
 * its label is said, as it tells why.
 */
export function lineStatus(picture: LinePreview, axis: SampleAxis, envelope: boolean): string {
  const { unit, label } = picture.x;
  const stretch = joined(...ends(picture, axis));
  const where = unit === "" ? `${capital(label)} ${stretch}` : `${stretch} ${unit}`;
  const scaling = picture.scaling === "" ? [] : [`${picture.scaling} applied`];
  return [`${where} shown ${resolution(picture, envelope)}`, ...scaling].join(" \u00b7 ");
}

function resolution({ samples_per_point: samples }: LinePreview, envelope: boolean): string {
  if (envelope) return "in full resolution, min/max per pixel";
  return samples === 1 ? "in full resolution, every sample drawn" : `with one in ${count(samples)} samples`;
}

function joined(from: string, to: string): string {
  return from.startsWith("\u2212") ? `${from} to ${to}` : `${from}\u2013${to}`;
}

/** Both ends with so many decimals that a thousandth of the stretch can be told apart. */
function ends(picture: LinePreview, axis: SampleAxis): [string, string] {
  const from = axis.at(picture.first);
  const to = axis.at(Math.max(picture.last - 1, picture.first));
  return [place(picture, from, to - from), place(picture, to, to - from)];
}

/** A coordinate as it is said: indices are whole numbers, whatever lies between them. */
export function place({ x }: Pick<LinePreview, "x">, value: number, length: number): string {
  const counted = x.unit === "" && x.step === 1 && Number.isInteger(x.start);
  // What rounds to zero has no sign.
  return counted ? count(Math.round(value) || 0) : coordinate(value, length);
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A coordinate with the decimals that matter in a stretch of this length. */
export function coordinate(value: number, length: number): string {
  const step = 10 ** Math.floor(Math.log10(Math.abs(length) || 1) - 3);
  return tickLabels([value, value + Math.min(1, step)])[0] ?? "";
}

/** A text of a statistic with its unit, once. */
export function withUnit(text: string, unit: string): string {
  return unit === "" || text === "" || text.endsWith(unit) ? text : `${text} ${unit}`;
}

/** A length along x: `2.73 s`, `5 min 52 s`, `4,096 samples`. */
export function lengthWords(samples: number, step: number | null, unit: string): string {
  if (step === null || unit === "") return `${count(Math.round(samples))} samples`;
  const length = samples * step;
  return unit === "s" && length >= 60 ? duration(length) : `${number(length)} ${unit}`;
}

const LENGTHS = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 6 * 3600, 86_400];
const FEWEST_SAMPLES = 16;

/** Lengths to choose from, in samples, shortest first; the last one is everything. */
export function lengthChoices(size: number, step: number | null, unit: string): number[] {
  const round =
    step !== null && unit === "s"
      ? LENGTHS.map((seconds) => Math.round(seconds / step))
      : [100, 1000, 10_000, 100_000, 1_000_000];
  return [...round.filter((samples) => samples >= FEWEST_SAMPLES && samples < size), size];
}
