// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand, which the elements of a table cannot be.
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active cell.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { block, blockText, type Cell, cellAfter } from "../data/cells.ts";
import { type Rows, rowsInSight, scrollHeight, scrollOf, topAfter, topToShow } from "../data/row-window.ts";
import "./grid.css";
import { cellId, type GridColumn, GridRow } from "./grid-row.tsx";
import { useSize } from "./use-size.ts";
import { useUniqueId } from "./use-unique-id.ts";

const ROW_HEIGHT = 24;

interface GridProps {
  label: string;
  /** The first one stays in sight. */
  columns: readonly GridColumn[];
  total: number;
  /** Undefined where the row is not loaded. */
  text: (row: number, column: number) => string | undefined;
  /** How a cell is shown, where it is not its text alone. */
  render?: (row: number, column: number, text: string) => ComponentChildren;
  /** Rows now in sight, the end exclusive. */
  onSight: (first: number, last: number) => void;
  /** Text to be copied; null where the marked cells are not all loaded, or too many. */
  onCopy: (text: string | null) => void;
  /** Row to start at. */
  start?: number;
}

/** A table of any length: only rows in sight exist. Arrow keys move, with Shift they mark, Ctrl/Cmd C copies. */
export function Grid({ label, columns, total, text, render, onSight, onCopy, start = 0 }: GridProps) {
  const id = useUniqueId();
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const rows: Rows = {
    total,
    rowHeight: ROW_HEIGHT,
    viewport: Math.max(0, (size?.height ?? 0) - ROW_HEIGHT),
  };
  const place = useRef({ scroll: 0, top: 0 });
  const [top, setTop] = useState(start * ROW_HEIGHT);
  const [active, setActive] = useState<Cell>({ row: start, column: 0 });
  const [anchor, setAnchor] = useState<Cell>(active);
  const { first, last, hidden } = rowsInSight(
    Math.min(top, Math.max(0, total * ROW_HEIGHT - rows.viewport)),
    rows,
  );

  const scrollTo = (wanted: number) => {
    place.current = { scroll: Math.round(scrollOf(wanted, rows)), top: wanted };
    if (box.current) box.current.scrollTop = place.current.scroll;
    setTop(wanted);
  };
  const followScroll = (scroll: number) => {
    if (Math.abs(scroll - place.current.scroll) < 1) return;
    const moved = topAfter(scroll, place.current, rows);
    if (total * ROW_HEIGHT > scrollHeight(rows)) return scrollTo(moved);
    place.current = { scroll, top: moved };
    setTop(moved);
  };
  const activate = (cell: Cell, extend: boolean) => {
    setActive(cell);
    if (!extend) setAnchor(cell);
    const shown = topToShow(cell.row, top, rows);
    if (shown !== top) scrollTo(shown);
    if (box.current) showColumn(box.current, columns, cell.column);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "c" && (event.ctrlKey || event.metaKey)) {
      onCopy(blockText(anchor, active, text));
    } else {
      const page = Math.max(1, Math.floor(rows.viewport / ROW_HEIGHT) - 1);
      const cell =
        event.ctrlKey || event.metaKey || event.altKey
          ? null
          : cellAfter(event.key, active, { rows: total, columns: columns.length, page });
      if (!cell) return;
      activate(cell, event.shiftKey);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const settled = size !== null;
  useEffect(() => {
    if (settled && start > 0) scrollTo(topToShow(start, start * ROW_HEIGHT, rows));
  }, [settled]);
  useEffect(() => {
    if (settled) onSight(first, last);
  }, [settled, first, last, total]);

  const marked = block(anchor, active);
  const mounted = settled ? Array.from({ length: last - first }, (_, index) => first + index) : [];
  return (
    <div
      ref={box}
      class="lx-grid"
      role="grid"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      aria-multiselectable="true"
      aria-activedescendant={active.row >= first && active.row < last ? cellId(id, active) : undefined}
      tabIndex={0}
      style={{ "--lx-grid-columns": columns.map((column) => `${column.width}px`).join(" ") }}
      onScroll={(event) => followScroll(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div class="lx-grid-space" style={{ height: `${scrollHeight(rows) + ROW_HEIGHT}px` }}>
        <div class="lx-grid-page" style={{ height: `${rows.viewport + ROW_HEIGHT}px` }}>
          <Head columns={columns} />
          <div class="lx-grid-rows" style={{ transform: `translateY(${-hidden}px)` }}>
            {mounted.map((row) => (
              <GridRow
                key={row}
                id={id}
                row={row}
                columns={columns}
                text={text}
                render={render}
                active={active}
                marked={marked}
                onPoint={activate}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

function Head({ columns }: { columns: readonly GridColumn[] }) {
  return (
    <div class="lx-grid-row lx-grid-head" role="row" aria-rowindex={1}>
      {columns.map((column, index) => (
        <span
          key={index}
          role="columnheader"
          aria-colindex={index + 1}
          class={column.numeric ? "lx-num" : ""}
          data-tip={[column.name, column.note].filter(Boolean).join(" \u00b7 ")}
        >
          <b>{column.name}</b>
          {column.note && <small>{column.note}</small>}
        </span>
      ))}
    </div>
  );
}

/** Scroll sideways so far that a column is in sight beside the first one, which stays. */
function showColumn(box: HTMLElement, columns: readonly GridColumn[], column: number): void {
  if (column === 0) return;
  const before = columns.slice(0, column).reduce((sum, { width }) => sum + width, 0);
  const fixed = columns[0]?.width ?? 0;
  const end = before + (columns[column]?.width ?? 0);
  if (before - fixed < box.scrollLeft) box.scrollLeft = before - fixed;
  else if (end > box.scrollLeft + box.clientWidth) box.scrollLeft = end - box.clientWidth;
}
