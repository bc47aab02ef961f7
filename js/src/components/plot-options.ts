// How uPlot is set up: scales, axes and traces from tokens. Colours are looked up at each drawing, so a redraw follows the theme.
import type uPlot from "uplot";
import { tickLabels, ticks } from "../data/ticks.ts";
import { envelopePaths } from "./plot-envelope.ts";
import type { TokenColors } from "./token-color.ts";

export interface PlotTrace {
  /** One value a point, or two, the lowest and the highest, where the picture is an envelope. */
  y: (number | null)[];
  /** Name of a colour token. */
  color: string;
}

export interface PlotPicture {
  x: number[];
  traces: readonly PlotTrace[];
  xUnit: string;
  yUnit: string;
  /** Names of stacked traces, the first at y = 0, the next at -1 ...; null = numbers along y. */
  rows: readonly string[] | null;
  /** Points are pairs: what lies between lowest and highest is filled. */
  envelope: boolean;
  /** Few enough points to be told apart. */
  dots: boolean;
}

export interface PlotRange {
  x: [number, number];
  y: [number, number];
}

/** Room for the axis below, and for one label on each axis; pixels. */
export const AXIS_HEIGHT = 24;
const TICK_WIDTH = 110;
const TICK_HEIGHT = 36;
const ROW_HEIGHT = 13;
const LETTER = 6.4;

interface Sources {
  colors: TokenColors;
  font: string;
  picture: () => PlotPicture;
  range: () => PlotRange;
}

export function plotOptions(
  size: { width: number; height: number },
  { colors, font, picture, range }: Sources,
): uPlot.Options {
  const color = (token: string) => () => colors.of(token);
  const axis = {
    font: `11px ${font}`,
    stroke: color("--lx-ink-2"),
    ticks: { show: false },
    grid: { stroke: color("--lx-line"), width: 1 },
    gap: 8,
  };
  return {
    ...size,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { setScale: false, dist: 4 } },
    scales: {
      x: { time: false, range: () => range().x },
      y: { range: () => range().y },
    },
    axes: [
      {
        ...axis,
        size: AXIS_HEIGHT,
        gap: 4,
        splits: (plot, _axis, low, high) => xSplits(plot.width, low, high),
        values: (_plot, values) => withUnit(tickLabels(values), picture().xUnit, 0),
      },
      {
        ...axis,
        size: (_plot, values) => gutter(values),
        grid: { ...axis.grid, show: picture().rows === null },
        splits: (plot, _axis, low, high) => ySplits(picture(), plot.height - AXIS_HEIGHT, low, high),
        values: (_plot, values) => yLabels(picture(), values),
      },
    ],
    series: [
      {},
      ...picture().traces.map((_trace, index) => ({
        stroke: () => colors.of(picture().traces[index]?.color ?? "--lx-ink"),
        width: 1,
        ...(picture().envelope
          ? { fill: () => colors.of(picture().traces[index]?.color ?? "--lx-ink"), paths: envelopePaths }
          : {}),
        points: { show: () => picture().dots, size: 4 },
      })),
    ],
  };
}

/** Labels get the unit once, at one of them. */
function withUnit(labels: string[], unit: string, at: number): string[] {
  return labels.map((label, index) => (index === at && unit !== "" ? `${label} ${unit}` : label));
}

function gutter(labels: string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label?.length ?? 0));
  return Math.round(Math.min(160, Math.max(40, longest * LETTER + 24)));
}

/** Fewer where their labels are long, as those of seconds since 1970 are. */
function xSplits(width: number, low: number, high: number): number[] {
  const at = (room: number) => ticks(low, high, Math.max(2, width / room));
  const longest = Math.max(0, ...tickLabels(at(TICK_WIDTH)).map((label) => label.length));
  return at(Math.max(TICK_WIDTH, longest * LETTER + 40));
}

function ySplits(picture: PlotPicture, height: number, low: number, high: number): number[] {
  if (!picture.rows) return ticks(low, high, Math.max(2, height / TICK_HEIGHT));
  // Where rows are lower than a line of text, every n-th is named.
  const every = Math.max(1, Math.ceil((picture.rows.length * ROW_HEIGHT) / Math.max(1, height)));
  return picture.rows.flatMap((_name, row) => (row % every === 0 ? [-row] : [])).reverse();
}

function yLabels(picture: PlotPicture, values: number[]): string[] {
  const { rows } = picture;
  if (!rows) return withUnit(tickLabels(values), picture.yUnit, values.length - 1);
  return values.map((value) => shortened(rows[Math.abs(value)] ?? ""));
}

/** A long name loses its middle. */
function shortened(name: string): string {
  return name.length <= 18 ? name : `${name.slice(0, 8)}\u2026${name.slice(-9)}`;
}
