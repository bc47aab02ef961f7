// The Python lines that read again what is shown, with the widget's own `explorer.file`.
import type { Axis, Column, LinePreview, PreviewAnswer } from "./protocol.ts";

/** The answers that show data a line of code can read. */
export type Reproducible = Extract<PreviewAnswer, { type: "line" | "image" | "table" | "value" }>;

/** Code for what an answer shows; `explorer` is what the reader's notebook may call the widget. */
export function codeOf(answer: Reproducible, isGroup: boolean): string {
  if (answer.type === "value") return `value = ${at(answer.path)}[()]\n`;
  if (answer.type === "table" && isGroup)
    return tableCode(answer.path, rowsOf(answer.selection), answer.columns);
  const read = `data = ${at(answer.path)}[${answer.selection}]`;
  if (answer.type === "table") return `${read}\n`;
  const noted = answer.scaling === "" ? read : `${read}  # as stored: ${answer.scaling} not applied`;
  return answer.type === "line" ? `${timeCode(answer, noted)}\n` : `${noted}\n`;
}

function timeCode(answer: LinePreview, read: string): string {
  const { x, first, last } = answer;
  if (x.step === null) return read;
  const name = x.unit === "s" ? "time" : "x";
  const unit = x.unit === "" ? "" : `  # ${x.unit}`;
  return ["import numpy as np", "", read, `${name} = ${regular(x, first, last)}${unit}`].join("\n");
}

function regular({ start, step }: Axis, first: number, last: number): string {
  const samples = `np.arange(${first}, ${last})`;
  const scaled = step === 1 ? samples : `${samples} * ${step}`;
  return start === 0 ? scaled : `${start} + ${scaled}`;
}

/** Columns whose cells are lists are stored as values and an index of where each list ends. */
const RAGGED = "list of ";

/** A table that is a group has a dataset per column. */
function tableCode(path: string, rows: string, columns: readonly Pick<Column, "name" | "dtype">[]): string {
  const ragged = columns.filter(({ dtype }) => dtype.startsWith(RAGGED));
  const names = columns.map((column) => text(ragged.includes(column) ? `${column.name}_index` : column.name));
  const lines = [
    `table = ${at(path)}`,
    `rows = {name: table[name][${rows}] for name in [${names.join(", ")}]}`,
    ...ragged.map(({ name }) => `# ${name} is ragged: row i is table[${text(name)}][index[i - 1]:index[i]]`),
  ];
  return `${lines.join("\n")}\n`;
}

function rowsOf(selection: string): string {
  return selection.split(",")[0]?.trim() ?? ":";
}

function at(path: string): string {
  return `explorer.file[${text(path)}]`;
}

/** A Python string: JSON's escapes are among Python's. */
function text(value: string): string {
  return JSON.stringify(value);
}
