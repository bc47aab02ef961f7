// How a picture is placed: pictures of something keep their pixels square, matrices fill the room.
import type { ImagePreview, NodeCard } from "./protocol.ts";

/** Types whose data are seen through a lens. */
const OPTICAL = /image|photon|plane|mask|video|frame/i;

/** A matrix this much longer than wide is no picture of something. */
const MOST_UNEQUAL = 4;

/** Whether pixels have to be square. */
export function isPicture(picture: ImagePreview, card: Pick<NodeCard, "row" | "in_type">): boolean {
  if (picture.channels > 1 || card.row.icon === "image") return true;
  if (OPTICAL.test(card.row.type_name) || OPTICAL.test(card.in_type)) return true;
  const ratio = picture.columns / Math.max(1, picture.rows);
  // Frames of a stack are nearly always pictures, if they are not very long.
  return picture.sliders.length > 0 && ratio <= MOST_UNEQUAL && ratio >= 1 / MOST_UNEQUAL;
}

/** The largest size with this ratio of columns to rows that fits into a room; whole pixels, at least one. */
export function largest(
  columns: number,
  rows: number,
  room: { width: number; height: number },
): { width: number; height: number } {
  const scale = Math.min(room.width / Math.max(1, columns), room.height / Math.max(1, rows));
  return {
    width: Math.max(1, Math.floor(columns * scale)),
    height: Math.max(1, Math.floor(rows * scale)),
  };
}

/** What is left out of a picture: `one in 4 rows shown`; "" where nothing is. */
export function decimationWords(picture: ImagePreview): string {
  const { every_row: row, every_column: column } = picture;
  const one = (every: number, noun: string) => `one in ${every.toLocaleString("en-US")} ${noun}`;
  if (row > 1 && column > 1) {
    return row === column
      ? `${one(row, "rows and columns")} shown`
      : `${one(row, "rows")} and ${one(column, "columns")} shown`;
  }
  if (row > 1) return `${one(row, "rows")} shown`;
  return column > 1 ? `${one(column, "columns")} shown` : "";
}
