// The text of a selection, `0:4096, 0:16`, and its parsed form. Ends are exclusive as in Python; only what people
// type and read as channels, `0–15`, includes its end.

/** Samples `start` to `stop` (exclusive), every `step`-th. */
export interface Span {
  start: number;
  stop: number;
  step: number;
}

/** One index of a dimension, or a span of it. */
export type Part = number | Span;

export type Selection = readonly Part[];

const SLICE = /^(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(\d+)?)?$/;
const INDEX = /^-?\d+$/;
const RANGE = /^(\d+)\s*[-\u2013]\s*(\d+)$/;

export function span(start: number, stop: number, step = 1): Span {
  return { start, stop, step };
}

export function isSpan(part: Part | undefined): part is Span {
  return typeof part === "object";
}

/**
 * Parse a selection of an array of this shape. Dimensions that are not named are taken whole.
 * Null where the text is not a selection, or not one of this shape.
 */
export function parseSelection(text: string, shape: readonly number[]): Selection | null {
  const bare = withoutBrackets(text.trim());
  const pieces = withEllipsis(bare === "" ? [] : bare.split(","), shape.length);
  if (pieces === null || pieces.length > shape.length) return null;
  const parts: Part[] = [];
  for (const [dimension, size] of shape.entries()) {
    const part = parsePart((pieces[dimension] ?? ":").trim(), size);
    if (part === null) return null;
    parts.push(part);
  }
  return parts;
}

/** Python may say `[0:10, 3]` and `(3,)`. */
function withoutBrackets(text: string): string {
  const inside = /^\[(.*)\]$|^\((.*)\)$/.exec(text);
  return inside ? (inside[1] ?? inside[2] ?? "").trim().replace(/,$/, "") : text;
}

/** Put as many `:` where `...` stands as the array has further dimensions. */
function withEllipsis(pieces: string[], dimensions: number): string[] | null {
  const at = pieces.findIndex((piece) => piece.trim() === "...");
  if (at < 0) return pieces;
  const missing = dimensions - (pieces.length - 1);
  return missing < 0 ? null : pieces.toSpliced(at, 1, ...Array<string>(missing).fill(":"));
}

function parsePart(text: string, size: number): Part | null {
  if (INDEX.test(text)) {
    const index = fromEnd(Number(text), size);
    return index >= 0 && index < size ? index : null;
  }
  const match = SLICE.exec(text);
  if (!match) return null;
  const start = clamp(fromEnd(Number(match[1] ?? 0), size), 0, size);
  const stop = clamp(fromEnd(Number(match[2] ?? size), size), start, size);
  const step = Number(match[3] ?? 1);
  return step > 0 ? { start, stop, step } : null;
}

function fromEnd(index: number, size: number): number {
  return index < 0 ? index + size : index;
}

/** The text of a selection: `0:4096, 3, 0:16`. */
export function writeSelection(selection: Selection): string {
  return selection.map(writePart).join(", ");
}

function writePart(part: Part): string {
  if (!isSpan(part)) return String(part);
  return part.step === 1 ? `${part.start}:${part.stop}` : `${part.start}:${part.stop}:${part.step}`;
}

/** The same selection with another part in one dimension. */
export function withPart(selection: Selection, dimension: number, part: Part): Selection {
  return selection.map((old, at) => (at === dimension ? part : old));
}

/** How many indices a part names. */
export function partLength(part: Part): number {
  return isSpan(part) ? Math.ceil((part.stop - part.start) / part.step) : 1;
}

/**
 * What somebody typed for a range of `size` things: `0–15` or `0-15` (end included), `0:16` as Python writes it,
 * one number, or nothing (or `all`) for everything. Null where it is none of these or names nothing that exists.
 */
export function parseRange(text: string, size: number): Span | null {
  const typed = text.trim().replaceAll(/(?<=\d),(?=\d{3})/g, "");
  if (typed === "" || typed === "all") return size > 0 ? span(0, size) : null;
  const inclusive = RANGE.exec(typed);
  const part = inclusive
    ? parsePart(`${inclusive[1]}:${Number(inclusive[2]) + 1}`, size)
    : parsePart(typed, size);
  if (part === null) return null;
  const range = isSpan(part) ? part : span(part, part + 1);
  return range.step === 1 && range.stop > range.start ? range : null;
}

/** A range as people read it, its end included: `0–15`, `3`. */
export function writeRange({ start, stop }: Span): string {
  return stop - start === 1 ? String(start) : `${start}\u2013${stop - 1}`;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
