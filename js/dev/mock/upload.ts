// An upload without an archive: it is as far as a test says.
import type { AnyResponse, Draft, UploadFinding, UploadState } from "../../src/data/protocol.ts";

export interface UploadOptions {
  /** There is a file of the default name. */
  uploadExists?: boolean;
  /** What is in the way. */
  uploadBlocked?: string;
  /** There is no key. */
  uploadKeyless?: boolean;
  /** The archive does not answer. */
  uploadAway?: boolean;
}

const PATH = "sub-M07/sub-M07_ses-20240312_ecephys.nwb.lindi.json";

const FINDINGS: [UploadFinding["level"], string, string][] = [
  ["ok", "Archive", "dandi-sandbox, at https://api.sandbox.dandiarchive.example/api"],
  ["ok", "API key", "accepted by dandi-sandbox, account alice approved"],
  ["ok", "Ownership", "you own dandiset 208811"],
  ["ok", "Embargo", "source and target are both open"],
  ["ok", "Name", `${PATH} is free, 51 characters, allowed characters only`],
  ["ok", "References", "2,116 of 2,116 resolve, no local paths, no signed links"],
  ["warning", "Durability", "source is a draft; its links can end when it is replaced"],
  ["ok", "Size", "418 kB + 1 blobs of 1.6 kB"],
  ["note", "NWB check", "not run since the last edit"],
];

const AWAY = {
  code: "transfer",
  problem: "dandi-sandbox did not answer.",
  hint: "Look at the connection, then try again.",
};

export class MockUpload {
  state: UploadState = {
    type: "upload_state",
    id: "",
    state: "none",
    archive: "",
    dandiset: "",
    path: "",
    mode: "auto",
    conflict: "ask",
    replaces: "",
    production: false,
    step: 0,
    label: "",
    done: 0,
    total: 0,
    rate: 0,
    uploaded: null,
    edited: false,
    left: [],
    code: "",
    problem: "",
    hint: "",
  };
  /** The asset that is in the way. */
  there = "asset-1";
  readonly #options: UploadOptions;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** The upload as it is further on. */
  at(change: Partial<UploadState>): UploadState {
    this.state = { ...this.state, ...change };
    return this.state;
  }

  targets({ archive = "" }: Draft<"upload_targets">): AnyResponse {
    const away = this.#options.uploadAway === true;
    const keyless = this.#options.uploadKeyless || archive === "ember-dandi" || away;
    const name = archive || "dandi-sandbox";
    return {
      type: "upload_targets",
      id: "",
      archives: [
        { name: "dandi", production: true, key: true },
        { name: "dandi-sandbox", production: false, key: !this.#options.uploadKeyless },
        { name: "ember-dandi", production: true, key: false },
      ],
      archive: name,
      dandisets: keyless
        ? []
        : [
            { identifier: "208811", title: "Two-armed bandit, corrected", embargoed: false },
            { identifier: "208900", title: "Pilot", embargoed: true },
          ],
      dandiset: keyless ? "" : "208811",
      web_page: "https://sandbox.dandiarchive.example",
      code: keyless ? "denied" : "",
      problem: keyless ? `There is no API key for ${name}.` : "",
      hint: keyless
        ? `Set ${name.toUpperCase().replaceAll("-", "_")}_API_KEY to your API key, or keep it in the system's keyring.`
        : "",
      ...(away ? AWAY : {}),
    };
  }

  plan(request: Draft<"upload_plan">): AnyResponse {
    const { conflict = "ask", path = "", replaces = "" } = request;
    const taken = this.#options.uploadExists === true && path === "";
    const exists = taken && (conflict === "ask" || (conflict === "replace" && replaces !== this.there));
    const blocked = exists
      ? `${PATH} exists in dandiset 208811 on ${request.archive}.`
      : this.#options.uploadBlocked;
    const findings = FINDINGS.map(([level, title, detail]) => ({ level, title, detail }));
    const name = findings.find(({ title }) => title === "Name");
    if (name && blocked) Object.assign(name, { level: "blocked", detail: blocked });
    return {
      type: "upload_plan",
      id: "",
      archive: request.archive,
      dandiset: request.dandiset,
      path: taken && conflict === "rename" ? PATH.replace(".nwb", "-2.nwb") : path || PATH,
      mode: "json",
      bytes: 419_600,
      blobs: 1,
      exists,
      replaces: taken ? this.there : "",
      ready: !blocked,
      production: request.archive !== "dandi-sandbox",
      findings,
    };
  }

  start(request: Draft<"upload">): UploadState {
    const { archive, dandiset, mode = "auto", conflict = "ask", replaces = "", production = false } = request;
    return this.at({
      state: "running",
      archive,
      dandiset,
      path: request.path || PATH,
      mode,
      conflict,
      replaces,
      production,
      step: 0,
      label: "Looking at the file and the dandiset",
      uploaded: null,
    });
  }
}
