// Answers requests as the Python side does, from a file in memory.
import { isWithin, lineage, nameOf, parentOf } from "../../src/data/path.ts";
import type {
  AnyResponse,
  Draft,
  Edited,
  PendingJournal,
  Reply,
  Row,
  Status,
} from "../../src/data/protocol.ts";
import { answerPreview, answerStorage, MOCK_HOME } from "../previews.ts";
import { MockAssets } from "./assets.ts";
import { check, findingsOf, typeProblem } from "./checks.ts";
import { MockDescriptions } from "./describe.ts";
import { failure } from "./failure.ts";
import { mockFile } from "./file.ts";
import { MockJournal } from "./journal.ts";
import { MockUpload, type UploadOptions } from "./upload.ts";

export interface SessionOptions extends UploadOptions {
  pending?: PendingJournal;
  /** Begin with the list of a dandiset. */
  dandiset?: boolean;
  readOnly?: string;
  /** References to local files an export would contain. */
  localReferences?: number;
  /** Names of files that exist already. */
  existing?: string[];
}

export class MockSession {
  readonly nodes = mockFile();
  readonly journal = new MockJournal(this.nodes);
  readonly #options: SessionOptions;
  readonly #describe: MockDescriptions;
  #pending: PendingJournal | null;
  #checked = false;
  readonly upload: MockUpload;
  readonly #assets: MockAssets | null;
  #listing: boolean;

  constructor(options: SessionOptions = {}) {
    this.#options = options;
    this.#describe = new MockDescriptions(this.nodes, this.journal, options.readOnly ?? "");
    this.#pending = options.pending ?? null;
    this.upload = new MockUpload(options);
    this.#listing = options.dandiset ?? false;
    this.#assets = this.#listing ? new MockAssets() : null;
  }

  /** The answer to a request; throws a `RequestError` where Python would send a failure. */
  answer(request: Draft): Reply<AnyResponse> {
    const listed = this.#listing ? (this.#assets?.answer(request) ?? null) : null;
    if (listed) return { body: listed, buffers: [] };
    if (request.op === "preview") return answerPreview(this.#describe.card(request.path), request);
    if (request.op === "storage") return answerStorage(this.#describe.card(request.path), request);
    return { body: this.#body(request), buffers: [] };
  }

  /** As when Python code deletes an object, or moves it with all below it: what every view is told. */
  remove(path: string): Edited {
    for (const each of [...this.nodes.keys()]) if (isWithin(each, path)) this.nodes.delete(each);
    this.#relist(parentOf(path));
    return this.#told(`Delete ${nameOf(path)}`, [path, parentOf(path)]);
  }

  move(from: string, to: string): Edited {
    for (const [path, node] of [...this.nodes]) {
      if (!isWithin(path, from)) continue;
      const now = to + path.slice(from.length);
      this.nodes.delete(path);
      const children = node.children.map((child) => to + child.slice(from.length));
      this.nodes.set(now, { ...node, children, row: { ...node.row, path: now, name: nameOf(now) } });
    }
    for (const parent of [parentOf(from), parentOf(to)]) this.#relist(parent);
    const touched = [from, to, parentOf(from), parentOf(to)];
    return { ...this.#told(`Move ${nameOf(from)}`, touched), moved: [[from, to]] };
  }

  #relist(path: string): void {
    const node = this.nodes.get(path);
    if (!node) return;
    const inside = [...this.nodes.keys()].filter((each) => each !== "/" && parentOf(each) === path);
    node.children = inside.sort();
    node.row = { ...node.row, children: inside.length };
  }

  #told(words: string, touched: string[]): Edited {
    return {
      type: "edited",
      id: "",
      status: this.status(),
      touched,
      words,
      moved: [],
      pending: this.#pending,
    };
  }

  status(): Status {
    const findings = findingsOf(this.journal);
    const errors = findings.filter(({ severity }) => severity === "error").length;
    const warnings = findings.filter(({ severity }) => severity === "warning").length;
    return {
      changes: this.journal.changes().length,
      undo: this.journal.undoWords,
      redo: this.journal.redoWords,
      check: this.#checked ? "findings" : "unchecked",
      errors: this.#checked ? errors : 0,
      warnings: this.#checked ? warnings : 0,
      requests: 7,
      bytes: 6.8e6,
    };
  }

  // One line per operation.
  #body(request: Exclude<Draft, { op: "preview" | "storage" }>): AnyResponse {
    const { journal } = this;
    switch (request.op) {
      case "open":
        return this.#opened();
      case "home":
        return MOCK_HOME;
      case "children":
        return this.#describe.children(request);
      case "node":
        return { type: "node", id: "", card: this.#describe.card(request.path) };
      case "json":
        return { type: "json", id: "", path: request.path, text: this.#json(request.path) };
      case "search":
        return this.#search(request.text);
      case "check_text": {
        const type = request.type || (journal.get(request.path, request.name)?.type ?? "utf-8");
        return { type: "checked", id: "", ...check(request.path, request.name, type, request.text) };
      }
      case "set_attribute":
        return this.#set(request.path, request.name, request.text, request.type ?? "");
      case "set_value":
        return this.#set(request.path, "", request.text, "");
      case "delete_attribute":
        return this.#edited(
          journal.set(request.path, request.name, null, `delete ${request.name}`),
          `Deleted ${request.name}`,
        );
      case "undo": {
        const words = journal.undoWords;
        return this.#edited(journal.undo(), `Undone: ${words}`);
      }
      case "redo": {
        const words = journal.redoWords;
        return this.#edited(journal.redo(), `Done again: ${words}`);
      }
      case "revert":
        return this.#edited(journal.revert(request.changes), "Reverted");
      case "changes":
        return {
          type: "changes",
          id: "",
          source: "DANDI 099912",
          changes: journal.changes(),
          rows: this.#changedRows(),
        };
      case "resume_journal":
        this.#pending = null;
        journal.set("/general/subject/age", "", { type: "utf-8", text: "P10D" }, "resume 1 change");
        return this.#edited(["/general/subject/age"], "Resumed 1 change");
      case "discard_journal":
        this.#pending = null;
        return this.#edited([], "Discarded the changes of the earlier explorer");
      case "validate":
        this.#checked = true;
        return {
          type: "findings",
          id: "",
          findings: findingsOf(journal),
          status: this.status(),
          seconds: 0.2,
        };
      case "export_plan":
        return this.#plan(request.filename ?? "");
      case "export":
        return {
          type: "exported",
          id: "",
          filename: request.filename,
          bytes: 418_000,
          changes: journal.changes().length,
        };
      case "csv":
        return { type: "download", id: "", filename: "selection.csv", mime: "text/csv" };
      case "upload_targets":
        return this.upload.targets(request);
      case "upload_plan":
        return this.upload.plan(request);
      case "upload":
        return this.upload.start(request);
      case "cancel_upload":
        return this.upload.at({ state: "cancelled", problem: "The upload was cancelled", code: "cancelled" });
      case "upload_state":
        return this.upload.state;
      case "choose":
        this.#assets?.choose(request.path);
        this.#listing = false;
        return this.#opened();
      case "back_to_assets":
        if (!this.#assets) throw failure("unsupported", "This file was not chosen from a dandiset", "");
        this.#listing = true;
        return this.#assets.choosing();
      case "cancel":
        throw failure("cancelled", "Cancelled", "");
    }
  }

  #opened(): AnyResponse {
    return {
      type: "opened",
      id: "",
      name: "sub-M07_ses-20240312_ecephys.nwb",
      source: "DANDI 099912",
      source_kind: "remote",
      format: "HDF5",
      nwb_version: "2.8.0",
      root: this.#describe.row("/"),
      status: this.status(),
      seconds: 0.9,
      pending: this.#pending,
      read_only: this.#options.readOnly ?? "",
      dandiset: this.#assets ? "Dandiset 099912" : "",
      embargoed: false,
    };
  }

  #set(path: string, name: string, text: string, type: string): Edited {
    const before = this.journal.get(path, name);
    const kept = type || before?.type || "utf-8";
    const problem = typeProblem(kept, text);
    if (problem) throw failure("bad-value", problem, "Type a value of this type, or choose another type.");
    const what = name || "value";
    return this.#edited(
      this.journal.set(path, name, { type: kept, text }, `set ${what}`),
      `Set ${what} to “${text}”`,
    );
  }

  #edited(touched: string[], words: string): Edited {
    this.#checked = false;
    return this.#told(words, touched);
  }

  #search(text: string): AnyResponse {
    const matches = [...this.nodes.keys()].filter(
      (path) => path !== "/" && this.#describe.node(path).row.name.toLowerCase().includes(text.toLowerCase()),
    );
    const shown = new Set(matches.flatMap(lineage));
    const rows = [...this.nodes.keys()]
      .filter((path) => shown.has(path))
      .map((path) => this.#describe.row(path));
    return { type: "found", id: "", text, total: matches.length, objects: this.nodes.size, rows, matches };
  }

  #changedRows(): Row[] {
    const shown = new Set(this.journal.changes().flatMap(({ path }) => lineage(path)));
    return [...this.nodes.keys()].filter((path) => shown.has(path)).map((path) => this.#describe.row(path));
  }

  #plan(wanted: string): AnyResponse {
    const filename = wanted || "sub-M07_ses-20240312_ecephys.nwb.lindi.json";
    return {
      type: "export_plan",
      id: "",
      filename,
      bytes: 418_000,
      changes: this.journal.changes().length,
      exists: this.#options.existing?.includes(filename) ?? false,
      local_references: this.#options.localReferences ?? 0,
    };
  }

  #json(path: string): string {
    const attributes = this.journal.names(path).map((name) => [name, this.journal.get(path, name)?.text]);
    return JSON.stringify(
      { ".zattrs": Object.fromEntries(attributes), ".zgroup": { zarr_format: 2 } },
      null,
      2,
    );
  }
}
