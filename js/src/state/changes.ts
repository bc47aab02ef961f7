import { batch, computed, signal } from "@preact/signals";
import { placeOf } from "../data/changes.ts";
import { asRequestError, isCancelled, type RequestError } from "../data/failure.ts";
import { ListTree } from "../data/list-tree.ts";
import { isWithin } from "../data/path.ts";
import type { Changes } from "../data/protocol.ts";
import type { Send } from "./context.ts";

/** The differences between the source and the edited file, while they are looked at. */
export class ChangesState {
  readonly list = signal<Changes | null>(null);
  readonly error = signal<RequestError | null>(null);
  readonly collapsed = signal<ReadonlySet<string>>(new Set());
  readonly tree = computed(() =>
    this.list.value ? new ListTree(this.list.value.rows, this.collapsed.value) : null,
  );
  /** Row picked in the tree of changed objects. */
  readonly picked = signal("/");
  /** The first change in or below the picked row; counts on, so that picking it again scrolls again. */
  readonly jump = signal<{ id: number; round: number } | null>(null);
  readonly #request: Send;

  constructor(request: Send) {
    this.#request = request;
  }

  async load(): Promise<void> {
    try {
      const { body } = await this.#request({ op: "changes" });
      batch(() => {
        this.list.value = body;
        this.error.value = null;
      });
    } catch (reason) {
      if (!isCancelled(reason)) this.error.value = asRequestError(reason);
    }
  }

  pick(path: string): void {
    this.picked.value = path;
    const change = this.list.value?.changes.find((each) => isWithin(each.path, path));
    if (change) this.jump.value = { id: change.id, round: (this.jump.value?.round ?? 0) + 1 };
  }

  /** Where a row of the tree of changed objects leads to: one that was removed, to the group it was in. */
  placeOf(path: string): string {
    const removed = this.list.value?.changes.find((each) => each.path === path && each.name === "");
    return removed ? placeOf(removed) : path;
  }

  toggle(path: string, expanded: boolean): void {
    this.collapsed.value = withPath(this.collapsed.value, path, !expanded);
  }
}

/** The set with or without a path. */
export function withPath(paths: ReadonlySet<string>, path: string, present: boolean): ReadonlySet<string> {
  const next = new Set(paths);
  if (present) next.add(path);
  else next.delete(path);
  return next;
}
