// Writes the icons' paths out of lucide-static: `node js/dev/icons.mjs`. One `d` per icon keeps the bundle small and needs no inner HTML.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

// Our names by meaning on the left; the design says which picture each meaning has.
const ICONS = {
  activity: "activity",
  back: "arrow-left",
  box: "box",
  changes: "diff",
  check: "check",
  clock: "clock",
  cloud: "cloud",
  code: "code",
  collapse: "chevron-down",
  copy: "copy",
  disk: "hard-drive",
  download: "download",
  ellipsis: "ellipsis",
  error: "circle-x",
  expand: "chevron-right",
  folder: "folder",
  forward: "arrow-right",
  grid: "grid-3x3",
  hash: "hash",
  hint: "info",
  image: "image",
  link: "link",
  lock: "lock",
  minus: "minus",
  "not-run": "circle",
  panel: "panel-left",
  pause: "pause",
  play: "play",
  plus: "plus",
  redo: "redo-2",
  refresh: "refresh-cw",
  running: "loader-circle",
  search: "search",
  table: "table",
  trash: "trash-2",
  type: "type",
  undo: "undo-2",
  unlink: "unlink",
  upload: "upload",
  warning: "triangle-alert",
  wrench: "wrench",
  x: "x",
};

const SHAPES = {
  // A leading relative move is absolute only at the start of a path, and here paths are joined.
  path: (attribute) => attribute("d").replace(/^m\s*(-?[\d.]+)[\s,]*(-?[\d.]+)\s*(?=([-\d.])?)/, moveTo),
  circle: (_, number) => {
    const r = number("r");
    return `M${number("cx") - r} ${number("cy")}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
  },
  rect: (_, number) => {
    const r = number("rx");
    const w = number("width") - 2 * r;
    const h = number("height") - 2 * r;
    const corner = (x, y) => `a${r} ${r} 0 0 1 ${x} ${y}`;
    return `M${number("x") + r} ${number("y")}h${w}${corner(r, r)}v${h}${corner(-r, r)}h${-w}${corner(-r, -r)}v${-h}${corner(r, -r)}z`;
  },
  line: (_, number) => `M${number("x1")} ${number("y1")}L${number("x2")} ${number("y2")}`,
  polyline: (attribute) => `M${attribute("points")}`,
};

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const lines = [];
for (const [name, file] of Object.entries(ICONS)) {
  const svg = await readFile(path.join(root, "node_modules/lucide-static/icons", `${file}.svg`), "utf8");
  lines.push(`  ${JSON.stringify(name)}: ${JSON.stringify(pathOf(svg.replace(/<svg[^>]*>/, "")))},`);
}
const head = "// Generated from lucide-static (ISC) by `node js/dev/icons.mjs`.\n\n";
const text = `${head}export const ICON_PATHS = {\n${lines.join("\n")}\n} as const;\n`;
await writeFile(path.join(root, "js/src/components/icon-paths.gen.ts"), text);

/** All shapes of an icon as one path. */
function pathOf(svg) {
  return [...svg.matchAll(/<(path|circle|rect|line|polyline)\s([^>]*?)\/?>/g)]
    .map(([, shape, text]) => {
      const attribute = (name) => new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(text)?.[1] ?? "";
      return SHAPES[shape](attribute, (name) => Number(attribute(name)));
    })
    .join("");
}

/** `m1 2 3 4` means `M1 2l3 4`. */
function moveTo(_, x, y, next) {
  return `M${x} ${y}${next === undefined ? "" : "l"}`;
}
