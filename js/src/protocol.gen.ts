// Generated from lindi_explorer/explorer/protocol/ by `make protocol`; a test compares the two.


export type Kind = "group" | "dataset" | "datatype" | "link" | "broken" | "asset";

export type Icon = "folder" | "box" | "activity" | "table" | "image" | "grid" | "hash" | "type" | "clock" | "link" | "unlink";

export type Mark = "" | "M" | "A" | "D" | "R";

export type Severity = "error" | "warning" | "hint";

export type ViewName = "line" | "image" | "table" | "value" | "empty";

export type Place = "source" | "inline" | "staged" | "local" | "external" | "missing";

export type UploadMode = "auto" | "json" | "inline" | "tar" | "nwb";

export type UploadConflict = "ask" | "replace" | "rename";

export interface Row {
  path: string;
  name: string;
  kind: Kind;
  icon: Icon;
  type_name: string;
  shape: number[] | null;
  dtype: string;
  stored_bytes: number | null;
  children: number;
  target: string;
  problem: string;
  mark: Mark;
  below: Mark;
  finding: "" | "error" | "warning";
  finding_below: "" | "error" | "warning";
}

export interface Cost {
  chunks: number;
  total_chunks: number;
  bytes: number;
  seconds: number | null;
  requests: number | null;
}

export interface PreviewChoice {
  view: ViewName;
  label: string;
  selection: string;
  cost: Cost;
}

export interface Attribute {
  name: string;
  type: string;
  text: string;
  edit_text: string;
  editable: boolean;
  why_not: string;
  mark: Mark;
  old_text: string;
  change: number | null;
  target: string;
  finding: "" | "error" | "warning";
  finding_text: string;
}

export interface ArrayFacts {
  shape: number[] | null;
  maxshape: (number | null)[] | null;
  dtype: string;
  chunks: number[] | null;
  filters: string[];
  fill_value: string;
  stored_bytes: number | null;
  size_bytes: number | null;
  fields: string[];
}

export interface NodeCard {
  row: Row;
  in_type: string;
  array: ArrayFacts | null;
  attributes: Attribute[];
  previews: PreviewChoice[];
  value: Attribute | null;
}

export interface Status {
  changes: number;
  undo: string;
  redo: string;
  check: "checking" | "findings" | "unchecked" | "valid";
  errors: number;
  warnings: number;
  requests: number;
  bytes: number;
}

export interface PendingJournal {
  changes: number;
  saved_at: string;
}

export interface Fact {
  label: string;
  text: string;
  path: string;
}

export interface Item {
  name: string;
  path: string;
  note: string;
}

export interface Contents {
  label: string;
  items: Item[];
  stored_bytes: number | null;
}

export interface TimeBar {
  name: string;
  path: string;
  spans: [number, number][];
  note: string;
}

export interface Column {
  name: string;
  dtype: string;
  numeric: boolean;
}

export interface Axis {
  label: string;
  unit: string;
  start: number;
  step: number | null;
}

export interface Statistics {
  minimum: string;
  maximum: string;
  mean: string;
  nan: number;
}

export interface Slider {
  dimension: number;
  size: number;
  index: number;
}

export interface ChunkRow {
  index: number[];
  place: Place;
  url: string;
  offset: number | null;
  length: number | null;
}

export interface Change {
  id: number;
  mark: Mark;
  path: string;
  name: string;
  type: string;
  old: string | null;
  new: string | null;
  revertible: boolean;
}

export interface Finding {
  severity: Severity;
  text: string;
  path: string;
  source: string;
}

export interface UploadArchive {
  name: string;
  production: boolean;
  key: boolean;
}

export interface UploadDandiset {
  identifier: string;
  title: string;
  embargoed: boolean;
}

export interface UploadFinding {
  level: "blocked" | "note" | "ok" | "warning";
  title: string;
  detail: string;
}

export interface UploadedAsset {
  url: string;
  web_page: string;
  neurosift: string;
  bytes: number;
  sent: number;
  status: "Invalid" | "Pending" | "Valid";
  errors: string[];
  orphans: string[];
}

export interface Open {
  op: "open";
  id: string;
}

export interface GetHome {
  op: "home";
  id: string;
}

export interface GetChildren {
  op: "children";
  id: string;
  path: string;
  offset?: number;
  limit?: number;
}

export interface GetNode {
  op: "node";
  id: string;
  path: string;
}

export interface GetPreview {
  op: "preview";
  id: string;
  path: string;
  view?: ViewName | null;
  selection?: string | null;
  width?: number;
  height?: number;
  agreed_bytes?: number;
}

export interface GetStorage {
  op: "storage";
  id: string;
  path: string;
  offset?: number;
  limit?: number;
}

export interface GetJson {
  op: "json";
  id: string;
  path: string;
}

export interface Search {
  op: "search";
  id: string;
  text: string;
  limit?: number;
}

export interface SetAttribute {
  op: "set_attribute";
  id: string;
  path: string;
  name: string;
  text: string;
  type?: string;
}

export interface DeleteAttribute {
  op: "delete_attribute";
  id: string;
  path: string;
  name: string;
}

export interface SetValue {
  op: "set_value";
  id: string;
  path: string;
  text: string;
}

export interface CheckText {
  op: "check_text";
  id: string;
  path: string;
  name: string;
  text: string;
  type?: string;
}

export interface ChooseAsset {
  op: "choose";
  id: string;
  path: string;
  ready_made?: boolean;
}

export interface BackToAssets {
  op: "back_to_assets";
  id: string;
}

export interface Undo {
  op: "undo";
  id: string;
}

export interface Redo {
  op: "redo";
  id: string;
}

export interface Revert {
  op: "revert";
  id: string;
  changes: number[];
}

export interface GetChanges {
  op: "changes";
  id: string;
}

export interface ResumeJournal {
  op: "resume_journal";
  id: string;
}

export interface DiscardJournal {
  op: "discard_journal";
  id: string;
}

export interface Validate {
  op: "validate";
  id: string;
}

export interface GetExportPlan {
  op: "export_plan";
  id: string;
  filename?: string;
}

export interface Export {
  op: "export";
  id: string;
  filename: string;
  replace?: boolean;
  local_paths?: boolean;
}

export interface GetUploadTargets {
  op: "upload_targets";
  id: string;
  archive?: string;
}

export interface GetUploadPlan {
  op: "upload_plan";
  id: string;
  archive: string;
  dandiset: string;
  path?: string;
  mode?: UploadMode;
  conflict?: UploadConflict;
  replaces?: string;
}

export interface StartUpload {
  op: "upload";
  id: string;
  archive: string;
  dandiset: string;
  path?: string;
  mode?: UploadMode;
  conflict?: UploadConflict;
  replaces?: string;
  production?: boolean;
}

export interface CancelUpload {
  op: "cancel_upload";
  id: string;
}

export interface GetUploadState {
  op: "upload_state";
  id: string;
}

export interface GetCsv {
  op: "csv";
  id: string;
  path: string;
  selection: string;
  agreed_bytes?: number;
}

export interface Cancel {
  op: "cancel";
  id: string;
  target: string;
}

export interface Opened {
  type: "opened";
  id: string;
  name: string;
  source: string;
  source_kind: "local" | "memory" | "remote";
  format: string;
  nwb_version: string;
  root: Row;
  status: Status;
  seconds: number;
  pending: PendingJournal | null;
  read_only: string;
  dandiset: string;
  embargoed: boolean;
}

export interface Choosing {
  type: "choosing";
  id: string;
  name: string;
  title: string;
  version: string;
  archive: string;
  web_page: string;
  embargoed: boolean;
  files: number;
  bytes: number;
  root: Row;
  selected: string;
}

export interface Home {
  type: "home";
  id: string;
  session: Fact[];
  file: Fact[];
  contents: Contents[];
  timeline: TimeBar[];
}

export interface Children {
  type: "children";
  id: string;
  path: string;
  offset: number;
  total: number;
  rows: Row[];
}

export interface Node {
  type: "node";
  id: string;
  card: NodeCard;
}

export interface LinePreview {
  type: "line";
  id: string;
  path: string;
  selection: string;
  shape: number[];
  first: number;
  last: number;
  traces: number;
  trace_labels: string[];
  points: number;
  samples_per_point: number;
  x: Axis;
  y: Axis;
  scaling: string;
  statistics: Statistics;
  cost: Cost;
}

export interface ImagePreview {
  type: "image";
  id: string;
  path: string;
  selection: string;
  shape: number[];
  height: number;
  width: number;
  rows: number;
  columns: number;
  every_row: number;
  every_column: number;
  channels: number;
  low: number;
  high: number;
  sliders: Slider[];
  row_label: string;
  column_label: string;
  unit: string;
  scaling: string;
  statistics: Statistics;
  cost: Cost;
}

export interface TablePreview {
  type: "table";
  id: string;
  path: string;
  selection: string;
  columns: Column[];
  total: number;
  offset: number;
  rows: string[][];
  cost: Cost;
}

export interface ValuePreview {
  type: "value";
  id: string;
  path: string;
  text: string;
  dtype: string;
  truncated: boolean;
  target: string;
}

export interface EmptyPreview {
  type: "empty";
  id: string;
  path: string;
  words: string;
}

export interface TooCostly {
  type: "too_costly";
  id: string;
  path: string;
  view: ViewName;
  selection: string;
  cost: Cost;
  limit: number;
  allowed: boolean;
  offer: string;
  offer_cost: Cost | null;
}

export interface Storage {
  type: "storage";
  id: string;
  path: string;
  chunk_shape: number[];
  grid: number[];
  filters: string[];
  stored_bytes: number;
  size_bytes: number | null;
  places: [Place, number][];
  offset: number;
  total: number;
  chunks: ChunkRow[];
}

export interface Json {
  type: "json";
  id: string;
  path: string;
  text: string;
}

export interface Found {
  type: "found";
  id: string;
  text: string;
  total: number;
  objects: number;
  rows: Row[];
  matches: string[];
}

export interface Edited {
  type: "edited";
  id: string;
  status: Status;
  touched: string[];
  words: string;
  moved: [string, string][];
  pending: PendingJournal | null;
}

export interface Checked {
  type: "checked";
  id: string;
  ok: boolean;
  words: string;
}

export interface Changes {
  type: "changes";
  id: string;
  source: string;
  changes: Change[];
  rows: Row[];
}

export interface Findings {
  type: "findings";
  id: string;
  findings: Finding[];
  status: Status;
  seconds: number;
}

export interface ExportPlan {
  type: "export_plan";
  id: string;
  filename: string;
  bytes: number;
  changes: number;
  exists: boolean;
  local_references: number;
}

export interface Exported {
  type: "exported";
  id: string;
  filename: string;
  bytes: number;
  changes: number;
}

export interface UploadTargets {
  type: "upload_targets";
  id: string;
  archives: UploadArchive[];
  archive: string;
  dandisets: UploadDandiset[];
  dandiset: string;
  web_page: string;
  code: string;
  problem: string;
  hint: string;
}

export interface UploadPlan {
  type: "upload_plan";
  id: string;
  archive: string;
  dandiset: string;
  path: string;
  mode: UploadMode;
  bytes: number;
  blobs: number;
  exists: boolean;
  replaces: string;
  ready: boolean;
  production: boolean;
  findings: UploadFinding[];
}

export interface UploadState {
  type: "upload_state";
  id: string;
  state: "cancelled" | "done" | "failed" | "none" | "running";
  archive: string;
  dandiset: string;
  path: string;
  mode: UploadMode;
  conflict: UploadConflict;
  replaces: string;
  production: boolean;
  step: number;
  label: string;
  done: number;
  total: number;
  rate: number;
  uploaded: UploadedAsset | null;
  edited: boolean;
  left: string[];
  code: string;
  problem: string;
  hint: string;
}

export interface Download {
  type: "download";
  id: string;
  filename: string;
  mime: string;
}

export interface Failure {
  type: "failure";
  id: string;
  code: string;
  message: string;
  hint: string;
  details: string;
}

export interface Progress {
  type: "progress";
  id: string;
  words: string;
  done: number;
  total: number | null;
  bytes: number;
  requests: number;
}

export interface StatusChanged {
  type: "status";
  id: string;
  status: Status;
}

export type AnyRequest = Open | GetHome | GetChildren | GetNode | GetPreview | GetStorage | GetJson | Search | SetAttribute | DeleteAttribute | SetValue | CheckText | ChooseAsset | BackToAssets | Undo | Redo | Revert | GetChanges | ResumeJournal | DiscardJournal | Validate | GetExportPlan | Export | GetUploadTargets | GetUploadPlan | StartUpload | CancelUpload | GetUploadState | GetCsv | Cancel;

export type AnyResponse = Opened | Choosing | Home | Children | Node | LinePreview | ImagePreview | TablePreview | ValuePreview | EmptyPreview | TooCostly | Storage | Json | Found | Edited | Checked | Changes | Findings | ExportPlan | Exported | UploadTargets | UploadPlan | UploadState | Download | Failure | Progress | StatusChanged;
