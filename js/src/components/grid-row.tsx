// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand, which the elements of a table cannot be.
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active cell.
import type { ComponentChildren } from "preact";
import { type Cell, textWidth } from "../data/cells.ts";
import { Unknown } from "./pieces.tsx";

export interface GridColumn {
  name: string;
  /** Beside the name, e.g. the dtype. */
  note?: string;
  numeric?: boolean;
  /** Pixels. */
  width: number;
}

export function cellId(grid: string, cell: Cell): string {
  return `${grid}-${cell.row}-${cell.column}`;
}

interface GridRowProps {
  /** Of the grid. */
  id: string;
  row: number;
  columns: readonly GridColumn[];
  text: (row: number, column: number) => string | undefined;
  render: ((row: number, column: number, text: string) => ComponentChildren) | undefined;
  active: Cell;
  marked: { from: Cell; to: Cell };
  /** A cell was pointed at; `extend` = mark from the anchor to it. */
  onPoint: (cell: Cell, extend: boolean) => void;
}

/** One row of a grid; grey bars where it is not loaded. */
export function GridRow({ id, row, columns, text, render, active, marked, onPoint }: GridRowProps) {
  const inRows = row >= marked.from.row && row <= marked.to.row;
  const show = (column: number) => {
    const value = text(row, column);
    if (value === undefined) return <Unknown />;
    return render ? render(row, column, value) : value;
  };
  return (
    <div class="lx-grid-row" role="row" aria-rowindex={row + 2}>
      {columns.map((spec, column) => {
        const isMarked = inRows && column >= marked.from.column && column <= marked.to.column;
        const isActive = row === active.row && column === active.column;
        return (
          <span
            key={column}
            id={cellId(id, { row, column })}
            role="gridcell"
            aria-colindex={column + 1}
            aria-selected={isMarked}
            class={`${spec.numeric ? "lx-num" : ""} ${isActive ? "lx-active" : ""}`}
            data-tip={tip(text(row, column), spec.width)}
            onMouseDown={(event) => onPoint({ row, column }, event.shiftKey)}
            onMouseEnter={(event) => event.buttons === 1 && onPoint({ row, column }, true)}
          >
            {show(column)}
          </span>
        );
      })}
    </div>
  );
}

/** The whole text of a cell that may be cut. */
function tip(text: string | undefined, width: number): string | undefined {
  return text !== undefined && textWidth(text) > width ? text : undefined;
}
