// What the generated types do not say: which answers a request can have. `satisfies` makes a new request
// without a line here a compile error, and the transport refuses an answer of another kind.
import type { AnyRequest, AnyResponse } from "../protocol.gen.ts";

export type * from "../protocol.gen.ts";

export const ANSWERS = {
  open: ["opened", "choosing"],
  home: ["home"],
  children: ["children"],
  node: ["node"],
  preview: ["line", "image", "table", "value", "empty", "too_costly"],
  storage: ["storage"],
  json: ["json"],
  search: ["found"],
  set_attribute: ["edited"],
  delete_attribute: ["edited"],
  set_value: ["edited"],
  check_text: ["checked"],
  choose: ["opened"],
  back_to_assets: ["choosing"],
  undo: ["edited"],
  redo: ["edited"],
  revert: ["edited"],
  changes: ["changes"],
  resume_journal: ["edited"],
  discard_journal: ["edited"],
  validate: ["findings"],
  export_plan: ["export_plan"],
  export: ["exported"],
  upload_targets: ["upload_targets"],
  upload_plan: ["upload_plan"],
  upload: ["upload_state"],
  cancel_upload: ["upload_state"],
  upload_state: ["upload_state"],
  csv: ["download"],
  cancel: [],
} as const satisfies Record<AnyRequest["op"], readonly AnyResponse["type"][]>;

export type Op = AnyRequest["op"];

/** A request as a view writes it: the transport adds the id. */
export type Draft<O extends Op = Op> = O extends Op ? Omit<Extract<AnyRequest, { op: O }>, "id"> : never;

/** The answers a request of operation `O` can have; a failure is thrown instead. */
export type Answer<O extends Op> = Extract<AnyResponse, { type: (typeof ANSWERS)[O][number] }>;

/** Anything any preview request can answer with. */
export type PreviewAnswer = Answer<"preview">;

export interface Reply<T> {
  body: T;
  /** Binary data beside the answer, in the order its type describes. */
  buffers: DataView[];
}
