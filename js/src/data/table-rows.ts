// Which rows of a table are a page, as the text of its selection tells.
import type { TablePreview } from "./protocol.ts";
import { type Span, span } from "./selection.ts";

/** Rows of a page, unless the view begins with another number of them. */
const PAGE = 100;
const MOST_ROWS = 1000;

/** The same columns of other rows: the first part that is a range names the rows. */
export function rowsSelection(selection: string, start: number, stop: number): string {
  const parts = selection.split(",").map((part) => part.trim());
  const rows = Math.max(
    0,
    parts.findIndex((part) => part.includes(":")),
  );
  return parts.with(rows, `${start}:${stop}`).join(", ");
}

/** Rows are apart by so many in the dataset: then they are all there is to see, as they do not make pages. */
export function stepOf({ selection }: TablePreview): number {
  const rows = selection.split(",").find((part) => part.includes(":"));
  return Number(/:\d*:(\d+)/.exec(rows ?? "")?.[1] ?? 1);
}

export function rowsIn(body: TablePreview): number {
  return stepOf(body) > 1 ? body.rows.length : body.total;
}

/** Where a row of the page is in the dataset. */
export function indexOf(body: TablePreview, row: number): number {
  const step = stepOf(body);
  return step > 1 ? body.offset + row * step : row;
}

/** Rows of a page, from the selection the view begins with. */
export function pageSize(selection: string): number {
  const rows = rowsOf(selection);
  return rows ? Math.max(1, Math.min(MOST_ROWS, rows.stop - rows.start)) : PAGE;
}

/** An answer holds a number of cells only: of wide tables fewer rows come than were asked for. */
export function fullPage({ rows, offset, total }: TablePreview, wanted: number): number {
  const came = rows.length;
  return came > 0 && came < wanted && offset + came < total ? came : wanted;
}

/** The selection to begin with: the page of a row, if it is known to exist, or else the first one. */
export function pageOf(row: number, first: string, total: number): string {
  const size = pageSize(first);
  const start = Math.floor(row / size) * size;
  return start > 0 && start < total ? rowsSelection(first, start, Math.min(start + size, total)) : first;
}

export function firstRow(selection: string | undefined): number {
  return rowsOf(selection ?? "")?.start ?? 0;
}

export function rowsOf(selection: string): Span | null {
  const match = /(?:^|,)\s*(\d*):(\d+)/.exec(selection);
  return match ? span(Number(match[1]), Number(match[2])) : null;
}
