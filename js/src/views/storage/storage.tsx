// Where the bytes of a dataset live: the facts, how many chunks live where, and every chunk.
import { FailureCard } from "../../components/failure-card.tsx";
import { Empty, FactList } from "../../components/pieces.tsx";
import { bytes, count, number, shape } from "../../data/format.ts";
import type { NodeCard, Storage } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { useReply } from "../../state/use-reply.ts";
import { ChunkList } from "./chunk-list.tsx";
import { PlacesBar } from "./places.tsx";
import "./storage.css";

/** Chunks asked for at once. */
const PAGE = 200;

export function StoragePanel({ ctx, card }: { ctx: ViewContext; card: NodeCard }) {
  const { path } = card.row;
  const draft = card.array === null ? null : { op: "storage" as const, path, limit: PAGE };
  const { reply, error, busy, retry } = useReply(ctx, draft, [card]);
  if (card.array === null) {
    return <Empty words="A group has no bytes of its own. Select a dataset to see where its chunks live." />;
  }
  // Of a link, the storage is that of its target, under the target's path.
  const storage = reply?.body ?? null;
  if (error && !storage)
    return <FailureCard error={error} onRetry={retry} works="The other tabs still work." />;
  return (
    <section class="lx-panel lx-storage" aria-label="Storage" aria-busy={busy}>
      <FactList facts={factsOf(storage)} class="lx-storage-facts" />
      {storage && storage.total === 0 && (
        <Empty words="No chunk is stored. Every value reads as the fill value." />
      )}
      {storage && storage.total > 0 && <PlacesBar places={storage.places} />}
      {storage && storage.total > 0 && <ChunkList key={path} ctx={ctx} storage={storage} page={PAGE} />}
    </section>
  );
}

/** Five facts, each null until it is known. */
function factsOf(storage: Storage | null): [label: string, value: string | null][] {
  const { stored_bytes: stored = 0, size_bytes: size = null } = storage ?? {};
  const known = (text: (storage: Storage) => string) => (storage ? text(storage) : null);
  return [
    ["Chunk shape", known((it) => shape(it.chunk_shape))],
    ["Chunks", known((it) => count(it.total))],
    ["Filters", known((it) => it.filters.join(", ") || "none")],
    ["Stored", known(() => (size === null ? bytes(stored) : `${bytes(stored)} of ${bytes(size)}`))],
    ["Ratio", known(() => (size === null || stored === 0 ? "unknown" : number(size / stored)))],
  ];
}
