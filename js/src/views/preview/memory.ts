// What a preview looked like when it was left, so that coming back finds it there. Nothing of the data is kept.
import type { ColorMap } from "../../data/colormaps.ts";
import type { ViewName } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import type { Wanted } from "../../state/selection.ts";

export interface Remembered {
  view?: ViewName;
  /** Selection by view. */
  selections: Partial<Record<ViewName, string>>;
  /** What Python wanted to see and a view has shown since. */
  taken?: Wanted | null;
  /** Stored bytes a read may have without asking again. */
  agreed: number;
  /** Of the traces, with the unit it is said in. */
  gain?: { value: number; unit: string };
  /** Row of a table at its upper edge. */
  row?: number;
  colors?: ColorMap;
  range?: "percentiles" | "full";
  /** Of the data, when the node was looked at last. */
  shape?: readonly number[] | null;
}

/** Nodes remembered by one explorer. */
const MOST = 200;

const memories = new WeakMap<ViewContext, Map<string, Remembered>>();

/** What is remembered of a node; may be changed in place. */
export function recall(ctx: ViewContext, path: string, shape: readonly number[] | null = null): Remembered {
  const memory = memories.get(ctx) ?? new Map<string, Remembered>();
  memories.set(ctx, memory);
  const before = memory.get(path);
  // What was looked at may not be there in other data.
  const fits = before && (before.shape === undefined || isIn(before.shape, shape));
  const known: Remembered = fits ? before : { selections: {}, agreed: 0, taken: before?.taken ?? null };
  known.shape = shape;
  memory.delete(path);
  memory.set(path, known);
  for (const oldest of memory.keys()) {
    if (memory.size <= MOST) break;
    memory.delete(oldest);
  }
  return known;
}

/** Whether what could be selected of a shape can be selected of another one; data often grows. */
export function isIn(shape: readonly number[] | null, other: readonly number[] | null): boolean {
  if (shape === null || other === null) return shape === other;
  return shape.length === other.length && shape.every((size, axis) => size <= (other[axis] ?? 0));
}
