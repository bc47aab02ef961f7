// Recorded-like answers to preview, storage and home requests for the page without a kernel. What a node shows follows
// from its shape and dtype, so that any tree can use it; all numbers come from a seeded generator.
import type {
  Cost,
  Draft,
  Home,
  ImagePreview,
  LinePreview,
  NodeCard,
  PreviewAnswer,
  PreviewChoice,
  Reply,
  Storage,
  TablePreview,
  TooCostly,
} from "../src/data/protocol.ts";
import { isSpan, parseSelection, partLength, type Selection, writeSelection } from "../src/data/selection.ts";

/** Stored bytes read unasked, and at all. */
const LIMIT = 8e6;
const BUDGET = 2e9;
const RATE = 30_000;
const CHUNK_ROWS = 16_384;

type Known = Pick<NodeCard, "row" | "in_type">;

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
  const text =
    row.name === "identifier"
      ? "5b0f3f5e-2f1c-4f63-9d1c-1c2e3b7d91c0"
      : "Head-fixed wheel task with imaging. ".repeat(60);
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

/** A number in 0..1 that depends on its arguments alone. */
function noise(a: number, b: number): number {
  let t = (Math.imul(a | 0, 0x6d2b79f5) ^ Math.imul((b | 0) + 77, 0x9e3779b9)) | 0;
  t = Math.imul(t ^ (t >>> 15), 1 | t);
  t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}

/** A voltage in microvolts: noise, a slow wave, and spikes that neighbours see smaller. */
function voltage(sample: number, channel: number): number {
  const rest =
    (noise(sample, channel) + noise(sample + 1e6, channel) - 1) * 14 + Math.sin(sample / 900 + channel) * 4;
  const block = Math.floor(sample / 2400);
  const since = sample - block * 2400 - noise(block, 5) * 2300;
  const distance = Math.abs(channel - noise(block, 6) * 16);
  if (since < 0 || since > 40 || distance > 3) return rest;
  return (
    rest - (60 + noise(block, 8) * 70) * Math.exp(-(distance ** 2) / 3) * Math.exp(-(((since - 8) / 6) ** 2))
  );
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

/** Rings of cells on a dim ground, one corner NaN. */
function frame(height: number, width: number, index: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(height * width);
  const cells = Array.from({ length: 90 }, (_, cell) => ({
    x: noise(cell, 1) * width,
    y: noise(cell, 2) * height,
    radius: 4 + noise(cell, 3) * 3.5,
    light: (0.15 + noise(cell, 4) ** 3) * (0.6 + 0.4 * noise(cell, index + 9)),
  }));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let value = 0.12 + 0.05 * noise(x + index, y);
      for (const cell of cells) {
        const distance = Math.hypot(x - cell.x, y - cell.y) / cell.radius;
        if (distance < 2) value += cell.light * 0.62 * Math.exp(-((distance - 0.75) ** 2) / 0.16);
      }
      values[y * width + x] = x + y < 14 ? Number.NaN : value * 3800;
    }
  }
  return values;
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

/** Where the chunks of a node live. */
export function answerStorage({ row }: Known, request: Draft<"storage">): Reply<Storage> {
  const shape = row.shape ?? [];
  const chunkShape = shape.map((size, at) => Math.min(size, at === 0 ? CHUNK_ROWS : 96));
  const grid = shape.map((size, at) => Math.ceil(size / Math.max(1, chunkShape[at] ?? 1)));
  const total = grid.reduce((product, length) => product * length, 1);
  const offset = request.offset ?? 0;
  const across = grid[1] ?? 1;
  const missing = total > 10 ? 2 : 0;
  const chunks = Array.from(
    { length: Math.max(0, Math.min(request.limit ?? 200, total - offset)) },
    (_, at) => {
      const index = offset + at;
      const gone = missing > 0 && (index === 6 || index === 7);
      return {
        index: grid.length > 1 ? [Math.floor(index / across), index % across] : [index],
        place: gone ? ("missing" as const) : ("source" as const),
        url: gone ? "" : "https://api.dandiarchive.example/api/assets/3b7d\u202691c0/download/",
        offset: gone ? null : 4096 + index * 2_030_080,
        length: gone ? null : 2_030_000 + Math.round(noise(index, 1) * 9000),
      };
    },
  );
  const body: Storage = {
    type: "storage",
    id: "",
    path: row.path,
    chunk_shape: chunkShape,
    grid,
    filters: ["shuffle", "gzip 4"],
    stored_bytes: total * 2_030_000,
    size_bytes: shape.reduce((product, size) => product * size, 2),
    places:
      missing > 0
        ? [
            ["source", total - 4],
            ["staged", 2],
            ["missing", missing],
          ]
        : [["source", total]],
    offset,
    total,
    chunks,
  };
  return { body, buffers: [] };
}

/** The card of the whole mock file. */
export const MOCK_HOME: Home = {
  type: "home",
  id: "",
  session: [
    { label: "Subject", text: "M07 \u00b7 Mus musculus \u00b7 female \u00b7 P64D", path: "/general/subject" },
    { label: "Started", text: "2024-03-12 15:30:05 +01:00", path: "" },
    { label: "Length", text: "1 h 33 min 45 s", path: "" },
    { label: "Task", text: "Head-fixed wheel task with imaging", path: "" },
  ],
  file: [
    { label: "Source", text: "DANDI 099912, draft \u00b7 open access", path: "" },
    { label: "Size", text: "137.2 GB stored \u00b7 412 kB read so far", path: "" },
    { label: "NWB", text: "2.8.0 \u00b7 hdmf-common 1.8.0", path: "" },
    { label: "Opened", text: "in 0.9 s through a LINDI index", path: "" },
  ],
  contents: [
    {
      label: "Acquisition",
      items: [
        "ElectricalSeriesAP",
        "ElectricalSeriesLFP",
        "TwoPhotonSeries",
        "eye_tracking",
        "wheel_position",
      ].map((name) => ({
        name,
        path: `/acquisition/${name}`,
        note: "",
      })),
      stored_bytes: 134.6e9,
    },
    {
      label: "Processing",
      items: [
        { name: "behavior", path: "/processing/behavior", note: "3 series" },
        { name: "ophys", path: "/processing/ophys", note: "segmentation of 218 ROIs, fluorescence" },
      ],
      stored_bytes: 2.5e9,
    },
    {
      label: "Units",
      items: [{ name: "412 units", path: "/units", note: "9.8 million spikes" }],
      stored_bytes: 81e6,
    },
    {
      label: "Intervals",
      items: [
        { name: "trials", path: "/intervals/trials", note: "640 rows" },
        { name: "epochs", path: "/intervals/epochs", note: "6 rows" },
      ],
      stored_bytes: 94e3,
    },
  ],
  timeline: [
    {
      name: "ElectricalSeriesAP",
      path: "/acquisition/ElectricalSeriesAP",
      spans: [[0, 5625]],
      note: "30 kHz",
    },
    {
      name: "ElectricalSeriesLFP",
      path: "/acquisition/ElectricalSeriesLFP",
      spans: [[0, 5625]],
      note: "2.5 kHz",
    },
    { name: "TwoPhotonSeries", path: "/acquisition/TwoPhotonSeries", spans: [[12, 5620]], note: "30 Hz" },
    {
      name: "wheel_position",
      path: "/acquisition/wheel_position",
      spans: [
        [0, 2470],
        [2822, 5625],
      ],
      note: "gap 5 min 52 s",
    },
    {
      name: "eye_tracking",
      path: "/acquisition/eye_tracking",
      spans: [[0, 5_625_000]],
      note: "looks like ms",
    },
    {
      name: "trials",
      path: "/intervals/trials",
      spans: Array.from({ length: 6 }, (_, at): [number, number] => [60 + at * 905, 910 + at * 905]),
      note: "640 rows",
    },
    { name: "units", path: "/units", spans: [[0, 5625]], note: "412 units" },
  ],
};
