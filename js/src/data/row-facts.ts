// What a tree row says beside its name, and what its tooltip says.
import { bytes, compactShape, count, shape } from "./format.ts";
import { shownPath } from "./path.ts";
import type { Mark, Row } from "./protocol.ts";

export const MARK_WORDS: Record<Exclude<Mark, "">, string> = {
  M: "edited",
  A: "added",
  D: "deleted",
  R: "renamed",
};

/** The fact at the right end: a size if the name already tells the type, else the type. Hidden where it does not fit. */
export function rowFact(row: Row): string {
  if (row.kind === "broken") return "broken";
  if (row.kind === "link") return `→ ${shownPath(row.target)}`;
  if (row.kind === "dataset") return datasetFact(row);
  if (row.kind === "asset") return [row.type_name, sizeOf(row)].filter(Boolean).join(" · ");
  const typeInName = row.name.toLowerCase().includes(row.type_name.toLowerCase());
  if (row.type_name && typeInName && row.stored_bytes) return bytes(row.stored_bytes);
  return row.type_name || (row.children === 0 ? "empty" : count(row.children));
}

/** Of a file of a dandiset, or of all in a folder. */
function sizeOf(row: Row): string {
  return row.stored_bytes === null ? "" : bytes(row.stored_bytes);
}

function datasetFact(row: Row): string {
  if (row.target) return `→ ${shownPath(row.target)}`;
  return row.shape?.length ? `${compactShape(row.shape)} ${row.dtype}` : row.dtype || "null";
}

/** Full name, dtype, shape, size, marks: everything a narrow row has no room for. */
export function rowTip(row: Row): string {
  const stored = row.kind === "asset" ? "" : " stored";
  const size = row.stored_bytes === null ? "" : `${bytes(row.stored_bytes)}${stored}`;
  const facts = [
    row.type_name,
    row.kind === "dataset" ? [shape(row.shape), row.dtype].filter(Boolean).join(" ") : "",
    row.kind === "group" ? `${count(row.children)} ${row.children === 1 ? "object" : "objects"}` : "",
    size,
    row.target && `leads to ${row.target}`,
    row.problem,
    ...rowState(row),
  ];
  return [row.name, ...facts.filter(Boolean)].join(" · ");
}

/** Marks in words, for those who do not see the letters. */
export function rowState(row: Row, collapsed = true): string[] {
  const words: string[] = [];
  if (row.mark) words.push(MARK_WORDS[row.mark]);
  else if (collapsed && row.below) words.push(`${MARK_WORDS[row.below]} below`);
  if (row.finding) words.push(row.finding);
  else if (collapsed && row.finding_below) words.push(`${row.finding_below} below`);
  return words;
}
