// What a read costs, in words.
import { bytes, count, duration, plural } from "./format.ts";
import type { Cost, Progress, TooCostly, ViewName } from "./protocol.ts";
import { type Part, parseSelection, partLength } from "./selection.ts";

/** `Read 3 of 41,200 chunks · 6.1 MB · 0.8 s`. */
export function readWords(cost: Cost): string {
  const chunks =
    cost.chunks === cost.total_chunks
      ? plural(cost.chunks, "chunk")
      : `${count(cost.chunks)} of ${plural(cost.total_chunks, "chunk")}`;
  const seconds = cost.seconds === null ? [] : [duration(cost.seconds)];
  return [`Read ${chunks}`, bytes(cost.bytes), ...seconds].join(" \u00b7 ");
}

/** What is going on: `Reading chunks · 12 of 48 · 4.1 MB`. */
export function progressWords({ words, done, total, bytes: received }: Progress): string {
  const parts = [words];
  if (total !== null && total > 0) parts.push(`${count(done)} of ${count(total)}`);
  if (received > 0) parts.push(bytes(received));
  return parts.join(" \u00b7 ");
}

/** `1.2 GB in 41,200 chunks, about 2 min 4 s`. */
export function needWords({ bytes: stored, chunks, seconds }: Cost): string {
  const time = seconds === null ? "" : `, about ${duration(seconds)}`;
  return `${bytes(stored)} in ${plural(chunks, "chunk")}${time}`;
}

/** What the dimensions of a view are called. */
const NOUNS: Record<ViewName, readonly string[]> = {
  line: ["samples", "channels"],
  image: ["rows", "columns"],
  table: ["rows", "columns"],
  value: ["values"],
  empty: [],
};

/**
 * The smaller selection that is offered, as far as it differs from what was asked: `10 s`, `4,096 samples × 16 channels`.
 * `time` says how long so many samples last, where that is known.
 */
export function offerWords(refused: TooCostly, time?: (samples: number) => string | null): string {
  const asked = parts(refused.selection);
  const offered = parts(refused.offer);
  const differing = offered.flatMap((part, dimension) => {
    const length = partLength(part);
    if (asked[dimension] !== undefined && partLength(asked[dimension]) === length) return [];
    const lasting = dimension === 0 && refused.view === "line" ? time?.(length) : null;
    return [lasting ?? `${count(length)} ${NOUNS[refused.view][dimension] ?? "values"}`];
  });
  return differing.length > 0 ? differing.join(" \u00d7 ") : "a part";
}

/** The parts of a selection that names every end it has. */
function parts(text: string): readonly Part[] {
  const shape = text.split(",").map(() => Number.MAX_SAFE_INTEGER);
  return parseSelection(text, shape) ?? [];
}
