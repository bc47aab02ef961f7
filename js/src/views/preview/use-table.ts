// The state of a table view: its columns, the pages of its rows, and what is in sight.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { GridColumn } from "../../components/grid-row.tsx";
import { columnWidth } from "../../data/cells.ts";
import { localFailure } from "../../data/failure.ts";
import { count } from "../../data/format.ts";
import { Pages } from "../../data/pages.ts";
import type { Cost, TablePreview, TooCostly } from "../../data/protocol.ts";
import { isSpan, parseSelection, type Span, span, withPart, writeSelection } from "../../data/selection.ts";
import { type Picture, usePicture } from "./use-picture.ts";
import type { ViewProps } from "./view-props.ts";

/** More columns than this are not drawn. */
const MOST_COLUMNS = 200;
/** Rows of a page, unless the view begins with another number of them. */
const PAGE = 100;
const MOST_ROWS = 1000;
/** A table has no size in pixels. */
const ANY_SIZE = { width: 800, height: 400 };
/** Columns that number the rows themselves. */
const NUMBERING = new Set(["id", "index", "row", ""]);

export interface TableState {
  picture: Picture<TablePreview>;
  body: TablePreview | null;
  pages: Pages<string[]> | null;
  /** Of the grid: the fixed one first. */
  columns: readonly GridColumn[];
  /** No more than so many are drawn. */
  mostColumns: number;
  text: (row: number, column: number) => string | undefined;
  /** Row to begin at. */
  start: number;
  see: (first: number, last: number) => void;
  /** Cost of the last page that was read. */
  cost: Cost | null;
  /** A page costs more than is read unasked. */
  refusedPage: TooCostly | null;
  agreePages: (bytes: number) => void;
  setText: (selection: string) => void;
  /** The columns of an array that are shown, of how many; null for tables. */
  chosen: { columns: Span; size: number } | null;
  chooseColumns: (columns: Span) => void;
}

export function useTable({ ctx, card, choice, memory }: Omit<ViewProps, "switcher">): TableState {
  const size = pageSize(choice.selection);
  const start = memory.row ?? firstRow(memory.selections.line);
  const [text, setText] = useState(
    memory.selections.table ?? pageOf(start, choice.selection, card.array?.shape?.[0] ?? 0),
  );
  const picture = usePicture(ctx, card, "table", text, ANY_SIZE, memory);
  const paged = usePages(ctx, card.row.path, picture, size);
  const { shown } = picture;
  const body = shown?.body ?? null;
  const numbered = body !== null && !NUMBERING.has(body.columns[0]?.name ?? "");
  const columns = useMemo(() => (body ? gridColumns(body, numbered) : []), [body, numbered]);

  const shape = card.array?.shape ?? null;
  const selection = shape && shape.length > 1 ? parseSelection(text, shape) : null;
  const second = selection?.[1];
  return {
    ...paged,
    picture,
    body,
    columns,
    mostColumns: MOST_COLUMNS,
    start,
    text: (row, column) => {
      if (numbered && column === 0) return count(row);
      return paged.pages?.row(row)?.[numbered ? column - 1 : column];
    },
    see: (first, last) => {
      memory.row = first;
      paged.see(first, last);
    },
    setText,
    chosen: isSpan(second) ? { columns: second, size: shape?.[1] ?? 0 } : null,
    chooseColumns: (wanted) => {
      if (!selection) return;
      const next = writeSelection(withPart(selection, 1, wanted));
      memory.selections.table = next;
      setText(next);
    },
  };
}

/** The pages of the rows, begun with those that came with the columns. */
function usePages(ctx: ViewProps["ctx"], path: string, picture: Picture<TablePreview>, wanted: number) {
  const [, setVersion] = useState(0);
  const sight = useRef<[number, number]>([0, 0]);
  const cost = useRef<Cost | null>(null);
  const refused = useRef<TooCostly | null>(null);
  const agreed = useRef(picture.agreed);
  const { shown } = picture;
  const pages = useMemo(() => {
    if (!shown) return null;
    const { selection, total } = shown.body;
    const size = fullPage(shown.body, wanted);
    cost.current = shown.body.cost;
    refused.current = null;
    const made = new Pages<string[]>({
      size,
      onChange: () => setVersion((version) => version + 1),
      load: async (offset, limit, signal) => {
        const rows = rowsSelection(selection, offset, Math.min(total, offset + limit));
        const { body } = await ctx.request(
          { op: "preview", path, view: "table", selection: rows, agreed_bytes: agreed.current },
          { signal },
        );
        if (body.type === "too_costly") {
          refused.current = body;
          throw localFailure("cancelled", "This page costs more than is read unasked");
        }
        if (body.type !== "table") throw localFailure("protocol", "The rows came as something else");
        cost.current = body.cost;
        return body.rows;
      },
    });
    made.put(shown.body.offset, shown.body.rows);
    return made;
  }, [ctx, path, shown, wanted]);
  useEffect(() => {
    pages?.want(...sight.current);
    return () => pages?.stop();
  }, [pages]);
  return {
    pages,
    cost: cost.current,
    refusedPage: refused.current,
    see: (first: number, last: number) => {
      sight.current = [first, last];
      pages?.want(first, last);
    },
    agreePages: (bytes: number) => {
      agreed.current = bytes;
      refused.current = null;
      pages?.retry();
    },
  };
}

function gridColumns(body: TablePreview, numbered: boolean): GridColumn[] {
  const shown = body.columns.slice(0, MOST_COLUMNS).map((column, index) => ({
    name: column.name,
    note: column.dtype,
    numeric: column.numeric,
    // Widths from the first page only: they must not move while others come.
    width: columnWidth(
      `${column.name} ${column.dtype}`,
      body.rows.map((row) => row[index]),
    ),
  }));
  if (!numbered) return shown;
  const width = columnWidth("row", [count(body.total)]);
  return [{ name: "row", numeric: true, width }, ...shown];
}

/** The same columns of other rows. */
export function rowsSelection(selection: string, start: number, stop: number): string {
  const [, ...columns] = selection.split(",");
  return [`${start}:${stop}`, ...columns.map((part) => part.trim())].join(", ");
}

/** Rows of a page, from the selection the view begins with. */
function pageSize(selection: string): number {
  const rows = rowsOf(selection);
  return rows ? Math.max(1, Math.min(MOST_ROWS, rows.stop - rows.start)) : PAGE;
}

/** An answer holds a number of cells only: of wide tables fewer rows come than were asked for. */
function fullPage({ rows, offset, total }: TablePreview, wanted: number): number {
  const came = rows.length;
  return came > 0 && came < wanted && offset + came < total ? came : wanted;
}

/** The selection to begin with: the page of a row, if it is known to exist, or else the first one. */
function pageOf(row: number, first: string, total: number): string {
  const size = pageSize(first);
  const start = Math.floor(row / size) * size;
  return start > 0 && start < total ? rowsSelection(first, start, Math.min(start + size, total)) : first;
}

function firstRow(selection: string | undefined): number {
  return rowsOf(selection ?? "")?.start ?? 0;
}

function rowsOf(selection: string): Span | null {
  const match = /^\s*(\d*):(\d+)/.exec(selection);
  return match ? span(Number(match[1]), Number(match[2])) : null;
}
