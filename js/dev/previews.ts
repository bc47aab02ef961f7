// Recorded-like answers to preview, storage and home requests for the page without a kernel. What a node shows follows
// from its shape and dtype, so that any tree can use it; all numbers come from a seeded generator.
import type {
  Cost,
  Draft,
  ImagePreview,
  LinePreview,
  NodeCard,
  PreviewAnswer,
  PreviewChoice,
  Reply,
  TablePreview,
  TooCostly,
} from "../src/data/protocol.ts";
import { isSpan, parseSelection, partLength, type Selection, writeSelection } from "../src/data/selection.ts";

import { frame, noise, voltage } from "./preview-numbers.ts";
import { CHUNK_ROWS } from "./preview-storage.ts";

export { MOCK_HOME } from "./preview-home.ts";
export { answerStorage } from "./preview-storage.ts";

/** Stored bytes read unasked, and at all. */
const LIMIT = 8e6;
const BUDGET = 2e9;
const RATE = 30_000;

type Known = Pick<NodeCard, "row" | "in_type"> & Partial<Pick<NodeCard, "value">>;

/** How a node can be shown; the first one is the default. */
export function previewChoices({ row, in_type: inType }: Known): PreviewChoice[] {
  const shape = row.shape ?? MOCK_SHAPES[row.type_name];
  if (row.type_name === "Units" || row.type_name === "TimeIntervals") {
    return [choice("table", "Table", "0:100", shape ?? [412])];
  }
  if (!shape) return [];
  if (shape.length === 0 || /string|utf/.test(row.dtype)) return [choice("value", "Value", "", shape)];
  const images = row.icon === "image" || /Image|Photon/.test(row.type_name + inType);
  const table = choice("table", "Table", first(shape, 100), shape);
  if (images || shape.length > 2) {
    return [
      choice("image", "Image", [...shape.slice(0, -2).map(() => "0"), ":", ":"].join(", "), shape),
      table,
    ];
  }
  const line = choice("line", "Traces", first(shape, 32_768), shape);
  return shape.length === 2
    ? [line, choice("image", "Matrix", first(shape, 4096), shape), table]
    : [line, table];
}

/** Shapes of the data inside typed groups of the mock file. */
const MOCK_SHAPES: Record<string, number[]> = {
  ElectricalSeries: [168_755_200, 384],
  TwoPhotonSeries: [168_750, 512, 512],
  SpatialSeries: [562_500, 2],
  TimeSeries: [562_500],
};

function first([rows = 0, ...rest]: number[], most: number): string {
  return [`0:${Math.min(rows, most)}`, ...rest.map((size) => `0:${Math.min(size, 16)}`)].join(", ");
}

function choice(
  view: PreviewChoice["view"],
  label: string,
  selection: string,
  shape: number[],
): PreviewChoice {
  return { view, label, selection, cost: costOf(parse(selection, shape), shape) };
}

function parse(selection: string, shape: number[]): Selection {
  return parseSelection(selection, shape) ?? shape.map((size) => ({ start: 0, stop: size, step: 1 }));
}

function costOf(selection: Selection, shape: number[]): Cost {
  const rows = selection[0] === undefined ? 1 : partLength(selection[0]);
  const total =
    Math.max(1, Math.ceil((shape[0] ?? 1) / CHUNK_ROWS)) * Math.max(1, Math.ceil((shape[1] ?? 1) / 96));
  const chunks = Math.min(total, Math.ceil(rows / CHUNK_ROWS) + 1);
  return { chunks, total_chunks: total, bytes: chunks * 2_030_000, seconds: chunks * 0.25, requests: chunks };
}

/** The answer to a preview request for a node. */
export function answerPreview(card: Known, request: Draft<"preview">): Reply<PreviewAnswer> {
  const { row } = card;
  const choices = previewChoices(card);
  const chosen = choices.find(({ view }) => view === request.view) ?? choices[0];
  if (!chosen)
    return {
      body: { type: "empty", id: "", path: row.path, words: "There is nothing to show." },
      buffers: [],
    };
  const shape = row.shape ?? MOCK_SHAPES[row.type_name] ?? [412];
  const selection = parse(request.selection ?? chosen.selection, shape);
  const cost = costOf(selection, shape);
  if (cost.bytes > Math.max(LIMIT, request.agreed_bytes ?? 0) && chosen.view !== "image") {
    return { body: refusal(row.path, chosen, selection, shape, cost), buffers: [] };
  }
  if (chosen.view === "line") return lines(row.path, selection, shape, request.width ?? 800, cost);
  if (chosen.view === "image") return image(row.path, selection, shape, cost);
  if (chosen.view === "table")
    return { body: table(row.path, row.type_name, selection, shape, cost), buffers: [] };
  const text = card.value?.text ?? "Head-fixed wheel task with imaging. ".repeat(60);
  return {
    body: {
      type: "value",
      id: "",
      path: row.path,
      text,
      dtype: "utf-8 string",
      truncated: false,
      target: "",
    },
    buffers: [],
  };
}

function refusal(
  path: string,
  { view }: PreviewChoice,
  selection: Selection,
  shape: number[],
  cost: Cost,
): TooCostly {
  const smaller = selection.map((part, at) =>
    at === 0 && isSpan(part) ? { ...part, stop: part.start + 32_768 } : part,
  );
  return {
    type: "too_costly",
    id: "",
    path,
    view,
    selection: writeSelection(selection),
    cost,
    limit: LIMIT,
    allowed: cost.bytes <= BUDGET,
    offer: writeSelection(smaller),
    offer_cost: costOf(smaller, shape),
  };
}

function lines(
  path: string,
  selection: Selection,
  shape: number[],
  width: number,
  cost: Cost,
): Reply<LinePreview> {
  const time = selection[0];
  const { start, stop } = isSpan(time) ? time : { start: 0, stop: 1 };
  const second = selection[1];
  const channels = isSpan(second)
    ? Array.from({ length: second.stop - second.start }, (_, at) => second.start + at)
    : [0];
  const samples = Math.max(1, Math.ceil((stop - start) / width));
  const points = Math.ceil((stop - start) / samples);
  const low = new Float32Array(channels.length * points);
  const high = new Float32Array(channels.length * points);
  channels.forEach((channel, trace) => {
    for (let point = 0; point < points; point += 1) {
      const values = Array.from({ length: Math.min(samples, 64) }, (_, at) =>
        voltage(start + point * samples + at, channel),
      );
      low[trace * points + point] = Math.min(...values);
      high[trace * points + point] = Math.max(...values);
    }
  });
  const body: LinePreview = {
    type: "line",
    id: "",
    path,
    selection: writeSelection(selection),
    shape,
    first: start,
    last: stop,
    traces: channels.length,
    trace_labels: channels.map(String),
    points,
    samples_per_point: samples,
    x: { label: "time", unit: "s", start: 0, step: 1 / RATE },
    y: { label: "voltage", unit: "\u00b5V", start: 0, step: null },
    scaling: "conversion 2.34 \u00d7 10\u207b\u2076",
    statistics: { minimum: "\u2212128.4", maximum: "64.1", mean: "\u22120.3", nan: 0 },
    cost,
  };
  return {
    body,
    buffers: (samples === 1 ? [low] : [low, high]).map((values) => new DataView(values.buffer)),
  };
}

function image(path: string, selection: Selection, shape: number[], cost: Cost): Reply<ImagePreview> {
  const spans = selection.filter(isSpan);
  const rows = spans[0] ? partLength(spans[0]) : 1;
  const columns = spans[1] ? partLength(spans[1]) : 1;
  const [height, width] = [Math.min(rows, 256), Math.min(columns, 256)];
  const sliders = selection.flatMap((part, dimension) =>
    isSpan(part) ? [] : [{ dimension, size: shape[dimension] ?? 1, index: part }],
  );
  const values = frame(height, width, sliders[0]?.index ?? 0);
  const body: ImagePreview = {
    type: "image",
    id: "",
    path,
    selection: writeSelection(selection),
    shape,
    height,
    width,
    rows,
    columns,
    every_row: Math.ceil(rows / height),
    every_column: Math.ceil(columns / width),
    channels: 1,
    low: 212,
    high: 2950,
    sliders,
    row_label: shape.length > 2 ? "y" : "time",
    column_label: shape.length > 2 ? "x" : "channel",
    unit: "",
    scaling: "",
    statistics: { minimum: "38", maximum: "4,071", mean: "412.6", nan: 0 },
    cost,
  };
  return { body, buffers: [new DataView(values.buffer)] };
}

function table(path: string, type: string, selection: Selection, shape: number[], cost: Cost): TablePreview {
  const rows = selection[0];
  const { start, stop } = isSpan(rows) ? rows : { start: 0, stop: 1 };
  const base = {
    type: "table" as const,
    id: "",
    path,
    selection: writeSelection(selection),
    total: shape[0] ?? 0,
    offset: start,
    cost,
  };
  const indices = Array.from({ length: stop - start }, (_, at) => start + at);
  if (type === "Units") {
    const columns = [
      { name: "id", dtype: "int64", numeric: true },
      { name: "snr", dtype: "float32", numeric: true },
      { name: "quality", dtype: "string", numeric: false },
      { name: "electrode_group", dtype: "ref", numeric: false },
      { name: "spike_times", dtype: "ragged, s", numeric: false },
    ];
    const cells = indices.map((row) => [
      String(row),
      (2.5 + noise(row, 1) * 7).toFixed(2),
      noise(row, 2) > 0.2 ? "good" : "mua",
      `/general/extracellular_ephys/probe${row % 2}`,
      `${(2000 + noise(row, 3) * 38_000).toFixed(0)} values: 0.123, 0.456, 0.789, \u2026`,
    ]);
    return { ...base, columns, rows: cells };
  }
  const second = selection[1];
  const channels = isSpan(second)
    ? Array.from({ length: second.stop - second.start }, (_, at) => second.start + at)
    : [0];
  return {
    ...base,
    columns: channels.map((channel) => ({
      name: shape.length > 1 ? String(channel) : "value",
      dtype: "int16",
      numeric: true,
    })),
    rows: indices.map((row) =>
      channels.map((channel) => voltage(row, channel).toFixed(0).replace("-", "\u2212")),
    ),
  };
}
