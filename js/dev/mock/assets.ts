// The files of a dandiset, for explorers that begin with a list.
import { lineage, nameOf, parentOf } from "../../src/data/path.ts";
import type { AnyResponse, Draft, Row } from "../../src/data/protocol.ts";
import { failure } from "./failure.ts";
import { blankRow } from "./row.ts";

const FILES: Record<string, number> = {
  "/dandiset.yaml": 2100,
  "/sub-M07/sub-M07_ses-20240312_ecephys.nwb": 137.2e9,
  "/sub-M07/sub-M07_ses-20240312_ecephys.nwb.lindi.json": 418e3,
  "/sub-M07/sub-M07_ses-20240319_ecephys.nwb": 91.4e9,
  "/sub-M08/sub-M08_ses-20240402_behavior+ophys.nwb": 4.3e9,
};

/** Subjects enough to fill several pages. */
export const SUBJECTS = 1200;

export class MockAssets {
  readonly #files = new Map(Object.entries(FILES));
  #selected = "/";

  constructor(selected = "/") {
    this.#selected = selected;
    for (let subject = 100; subject < 100 + SUBJECTS; subject += 1)
      this.#files.set(`/sub-N${subject}/sub-N${subject}_behavior.nwb`, 1e6 * subject);
  }

  /** The answer while no file is open, null where only a file has one. */
  answer(request: Draft): AnyResponse | null {
    switch (request.op) {
      case "open":
        return this.choosing();
      case "children":
        return this.#children(request.path, request.offset ?? 0, request.limit ?? 500);
      case "search":
        return this.#search(request.text);
      default:
        return null;
    }
  }

  choose(path: string): void {
    if (!this.#files.has(path)) throw failure("no-file", `There is no file ${path}`, "Check the path.");
    if (path.endsWith(".yaml"))
      throw failure("format", `${nameOf(path)} is neither HDF5 nor LINDI`, "Choose another file.");
    this.#selected = path;
  }

  choosing(): AnyResponse {
    return {
      type: "choosing",
      id: "",
      name: "Dandiset 099912",
      title: "Hippocampal ensembles during a two-armed bandit task",
      version: "0.240612.1204",
      archive: "dandi",
      web_page: "https://dandiarchive.example/dandiset/099912/0.240612.1204",
      embargoed: false,
      files: this.#files.size,
      bytes: 2.1e12,
      root: { ...row("/", "Dandiset 099912", 2.1e12, `${this.#files.size} files`), children: 1 },
      selected: this.#selected,
    };
  }

  #children(path: string, offset: number, limit: number): AnyResponse {
    const inside = new Map<string, Row>();
    for (const [file, size] of this.#files) {
      const way = lineage(file);
      const at = way.indexOf(path);
      const child = at < 0 ? undefined : way[at + 1];
      if (child !== undefined && !inside.has(child)) inside.set(child, this.#row(child, size));
    }
    const rows = [...inside.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    const page = rows.slice(offset, offset + limit);
    return { type: "children", id: "", path, offset, total: rows.length, rows: page };
  }

  #row(path: string, size: number): Row {
    const ready = this.#files.has(`${path}.lindi.json`) ? "LINDI" : "";
    if (this.#files.has(path)) return row(path, nameOf(path), size, ready);
    return { ...row(path, nameOf(path), size, "1 file"), icon: "folder", children: 1 };
  }

  #search(text: string): AnyResponse {
    const matches = [...this.#files.keys()].filter((path) => path.toLowerCase().includes(text.toLowerCase()));
    const shown = [...new Set(matches.flatMap((path) => [parentOf(path), path]))].filter(
      (path) => path !== "/",
    );
    const rows = shown.map((path) => this.#row(path, this.#files.get(path) ?? 0));
    return { type: "found", id: "", text, total: matches.length, objects: this.#files.size, rows, matches };
  }
}

function row(path: string, name: string, size: number, note: string): Row {
  const icon = path === "/" ? "folder" : "box";
  return blankRow(path, { name, kind: "asset", icon, type_name: note, stored_bytes: size });
}
