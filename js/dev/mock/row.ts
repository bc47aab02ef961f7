import { nameOf } from "../../src/data/path.ts";
import type { Row } from "../../src/data/protocol.ts";

/** A row of the tree of which little is known. */
export function blankRow(path: string, change: Partial<Row> = {}): Row {
  return {
    path,
    name: nameOf(path),
    kind: "group",
    icon: "folder",
    type_name: "",
    shape: null,
    dtype: "",
    stored_bytes: null,
    children: 0,
    target: "",
    problem: "",
    mark: "",
    below: "",
    finding: "",
    finding_below: "",
    ...change,
  };
}
