// Which rows of a long list are in sight. Browsers cannot make an element higher than about 16 million pixels, so
// beyond a limit the scroll bar stands for the list on a smaller scale while the wheel still moves by single rows.

/** Higher than this no element is made. */
export const MAX_SCROLL = 8_000_000;

export interface Rows {
  total: number;
  /** Height of a row, and of the part of the list that is in sight; pixels. */
  rowHeight: number;
  viewport: number;
}

/** Height of the element that is scrolled. */
export function scrollHeight(rows: Rows): number {
  return Math.min(rows.total * rows.rowHeight, MAX_SCROLL);
}

/** The largest distance of the upper edge in sight from the start of the list. */
export function lastTop(rows: Rows): number {
  return Math.max(0, rows.total * rows.rowHeight - rows.viewport);
}

/** Where the scroll bar stands for a distance from the start. */
export function scrollOf(top: number, rows: Rows): number {
  const room = Math.max(0, scrollHeight(rows) - rows.viewport);
  const last = lastTop(rows);
  return last === 0 ? 0 : (top / last) * room;
}

/** The distance from the start after the scroll bar has moved. Short moves are exact, long ones go by its scale. */
export function topAfter(scroll: number, before: { scroll: number; top: number }, rows: Rows): number {
  const room = Math.max(0, scrollHeight(rows) - rows.viewport);
  const last = lastTop(rows);
  if (room === 0 || scroll <= 0) return 0;
  if (scroll >= room) return last;
  if (room === last) return scroll;
  const moved = scroll - before.scroll;
  const far = Math.abs(moved) > rows.viewport * 2;
  return Math.max(0, Math.min(last, far ? (scroll / room) * last : before.top + moved));
}

/** The rows to mount, and how many pixels the first one is above the upper edge. */
export function rowsInSight(top: number, rows: Rows): { first: number; last: number; hidden: number } {
  const first = Math.min(Math.floor(top / rows.rowHeight), Math.max(0, rows.total - 1));
  const last = Math.min(rows.total, Math.ceil((top + rows.viewport) / rows.rowHeight));
  return { first, last: Math.max(first, last), hidden: top - first * rows.rowHeight };
}

/** The distance from the start nearest to `top` at which a row is wholly in sight. */
export function topToShow(row: number, top: number, rows: Rows): number {
  const start = row * rows.rowHeight;
  const nearest = Math.min(start, Math.max(top, start + rows.rowHeight - rows.viewport));
  return Math.max(0, Math.min(lastTop(rows), nearest));
}
