import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { FailureCard } from "../../components/failure-card.tsx";
import { Grid } from "../../components/grid.tsx";
import type { GridColumn } from "../../components/grid-row.tsx";
import { columnWidth } from "../../data/cells.ts";
import { bytes, range } from "../../data/format.ts";
import { Pages } from "../../data/pages.ts";
import type { ChunkRow, Storage } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { PLACE_WORDS } from "./places.tsx";

/** What a column says of a chunk. */
const COLUMNS: readonly [name: string, text: (chunk: ChunkRow) => string, numeric?: boolean][] = [
  ["Chunk", (chunk) => `(${chunk.index.join(", ")})`],
  ["Place", (chunk) => PLACE_WORDS[chunk.place]],
  ["Size", (chunk) => (chunk.length === null ? "" : bytes(chunk.length)), true],
  ["Bytes", byteRange, true],
  ["URL", (chunk) => chunk.url],
];

/** Every chunk with its byte range, in pages. */
export function ChunkList({ ctx, storage, page }: { ctx: ViewContext; storage: Storage; page: number }) {
  const [, setVersion] = useState(0);
  const sight = useRef<[number, number]>([0, 0]);
  const { path } = storage;
  const pages = useMemo(() => {
    const made = new Pages<ChunkRow>({
      size: page,
      onChange: () => setVersion((version) => version + 1),
      load: async (offset, limit, signal) => {
        const { body } = await ctx.request({ op: "storage", path, offset, limit }, { signal });
        return body.chunks;
      },
    });
    made.put(storage.offset, storage.chunks);
    return made;
  }, [ctx, path, page, storage]);
  useEffect(() => {
    pages.want(...sight.current);
    return () => pages.stop();
  }, [pages]);

  // Widths from the first page only: they must not move while others come.
  const columns = useMemo(() => COLUMNS.map((spec) => gridColumn(spec, storage.chunks)), [storage]);
  const text = (row: number, column: number) => {
    const chunk = pages.row(row);
    return chunk && COLUMNS[column]?.[1](chunk);
  };
  if (pages.error) return <FailureCard error={pages.error} onRetry={() => pages.retry()} />;
  return (
    <Grid
      label="Chunks"
      columns={columns}
      total={storage.total}
      text={text}
      onSight={(first, last) => {
        sight.current = [first, last];
        pages.want(first, last);
      }}
      onCopy={(copied) =>
        copied === null ? ctx.say("Not all of the marked rows are loaded yet") : void ctx.copy(copied, "Rows")
      }
    />
  );
}

function gridColumn(
  [name, text, numeric = false]: (typeof COLUMNS)[number],
  chunks: readonly ChunkRow[],
): GridColumn {
  return { name, numeric, width: columnWidth(name, "", chunks.map(text)) };
}

/** The end is that of the last byte, as in an HTTP range. */
function byteRange({ offset, length }: ChunkRow): string {
  if (offset === null || length === null) return "";
  return length === 0 ? String(offset) : range(String(offset), String(offset + length - 1));
}
