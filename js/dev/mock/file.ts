// A small file with everything the views must cope with: typed groups, links, a broken link, a group of 100,000
// children, nodes that are slow or refuse to be read.
import { parentOf } from "../../src/data/path.ts";
import type { Icon, Kind, Row } from "../../src/data/protocol.ts";
import { blankRow } from "./row.ts";

export interface MockAttribute {
  type: string;
  text: string;
  /** Path an object reference leads to. */
  target?: string;
}

export interface MockNode {
  row: Row;
  children: string[];
  attributes: Record<string, MockAttribute>;
  /** Of a scalar dataset. */
  value: MockAttribute | null;
}

/** Children of a group whose children are made up when asked for. */
export const MANY = 100_000;
export const MANY_PATH = "/stimulus/many";

const text = (value: string): MockAttribute => ({ type: "utf-8", text: value });
const float32 = (value: string): MockAttribute => ({ type: "float32", text: value });

function typed(type: string, more: Record<string, MockAttribute> = {}): Record<string, MockAttribute> {
  return { ...more, namespace: text("core"), neurodata_type: text(type) };
}

interface Spec {
  type?: string;
  icon?: Icon;
  shape?: number[];
  dtype?: string;
  bytes?: number;
  kind?: Kind;
  target?: string;
  problem?: string;
  attributes?: Record<string, MockAttribute>;
  value?: MockAttribute;
}

const GROUP: Spec = {};
const DATA_ATTRIBUTES = {
  conversion: float32("4.69e-6"),
  unit: text("mV"),
  offset: float32("0.0"),
  resolution: float32("-1.0"),
  channel_map: { type: "int32 [384]", text: "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]" },
  probe_note: text("ref: tip, gain 250"),
};

const series = (bytes: number): Spec => ({
  type: "ElectricalSeries",
  icon: "activity",
  bytes,
  attributes: typed("ElectricalSeries", {
    comments: text("no comments"),
    description: text("voltage of the probe"),
  }),
});
const array = (shape: number[], dtype: string, bytes: number, attributes = {}): Spec => ({
  kind: "dataset",
  icon: "grid",
  shape,
  dtype,
  bytes,
  attributes,
});
const scalar = (dtype: string, value: string, icon: Icon = "type", attributes = {}): Spec => ({
  kind: "dataset",
  icon,
  shape: [],
  dtype,
  value: { type: dtype, text: value },
  attributes,
});
const link = (target: string): Spec => ({ kind: "link", icon: "link", target });

const FILE: Record<string, Spec> = {
  "/": { type: "NWBFile", icon: "box", attributes: typed("NWBFile", { nwb_version: text("2.8.0") }) },
  "/acquisition": GROUP,
  "/acquisition/ElectricalSeriesAP": series(83.6e9),
  "/acquisition/ElectricalSeriesAP/data": array([168_755_200, 384], "int16", 83.6e9, {
    ...DATA_ATTRIBUTES,
    unit: text("volts"),
  }),
  "/acquisition/ElectricalSeriesAP/electrodes": link("/general/extracellular_ephys/electrodes"),
  "/acquisition/ElectricalSeriesAP/starting_time": scalar("float64", "0.0", "clock", {
    unit: text("seconds"),
  }),
  "/acquisition/ElectricalSeriesLFP": series(7.1e9),
  "/acquisition/ElectricalSeriesLFP/data": array([14_062_934, 384], "int16", 7.1e9, DATA_ATTRIBUTES),
  "/acquisition/ElectricalSeriesLFP/electrodes": link("/general/extracellular_ephys/electrodes"),
  "/acquisition/ElectricalSeriesLFP/starting_time": scalar("float64", "0.0", "clock", {
    unit: text("seconds"),
  }),
  "/acquisition/TwoPhotonSeries": {
    type: "TwoPhotonSeries",
    icon: "image",
    bytes: 43.9e9,
    attributes: typed("TwoPhotonSeries", {
      imaging_plane: {
        type: "reference",
        text: "/general/optophysiology/plane_1",
        target: "/general/optophysiology/plane_1",
      },
    }),
  },
  "/acquisition/TwoPhotonSeries/data": array([168_750, 512, 512], "uint16", 43.9e9),
  "/acquisition/eye_tracking": { type: "TimeSeries", icon: "activity", attributes: typed("TimeSeries") },
  "/acquisition/eye_tracking/timestamps": array([562_500], "float64", 4.5e6, { unit: text("seconds") }),
  "/acquisition/wheel_position": {
    type: "SpatialSeries",
    icon: "activity",
    attributes: typed("SpatialSeries"),
  },
  "/acquisition/wheel_position/data": array([562_500, 2], "float32", 3.1e6),
  "/analysis": GROUP,
  "/general": GROUP,
  "/general/devices": GROUP,
  "/general/devices/probe_with_a_name_that_is_much_longer_than_the_tree_is_wide": {
    type: "Device",
    icon: "box",
  },
  "/general/extracellular_ephys": GROUP,
  "/general/extracellular_ephys/electrodes": { type: "DynamicTable", icon: "table", bytes: 94_000 },
  "/general/extracellular_ephys/gone": {
    kind: "broken",
    icon: "unlink",
    target: "/general/devices/missing",
    problem: "Nothing is stored at /general/devices/missing.",
  },
  "/general/optophysiology": GROUP,
  "/general/optophysiology/plane_1": { type: "ImagingPlane", icon: "box", attributes: typed("ImagingPlane") },
  "/general/subject": { type: "Subject", icon: "box", attributes: typed("Subject") },
  "/general/subject/age": scalar("utf-8", "ten days"),
  "/general/subject/sex": scalar("utf-8", "male"),
  "/general/session_id": scalar("utf-8", "20240312"),
  "/intervals": { icon: "table" },
  "/intervals/trials": { type: "TimeIntervals", icon: "table", bytes: 94_000 },
  "/processing": GROUP,
  "/processing/behavior": { type: "ProcessingModule", icon: "box" },
  "/processing/ophys": { type: "ProcessingModule", icon: "box" },
  "/stimulus": GROUP,
  "/stimulus/many": GROUP,
  "/stimulus/slow": GROUP,
  "/stimulus/denied": { type: "ElectricalSeries", icon: "activity", bytes: 1e9 },
  "/stimulus/fails": array([1000, 4], "int16", 8000),
  "/units": {
    type: "Units",
    icon: "table",
    bytes: 81e6,
    attributes: typed("Units", { colnames: text("snr, quality") }),
  },
  "/identifier": scalar("utf-8", "5b0f3f5e-2f1c-4f63-9d1c-1c2e3b7d91c0"),
  "/session_start_time": scalar("utf-8", "2024-03-12T15:30:05+01:00", "clock"),
};

/** The file as it is in the source. */
export function mockFile(): Map<string, MockNode> {
  const nodes = new Map<string, MockNode>();
  for (const [path, spec] of Object.entries(FILE)) {
    nodes.set(path, {
      row: rowOf(path, spec),
      children: [],
      attributes: { ...spec.attributes },
      value: spec.value ?? null,
    });
    if (path !== "/") nodes.get(parentOf(path))?.children.push(path);
  }
  for (const [path, node] of nodes) {
    node.row = { ...node.row, children: path === MANY_PATH ? MANY : node.children.length };
  }
  return nodes;
}

/** A row of the group with made-up children. */
export function manyRow(index: number): Row {
  const path = `${MANY_PATH}/item_${String(index).padStart(6, "0")}`;
  return rowOf(path, { kind: "dataset", icon: "hash", shape: [], dtype: "int64" });
}

function rowOf(path: string, spec: Spec): Row {
  return blankRow(path, {
    kind: spec.kind ?? "group",
    icon: spec.icon ?? "folder",
    type_name: spec.type ?? "",
    shape: spec.shape ?? null,
    dtype: spec.dtype ?? "",
    stored_bytes: spec.bytes ?? null,
    target: spec.target ?? "",
    problem: spec.problem ?? "",
  });
}
