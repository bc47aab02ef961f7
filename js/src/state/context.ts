// What every view gets from the shell. Views know neither the model nor each other.
import type { ReadonlySignal } from "@preact/signals";
import type { Answer, Draft, Opened, Progress, Reply, Status } from "../data/protocol.ts";
import type { Wanted } from "./selection.ts";

export type Theme = "light" | "dark";

/** The views of the main part, as the `view` trait spells them. */
export type Tab = "home" | "preview" | "attributes" | "storage" | "json" | "changes";

/** Requests that change the file. */
export type EditDraft = Extract<
  Draft,
  {
    op:
      | "set_attribute"
      | "delete_attribute"
      | "set_value"
      | "undo"
      | "redo"
      | "revert"
      | "resume_journal"
      | "discard_journal";
  }
>;

export interface RequestOptions {
  /** Aborting rejects at once with code `cancelled` and stops the work on the Python side. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Sends a request; rejects with a `RequestError` only. The type of the answer follows from `op`. */
export type Send = <R extends Draft>(request: R, options?: RequestOptions) => Promise<Reply<Answer<R["op"]>>>;

export interface ViewContext {
  request: Send;
  /** Make an edit; resolves when everything it touched has been fetched anew, rejects with a `RequestError`. */
  edit(request: EditDraft): Promise<void>;
  /** Text typed into fields that are still open, by field: nothing typed is lost by looking elsewhere. */
  drafts: Map<string, string>;
  /** Select a node, open its parents, and show a tab of it (default: the tab that is open). */
  select(path: string, tab?: Tab): void;
  /** The part of the selected object that Python wants to see; null while it wants none. */
  wanted: ReadonlySignal<Wanted | null>;
  /** Tell Python which part of a node is shown: the answer to `asked`, and its full name `answered`. */
  show(path: string, asked: string, answered: string): void;
  /** Null until the file is open. */
  opened: ReadonlySignal<Opened | null>;
  /** Null until the file is open. */
  status: ReadonlySignal<Status | null>;
  theme: ReadonlySignal<Theme>;
  /** Say a sentence in the status line until the next one, or until the selection changes. */
  say(words: string): void;
  /** Put text on the clipboard and say so; `what` names it: "Path", "Code". */
  copy(text: string, what: string): Promise<void>;
  /** Let the browser save a file. */
  save(filename: string, mime: string, data: BlobPart): void;
}
