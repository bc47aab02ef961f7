// Rows and cards of the mock file as it is edited.
import { isWithin, lineage } from "../../src/data/path.ts";
import type { AnyResponse, Attribute, Draft, NodeCard, Row } from "../../src/data/protocol.ts";
import { previewChoices } from "../previews.ts";
import { findingsOf, schemaProblem } from "./checks.ts";
import { failure } from "./failure.ts";
import { MANY, MANY_PATH, type MockNode, manyRow } from "./file.ts";
import type { MockJournal } from "./journal.ts";

const STRENGTH = { "": 0, R: 1, A: 2, M: 3, D: 4 } as const;

export class MockDescriptions {
  readonly nodes: Map<string, MockNode>;
  readonly journal: MockJournal;
  readonly #readOnly: string;

  constructor(nodes: Map<string, MockNode>, journal: MockJournal, readOnly: string) {
    this.nodes = nodes;
    this.journal = journal;
    this.#readOnly = readOnly;
  }

  node(path: string): MockNode {
    const node = this.nodes.get(path);
    if (node) return node;
    if (path.startsWith(`${MANY_PATH}/`)) {
      const made: MockNode = {
        row: manyRow(Number(path.slice(-6))),
        children: [],
        attributes: {},
        value: { type: "int64", text: "5" },
      };
      this.nodes.set(path, made);
      return made;
    }
    throw failure("not-found", `Nothing is stored at ${path}`, "Select another object.");
  }

  row(path: string): Row {
    const { row } = this.node(path);
    const changes = this.journal.changes();
    const own = changes.some((change) => change.path === path);
    const below = changes.filter((change) => change.path !== path && isWithin(change.path, path));
    const findings = findingsOf(this.journal).filter(({ severity }) => severity !== "hint");
    const worst = (list: typeof findings) => list.find(({ severity }) => severity === "error") ?? list[0];
    return {
      ...row,
      mark: own ? "M" : "",
      below: below.map(({ mark }) => mark).sort((a, b) => STRENGTH[b] - STRENGTH[a])[0] ?? "",
      finding: (worst(findings.filter((finding) => finding.path === path))?.severity ?? "") as Row["finding"],
      finding_below: (worst(
        findings.filter((finding) => finding.path !== path && isWithin(finding.path, path)),
      )?.severity ?? "") as Row["finding_below"],
    };
  }

  children({ path, offset = 0, limit = 500 }: Draft<"children">): AnyResponse {
    const { children } = this.node(path);
    const total = path === MANY_PATH ? MANY : children.length;
    const end = Math.min(total, offset + limit);
    const rows =
      path === MANY_PATH
        ? Array.from({ length: end - offset }, (_, step) => manyRow(offset + step))
        : children.slice(offset, end).map((child) => this.row(child));
    return { type: "children", id: "", path, offset, total, rows };
  }

  card(path: string): NodeCard {
    const node = this.node(path);
    const row = this.row(path);
    const above = lineage(path).slice(0, -1).reverse();
    const inType = above.map((each) => this.node(each).row.type_name).find(Boolean) ?? "";
    const attributes = this.journal.names(path).map((name) => this.#attribute(path, name));
    return {
      row,
      in_type: inType,
      array: row.kind === "dataset" ? arrayOf(row) : null,
      attributes,
      previews: previewChoices({ row, in_type: inType }),
      value: node.value ? this.#attribute(path, "") : null,
    };
  }

  #attribute(path: string, name: string): Attribute {
    const { journal } = this;
    const now = journal.get(path, name);
    const old = journal.original(path, name);
    const mark = journal.mark(path, name);
    const type = now?.type ?? old?.type ?? "";
    const problem = now ? schemaProblem(path, name, now.text) : "";
    const editable = !this.#readOnly && !/\[|reference/.test(type);
    return {
      name,
      type,
      text: now?.text ?? "",
      edit_text: editable ? (now?.text ?? "") : "",
      editable,
      why_not: editable ? "" : this.#readOnly || "Arrays and references are edited in Python.",
      mark,
      old_text: mark === "M" || mark === "D" ? (old?.text ?? "") : "",
      change: mark === "" ? null : journal.idOf(path, name),
      target: now?.target ?? "",
      finding: problem ? "error" : "",
      finding_text: problem,
    };
  }
}

function arrayOf(row: Row): NodeCard["array"] {
  const size = row.shape?.reduce((product, length) => product * length, 2) ?? null;
  const chunks = row.shape?.length
    ? row.shape.map((length, at) => Math.min(length, at === 0 ? 16_384 : 96))
    : null;
  return {
    shape: row.shape,
    maxshape: row.shape,
    dtype: row.dtype,
    chunks,
    filters: chunks ? ["shuffle", "gzip 4"] : [],
    fill_value: "0",
    stored_bytes: row.stored_bytes,
    size_bytes: size,
    fields: [],
  };
}
