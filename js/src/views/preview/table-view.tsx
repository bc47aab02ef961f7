import { useRef } from "preact/hooks";
import { FailureCard } from "../../components/failure-card.tsx";
import { Grid } from "../../components/grid.tsx";
import { codeOf } from "../../data/code.ts";
import { readWords } from "../../data/cost.ts";
import { count, range } from "../../data/format.ts";
import type { NodeCard, TablePreview } from "../../data/protocol.ts";
import { rowsSelection } from "../../data/table-rows.ts";
import type { ViewContext } from "../../state/context.ts";
import { Exports } from "./exports.tsx";
import { Frame } from "./frame.tsx";
import { RangeEntry } from "./range-entry.tsx";
import { Refusal } from "./refusal.tsx";
import { TableSkeleton } from "./skeletons.tsx";
import { type TableState, useTable } from "./use-table.ts";
import type { ViewProps } from "./view-props.ts";

/** Tables up to this length are exported whole, longer ones by the page in sight. */
const WHOLE_ROWS = 100_000;

/** A table of any length, its rows fetched as they come into sight. */
export function TableView({ switcher, ...props }: ViewProps) {
  const { ctx, card } = props;
  const content = useRef<HTMLDivElement>(null);
  const table = useTable(props);
  const { picture, chosen } = table;
  const { seen } = picture;
  const taken = seen && { ...seen, selection: exported(seen) };
  return (
    <Frame
      switcher={switcher}
      tools={
        chosen && (
          <RangeEntry
            label="Columns"
            range={chosen.columns}
            size={chosen.size}
            onRange={table.chooseColumns}
          />
        )
      }
      picture={picture}
      onRestart={table.restart}
      contentRef={content}
      skeleton={<TableSkeleton />}
      refusal={
        picture.refused && (
          <Refusal refused={picture.refused} onOffer={table.setText} onAgree={picture.agree} />
        )
      }
      cost={seen && table.cost ? readWords(table.cost) : ""}
      facts={[
        ["rows", seen && count(seen.total)],
        ["columns", seen && columnsWords(seen.columns.length, table.mostColumns)],
      ]}
      exports={
        <Exports
          ctx={ctx}
          data={taken && { path: taken.path, selection: taken.selection, agreed: picture.agreed }}
          code={taken && codeOf(taken, card.array === null)}
        />
      }
    >
      <Rows ctx={ctx} card={card} table={table} />
    </Frame>
  );
}

function columnsWords(all: number, most: number): string {
  return all > most ? `first ${count(most)} of ${count(all)}` : count(all);
}

/** The whole table if it is not long; what is here already as it was written. */
function exported({ selection, total, rows }: TablePreview): string {
  const whole = total > rows.length && total <= WHOLE_ROWS;
  return whole ? rowsSelection(selection, 0, total) : selection;
}

function Rows({ ctx, card, table }: { ctx: ViewContext; card: NodeCard; table: TableState }) {
  const { body, pages, columns, refusedPage, start, total } = table;
  if (!(body && pages)) return null;
  if (refusedPage)
    return <Refusal refused={refusedPage} onOffer={table.setText} onAgree={table.agreePages} />;
  if (pages.error) return <FailureCard error={pages.error} onRetry={() => pages.retry()} />;
  return (
    <Grid
      key={start.leaps}
      label={card.row.name}
      columns={columns}
      total={total}
      text={table.text}
      start={start.row}
      onSight={(first, last) => {
        table.see(first, last);
        ctx.say(`Rows ${range(count(first + 1), count(Math.max(first + 1, last)))} of ${count(total)}`);
      }}
      onCopy={(text) =>
        text === null
          ? ctx.say("Not all of the marked rows are loaded. Save a CSV for many rows.")
          : void ctx.copy(text, "Cells")
      }
    />
  );
}
