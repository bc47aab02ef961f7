// The active cell of a grid, the cells that are marked with it, and how keys move them.

export interface Cell {
  row: number;
  column: number;
}

export interface Extent {
  rows: number;
  columns: number;
  /** Rows a page key moves by. */
  page: number;
}

/** The cell a key leads to; null where the key means nothing to a grid. Home and End first go along the row. */
export function cellAfter(key: string, from: Cell, extent: Extent): Cell | null {
  const target = keyTarget(key, from, extent);
  if (!target) return null;
  return {
    row: Math.max(0, Math.min(extent.rows - 1, target.row)),
    column: Math.max(0, Math.min(extent.columns - 1, target.column)),
  };
}

function keyTarget(key: string, { row, column }: Cell, extent: Extent): Cell | null {
  const lastColumn = extent.columns - 1;
  switch (key) {
    case "ArrowUp":
      return { row: row - 1, column };
    case "ArrowDown":
      return { row: row + 1, column };
    case "ArrowLeft":
      return { row, column: column - 1 };
    case "ArrowRight":
      return { row, column: column + 1 };
    case "PageUp":
      return { row: row - extent.page, column };
    case "PageDown":
      return { row: row + extent.page, column };
    case "Home":
      return { row: column === 0 ? 0 : row, column: 0 };
    case "End":
      return { row: column === lastColumn ? extent.rows - 1 : row, column: lastColumn };
    default:
      return null;
  }
}

/** The rectangle between two cells, ends included. */
export function block(one: Cell, other: Cell): { from: Cell; to: Cell } {
  return {
    from: { row: Math.min(one.row, other.row), column: Math.min(one.column, other.column) },
    to: { row: Math.max(one.row, other.row), column: Math.max(one.column, other.column) },
  };
}

/** More cells than this are not put on the clipboard. */
export const MOST_COPIED = 100_000;

/**
 * Cells as text for the clipboard, tabs between columns; null where a cell is not loaded or there are too many of them,
 * as a copy with holes would look complete.
 */
export function blockText(
  one: Cell,
  other: Cell,
  text: (row: number, column: number) => string | undefined,
): string | null {
  const { from, to } = block(one, other);
  if ((to.row - from.row + 1) * (to.column - from.column + 1) > MOST_COPIED) return null;
  const lines: string[] = [];
  for (let row = from.row; row <= to.row; row += 1) {
    const cells: string[] = [];
    for (let column = from.column; column <= to.column; column += 1) {
      const cell = text(row, column);
      if (cell === undefined) return null;
      cells.push(cell.replaceAll(/[\t\n\r]+/g, " "));
    }
    lines.push(cells.join("\t"));
  }
  return lines.join("\n");
}

/** Room of a letter at 12 px in a wide font: of a number, of a bold heading, and of the smaller note behind it. */
const LETTER = 7.7;
const BOLD = 8.6;
const SMALL = 7.2;
/** Padding of the first column, which is the widest one. */
const ROOM = 26;
const NARROWEST = 56;
const WIDEST = 360;

/** About how wide a text is in a cell, with the room around it; pixels. */
export function textWidth(text: string): number {
  return text.length * LETTER + ROOM;
}

/** Width of a column in pixels that holds its heading and these cells whole, within reason. */
export function columnWidth(heading: string, note: string, cells: Iterable<string | undefined>): number {
  let widest = heading.length * BOLD + note.length * SMALL + ROOM + (note === "" ? 0 : 4);
  for (const cell of cells) widest = Math.max(widest, textWidth(cell ?? ""));
  return Math.round(Math.max(NARROWEST, Math.min(WIDEST, widest)));
}
