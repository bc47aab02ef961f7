// Builds js/src/index.ts into lindi_explorer/widget/static: widget.js (one ES module), widget.css, and the licences of what is in it.
//   --watch       rebuild on every change, with an inline source map
//   --check-size  build nothing; fail when what was built is over the limit
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

// The text of the module travels to every widget instance, so it has to stay small.
const LIMIT_KB = 100;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const outdir = path.join(root, "lindi_explorer", "widget", "static");
const { values: options } = parseArgs({
  options: { watch: { type: "boolean" }, "check-size": { type: "boolean" } },
});

const settings = {
  absWorkingDir: root,
  entryPoints: { widget: "js/src/index.ts" },
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: !options.watch,
  sourcemap: options.watch ? "inline" : false,
  legalComments: "none", // they are in THIRD_PARTY_LICENSES.txt
  metafile: true,
  logLevel: "warning",
};

if (options["check-size"]) {
  await reportSize();
} else if (options.watch) {
  const { context } = await import("esbuild");
  await (await context({ ...settings, logLevel: "info" })).watch();
} else {
  await mkdir(outdir, { recursive: true });
  const { build } = await import("esbuild");
  const { metafile } = await build(settings).catch(() => process.exit(1)); // esbuild has said what is wrong
  await writeLicenses(Object.keys(metafile.inputs));
  await reportSize();
}

/** Print the size of the bundle; a size over the limit makes the process fail. */
async function reportSize() {
  let total = 0;
  for (const name of ["widget.js", "widget.css"]) {
    const file = path.join(outdir, name);
    const text = await readFile(file).catch(() => null);
    if (text === null) {
      console.error(`${path.relative(root, file)} is missing: run "npm run build".`);
      process.exitCode = 1;
      return;
    }
    const zipped = gzipSync(text, { level: 9 }).length;
    total += zipped;
    console.log(`${name.padEnd(12)} ${kilobytes(text.length)}, ${kilobytes(zipped)} gzip`);
  }
  console.log(`${"together".padEnd(12)} ${kilobytes(total)} gzip of ${LIMIT_KB} kB allowed`);
  if (total > LIMIT_KB * 1000) {
    console.error(`The bundle is over ${LIMIT_KB} kB gzip: find what grew, or drop it.`);
    process.exitCode = 1;
  }
}

/** Collect the licence of every package that ended up in the bundle. */
async function writeLicenses(inputs) {
  const packages = new Set(inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]));
  packages.delete(undefined);
  packages.add("lucide-static"); // the paths of the icons are written into our own source
  const parts = await Promise.all([...packages].sort().map(licenseOf));
  await writeFile(path.join(outdir, "THIRD_PARTY_LICENSES.txt"), parts.join("\n\n"));
}

async function licenseOf(name) {
  const folder = path.join(root, "node_modules", name);
  const { version } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  for (const file of ["LICENSE", "LICENSE.md", "LICENSE.txt"]) {
    const license = path.join(folder, file);
    const found = await access(license).then(
      () => true,
      () => false,
    );
    if (found) return `${name} ${version}\n\n${await readFile(license, "utf8")}`;
  }
  throw new Error(`${name} has no licence file: add it to the bundle's licences by hand.`);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
