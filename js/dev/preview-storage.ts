import type { Draft, NodeCard, Reply, Storage } from "../src/data/protocol.ts";
import { noise } from "./preview-numbers.ts";

/** Rows of a chunk of the mock file. */
export const CHUNK_ROWS = 16_384;

/** Where the chunks of a node live. */
export function answerStorage({ row }: Pick<NodeCard, "row">, request: Draft<"storage">): Reply<Storage> {
  const shape = row.shape ?? [];
  const chunkShape = shape.map((size, at) => Math.min(size, at === 0 ? CHUNK_ROWS : 96));
  const grid = shape.map((size, at) => Math.ceil(size / Math.max(1, chunkShape[at] ?? 1)));
  const total = grid.reduce((product, length) => product * length, 1);
  const offset = request.offset ?? 0;
  const across = grid[1] ?? 1;
  const missing = total > 10 ? 2 : 0;
  const chunks = Array.from(
    { length: Math.max(0, Math.min(request.limit ?? 200, total - offset)) },
    (_, at) => {
      const index = offset + at;
      const gone = missing > 0 && (index === 6 || index === 7);
      return {
        index: grid.length > 1 ? [Math.floor(index / across), index % across] : [index],
        place: gone ? ("missing" as const) : ("source" as const),
        url: gone ? "" : "https://api.dandiarchive.example/api/assets/3b7d\u202691c0/download/",
        offset: gone ? null : 4096 + index * 2_030_080,
        length: gone ? null : 2_030_000 + Math.round(noise(index, 1) * 9000),
      };
    },
  );
  const body: Storage = {
    type: "storage",
    id: "",
    path: row.path,
    chunk_shape: chunkShape,
    grid,
    filters: ["shuffle", "gzip 4"],
    stored_bytes: total * 2_030_000,
    size_bytes: shape.reduce((product, size) => product * size, 2),
    places:
      missing > 0
        ? [
            ["source", total - 4],
            ["staged", 2],
            ["missing", missing],
          ]
        : [["source", total]],
    offset,
    total,
    chunks,
  };
  return { body, buffers: [] };
}
