// The state of a table view: its columns, the pages of its rows, and what is in sight.
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { GridColumn } from "../../components/grid-row.tsx";
import { columnWidth } from "../../data/cells.ts";
import { localFailure } from "../../data/failure.ts";
import { count } from "../../data/format.ts";
import { Pages } from "../../data/pages.ts";
import type { Cost, TablePreview, TooCostly } from "../../data/protocol.ts";
import { isSpan, parseSelection, type Span, withPart, writeSelection } from "../../data/selection.ts";
import {
  firstRow,
  fullPage,
  indexOf,
  pageOf,
  pageSize,
  rowsIn,
  rowsOf,
  rowsSelection,
  stepOf,
} from "../../data/table-rows.ts";
import { type Picture, usePicture } from "./use-picture.ts";
import { useBeginning, useShown, useWanted } from "./use-selection.ts";
import type { ViewProps } from "./view-props.ts";

/** More columns than this are not drawn. */
const MOST_COLUMNS = 200;
/** A table has no size in pixels. */
const ANY_SIZE = { width: 800, height: 400 };
/** Columns that number the rows themselves. */
const NUMBERING = new Set(["id", "index", "row", ""]);

/** Where a table begins: a row, and how many leaps led to it. */
export interface Start {
  row: number;
  leaps: number;
}

export interface TableState {
  picture: Picture<TablePreview>;
  body: TablePreview | null;
  pages: Pages<string[]> | null;
  /** Rows there are to see. */
  total: number;
  /** Of the grid: the fixed one first. */
  columns: readonly GridColumn[];
  /** No more than so many are drawn. */
  mostColumns: number;
  text: (row: number, column: number) => string | undefined;
  /** Row to begin at; a new object for each leap. */
  start: Start;
  see: (first: number, last: number) => void;
  /** Cost of the last page that was read. */
  cost: Cost | null;
  /** A page costs more than is read unasked. */
  refusedPage: TooCostly | null;
  agreePages: (bytes: number) => void;
  setText: (selection: string) => void;
  /** Back to where the view begins by itself; null while it is there. */
  restart: (() => void) | null;
  /** The columns of an array that are shown, of how many; null for tables. */
  chosen: { columns: Span; size: number } | null;
  chooseColumns: (columns: Span) => void;
}

export function useTable(props: Omit<ViewProps, "switcher">): TableState {
  const { ctx, card, choice, memory } = props;
  const size = pageSize(choice.selection);
  const left = memory.row ?? firstRow(memory.selections.line);
  const page = pageOf(left, choice.selection, card.array?.shape?.[0] ?? 0);
  const beginning = useBeginning(props, "table", page);
  const [text, setText] = useState(beginning);
  const [start, setStart] = useState<Start>({ row: left, leaps: 0 });
  const leaping = useRef(beginning !== page && memory.row === undefined);
  const leap = (selection: string) => {
    memory.selections.table = selection;
    leaping.current = true;
    setText(selection);
  };
  const picture = usePicture(ctx, card, "table", text, ANY_SIZE, memory);
  const paged = usePages(ctx, card.row.path, picture, size, leaping);
  useWanted(props, leap);
  useShown(props, text, picture);
  const told = useTold(props, picture.seen, size);
  const { shown } = picture;
  const body = shown?.body ?? null;
  useEffect(() => {
    if (!(body && leaping.current)) return;
    leaping.current = false;
    setStart({ row: stepOf(body) > 1 ? 0 : body.offset, leaps: start.leaps + 1 });
  }, [body]);
  const numbered = body !== null && !NUMBERING.has(body.columns[0]?.name ?? "");
  const columns = useMemo(() => (body ? gridColumns(body, numbered) : []), [body, numbered]);

  const shape = card.array?.shape ?? null;
  const selection = shape && shape.length > 1 ? parseSelection(text, shape) : null;
  const second = selection?.[1];
  return {
    ...paged,
    picture,
    body,
    total: body ? rowsIn(body) : 0,
    columns,
    mostColumns: MOST_COLUMNS,
    start,
    text: (row, column) => {
      if (numbered && column === 0) return body ? count(indexOf(body, row)) : undefined;
      return paged.pages?.row(row)?.[numbered ? column - 1 : column];
    },
    see: (first, last) => {
      memory.row = first;
      told(first, last);
      paged.see(first, last);
    },
    setText: leap,
    restart: text === choice.selection ? null : () => leap(choice.selection),
    chosen: isSpan(second) ? { columns: second, size: shape?.[1] ?? 0 } : null,
    chooseColumns: (wanted) => {
      if (!selection) return;
      const next = writeSelection(withPart(selection, 1, wanted));
      memory.selections.table = next;
      setText(next);
    },
  };
}

/** Tell of another page when all rows that were told of are out of sight. */
function useTold({ ctx, card }: Omit<ViewProps, "switcher">, seen: TablePreview | null, size: number) {
  const told = useRef("");
  useEffect(() => {
    told.current = seen?.selection ?? "";
  }, [seen]);
  return (first: number, last: number) => {
    const rows = rowsOf(told.current);
    if (!(seen && rows) || stepOf(seen) > 1 || (first < rows.stop && last > rows.start)) return;
    const from = Math.floor(first / size) * size;
    told.current = rowsSelection(seen.selection, from, Math.min(seen.total, from + size));
    ctx.show(card.row.path, told.current, told.current);
  };
}

/** The pages of the rows, begun with those that came with the columns. */
function usePages(
  ctx: ViewProps["ctx"],
  path: string,
  picture: Picture<TablePreview>,
  wanted: number,
  leaping: RefObject<boolean>,
) {
  const [, setVersion] = useState(0);
  const sight = useRef<[number, number]>([0, 0]);
  const cost = useRef<Cost | null>(null);
  const refused = useRef<TooCostly | null>(null);
  const agreed = useRef(picture.agreed);
  const { shown } = picture;
  const pages = useMemo(() => {
    if (!shown) return null;
    const { selection, total } = shown.body;
    const apart = stepOf(shown.body) > 1;
    const size = apart ? Math.max(1, shown.body.rows.length) : fullPage(shown.body, wanted);
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
    made.put(apart ? 0 : shown.body.offset, shown.body.rows);
    return made;
  }, [ctx, path, shown, wanted]);
  useEffect(() => {
    // What was in sight is left: the rows that came are looked at.
    if (leaping.current && shown) sight.current = [shown.body.offset, shown.body.offset];
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
      column.name,
      column.dtype,
      body.rows.map((row) => row[index]),
    ),
  }));
  if (!numbered) return shown;
  const width = columnWidth("index", "", [count(body.total)]);
  return [{ name: "index", numeric: true, width }, ...shown];
}
