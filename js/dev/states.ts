// States of the widget worth looking at, by name.
import type { Draft, UploadedAsset, UploadState } from "../src/data/protocol.ts";
import { failure } from "./mock/failure.ts";
import { MANY_PATH } from "./mock/file.ts";
import type { MockModel, MockOptions } from "./mock/model.ts";

export interface State {
  options: MockOptions;
  width?: number;
  /** What a person does to get there. */
  act?: (root: HTMLElement, model: MockModel) => Promise<void>;
}

const LFP = "/acquisition/ElectricalSeriesLFP";
const AP = "/acquisition/ElectricalSeriesAP";
const DATA = `${LFP}/data`;

let sent = 0;
const change = (model: MockModel, draft: Draft) => model.send({ ...draft, id: `page:${sent++}` });
const edit = (model: MockModel, path: string, name: string, text: string) =>
  change(model, { op: "set_attribute", path, name, text });

/** Wait until something is on the page. */
async function find(root: HTMLElement, selector: string): Promise<HTMLElement> {
  for (;;) {
    const found = root.querySelector<HTMLElement>(selector);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function click(root: HTMLElement, selector: string): Promise<void> {
  (await find(root, selector)).click();
}

async function type(root: HTMLElement, selector: string, text: string): Promise<void> {
  const field = (await find(root, selector)) as HTMLInputElement | HTMLTextAreaElement;
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

async function editSome(root: HTMLElement, model: MockModel): Promise<void> {
  await find(root, ".lx-traffic");
  edit(model, DATA, "conversion", "4.69e-9");
  edit(model, DATA, "resolution", "1.2e-7");
  edit(model, DATA, "reference_electrode", "tip");
  change(model, { op: "set_value", path: "/general/subject/age", text: "P10D" });
  change(model, { op: "delete_attribute", path: "/units", name: "colnames" });
}

const on = (op: Draft["op"], delay: number | "never") => (request: Draft) => (request.op === op ? delay : 0);
const failing = (op: Draft["op"], error: Error) => (request: Draft) => (request.op === op ? error : null);

const NO_RANGES = failure(
  "no-ranges",
  "This server sends whole files only",
  "Showing this would download all 137.2 GB, so nothing was read.",
  "GET Range: bytes=1788112640-1790143231\n200 OK, Accept-Ranges: none, Content-Length: 137214902318",
);
const DENIED = failure(
  "denied",
  "DANDI refused to send this data",
  "It is embargoed. Use an API key of an owner of 099912. Sandbox and production keys differ.",
  "403 from the archive for asset 3b7d…91c0. No key was sent.",
);

async function openUpload(root: HTMLElement): Promise<void> {
  await find(root, ".lx-traffic");
  await click(root, '[aria-label="Upload…"]');
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const UPLOADING: Partial<UploadState> = {
  state: "running",
  archive: "dandi-sandbox",
  dandiset: "208811",
  path: "sub-M07/sub-M07_ses-20240312_ecephys.nwb.lindi.json",
  done: 12e6,
  total: 40e6,
  rate: 4e6,
};
const UPLOADED: UploadedAsset = {
  url: "https://api.sandbox.dandiarchive.example/api/assets/3b7d91c0-5a52-4b5e-9d43-8f1b0c2a7e11/download/",
  web_page: "https://sandbox.dandiarchive.example/dandiset/208811/draft/files?location=sub-M07",
  neurosift: "https://neurosift.example/nwb?url=x",
  bytes: 418_000,
  sent: 419_600,
  status: "Valid",
  errors: [],
  orphans: ["lindi_blobs/3f/3f9a1c", "lindi_blobs/77/77ab02"],
};

export const STATES: Record<string, State> = {
  home: { options: { kernel: "idle" } },
  series: { options: { kernel: "idle", selected: AP, view: "preview" } },
  image: { options: { kernel: "idle", selected: "/acquisition/TwoPhotonSeries", view: "preview" } },
  table: { options: { kernel: "idle", selected: "/units", view: "preview" } },
  value: { options: { kernel: "idle", selected: "/general/subject/age", view: "preview" } },
  storage: { options: { kernel: "idle", selected: `${AP}/data`, view: "storage" } },
  json: { options: { kernel: "idle", selected: DATA, view: "json" } },
  attributes: {
    options: { kernel: "idle", selected: DATA, view: "attributes" },
    async act(root, model) {
      await editSome(root, model);
      await click(root, ".lx-badge");
      await find(root, ".lx-finding");
      await click(root, '[data-attribute="unit"] .lx-value');
      await type(root, ".lx-editor textarea", "mVolts");
    },
  },
  add: {
    options: { kernel: "idle", selected: DATA, view: "attributes" },
    async act(root) {
      await find(root, ".lx-attr");
      await click(root, '[aria-label="Add attribute"]');
    },
  },
  readonly: {
    options: {
      kernel: "idle",
      selected: DATA,
      view: "attributes",
      readOnly: "The file was opened read-only.",
    },
  },
  changes: {
    options: { kernel: "idle", selected: DATA },
    async act(root, model) {
      await editSome(root, model);
      await click(root, '[aria-label="5 changes"]');
    },
  },
  searching: {
    options: { kernel: "idle", selected: DATA, view: "attributes" },
    act: (root) => type(root, "[data-search]", "data"),
  },
  nothing: { options: { kernel: "idle" }, act: (root) => type(root, "[data-search]", "spikes of yesterday") },
  error: {
    options: {
      kernel: "idle",
      selected: AP,
      view: "preview",
      height: 360,
      fail: failing("preview", NO_RANGES),
    },
  },
  denied: {
    options: {
      kernel: "idle",
      selected: "/acquisition/TwoPhotonSeries",
      view: "preview",
      height: 360,
      fail: failing("preview", DENIED),
    },
    async act(root, model) {
      await editSome(root, model);
      await find(root, ".lx-failure");
      model.setKernel({ connectionStatus: "connecting" });
    },
  },
  unopened: {
    options: {
      kernel: "idle",
      fail: failing(
        "open",
        failure("no-file", "There is no file recording.nwb", "Check the path and open it again."),
      ),
    },
  },
  busy: {
    options: { kernel: "idle", selected: LFP, view: "preview", height: 440, delay: on("preview", "never") },
    async act(_, model) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      model.setKernel({ status: "busy" });
    },
  },
  opening: { options: { kernel: "idle", delay: on("open", "never") } },
  loading: { options: { kernel: "idle", selected: LFP, view: "preview", delay: on("node", "never") } },
  reading: {
    options: { kernel: "idle", selected: LFP, view: "preview", delay: on("preview", "never") },
    async act(root, model) {
      await find(root, ".lx-facts span");
      await new Promise((resolve) => setTimeout(resolve, 100));
      const id = model.requests("preview")[0]?.id ?? "";
      model.say({ type: "progress", id, words: "Reading", done: 3, total: 12, bytes: 6.1e6, requests: 4 });
    },
  },
  gone: {
    options: { kernel: "idle", selected: DATA, view: "attributes" },
    async act(root, model) {
      await editSome(root, model);
      await find(root, ".lx-attr");
      model.setKernel({ status: "restarting" });
    },
  },
  pending: { options: { kernel: "idle", pending: { changes: 3, saved_at: "2024-03-12 15:30 +01:00" } } },
  dandiset: { options: { kernel: "idle", dandiset: true } },
  asset: {
    options: { kernel: "idle", dandiset: true },
    async act(root) {
      await find(root, '[aria-label^="sub-M07"]');
      const rows = [...root.querySelectorAll<HTMLElement>(".lx-row")];
      rows
        .find((row) => row.ariaLabel === "sub-M07" || row.getAttribute("aria-label") === "sub-M07")
        ?.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
      await click(root, '[aria-label="sub-M07_ses-20240312_ecephys.nwb"]');
    },
  },
  chosen: {
    options: { kernel: "idle", dandiset: true },
    async act(root, model) {
      await find(root, '[aria-label^="sub-M07"]');
      change(model, { op: "choose", path: "/sub-M08/sub-M08_ses-20240402_behavior+ophys.nwb" });
    },
  },
  export: {
    options: {
      kernel: "idle",
      selected: DATA,
      localReferences: 3,
      existing: ["sub-M07_ses-20240312_ecephys.nwb.lindi.json"],
    },
    async act(root) {
      await find(root, ".lx-traffic");
      await click(root, ".lx-export");
    },
  },
  upload: {
    options: { kernel: "idle", selected: DATA },
    async act(root) {
      await openUpload(root);
    },
  },
  "upload-blocked": {
    options: { kernel: "idle", selected: DATA, uploadBlocked: "carol is not an owner of dandiset 208811" },
    async act(root) {
      await openUpload(root);
    },
  },
  "upload-exists": {
    options: { kernel: "idle", selected: DATA, uploadExists: true },
    async act(root) {
      await openUpload(root);
    },
  },
  "upload-keyless": {
    options: { kernel: "idle", selected: DATA, uploadKeyless: true },
    async act(root) {
      await openUpload(root);
    },
  },
  uploading: {
    options: { kernel: "idle", selected: DATA },
    async act(root, model) {
      await openUpload(root);
      model.say(model.session.upload.at({ ...UPLOADING, step: 4, label: "Sending the new data" }));
    },
  },
  background: {
    options: { kernel: "idle", selected: DATA },
    async act(root, model) {
      await find(root, ".lx-traffic");
      model.say(model.session.upload.at({ ...UPLOADING, step: 4, label: "Sending the new data" }));
    },
  },
  uploaded: {
    options: { kernel: "idle", selected: DATA },
    async act(root, model) {
      await openUpload(root);
      model.say(model.session.upload.at({ ...UPLOADING, state: "done", uploaded: UPLOADED }));
    },
  },
  "upload-away": {
    options: { kernel: "idle", selected: DATA, uploadAway: true },
    async act(root) {
      await openUpload(root);
    },
  },
  "upload-production": {
    options: { kernel: "idle", selected: DATA },
    async act(root) {
      await openUpload(root);
      const archive = (await find(root, '.lx-dialog select[aria-label="Archive"]')) as HTMLSelectElement;
      archive.value = "dandi";
      archive.dispatchEvent(new Event("change", { bubbles: true }));
    },
  },
  "upload-waits": {
    options: { kernel: "idle", selected: DATA },
    async act(root, model) {
      await openUpload(root);
      model.say(
        model.session.upload.at({ ...UPLOADING, step: 7, label: "Sending the patch", done: 0, total: 1 }),
      );
    },
  },
  "upload-edited": {
    options: { kernel: "idle", selected: DATA },
    async act(root, model) {
      await openUpload(root);
      model.say(model.session.upload.at({ ...UPLOADING, state: "done", uploaded: UPLOADED, edited: true }));
    },
  },
  "upload-failed": {
    options: { kernel: "idle", selected: DATA },
    async act(root, model) {
      await openUpload(root);
      model.say(
        model.session.upload.at({
          ...UPLOADING,
          state: "failed",
          code: "transfer",
          problem: "dandi-sandbox is busy: it answered with status 503, retry 6 of 6.",
          hint: "Try again in a minute.",
          left: ["lindi_blobs/3f/3f9a1c", "lindi_blobs/77/77ab02"],
        }),
      );
    },
  },
  keys: {
    options: { kernel: "idle" },
    async act(root) {
      const row = await find(root, ".lx-traffic");
      row.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
    },
  },
  many: { options: { kernel: "idle", selected: `${MANY_PATH}/item_001234`, view: "preview" } },
  link: { options: { kernel: "idle", selected: `${AP}/electrodes`, view: "preview" } },
  broken: { options: { kernel: "idle", selected: "/general/extracellular_ephys/gone", view: "preview" } },
  reference: { options: { kernel: "idle", selected: "/acquisition/TwoPhotonSeries", view: "attributes" } },
  narrow: { width: 480, options: { kernel: "idle", selected: AP, view: "preview" } },
  drawer: {
    width: 480,
    options: { kernel: "idle", selected: AP, view: "preview" },
    async act(root) {
      await find(root, ".lx-facts");
      await new Promise((resolve) => setTimeout(resolve, 50));
      await click(root, ".lx-head button");
    },
  },
};
