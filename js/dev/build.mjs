// Builds the page of dev/page.ts into .artifacts/dev: `node js/dev/build.mjs [--watch]`, then open the index.html it names.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const outdir = path.join(root, ".artifacts", "dev");
const settings = {
  absWorkingDir: root,
  entryPoints: { page: "js/dev/page.ts" },
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  sourcemap: "inline",
  logLevel: "info",
};
// A page from the disk may not load modules, so the module stands in the page as text.
const html = (script) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>LINDI explorer</title>
<link rel="stylesheet" href="page.css">
<style>body { margin: 0; }</style>
<body>${script}</body>
</html>
`;

await mkdir(outdir, { recursive: true });
if (process.argv.includes("--watch")) {
  // Served, as a watched page is reloaded from the same address.
  const watching = await context(settings);
  await writeFile(path.join(outdir, "index.html"), html('<script type="module" src="page.js"></script>'));
  await watching.watch();
  const { hosts, port } = await watching.serve({ servedir: outdir });
  console.log(`http://${hosts[0]}:${port}/?state=all`);
} else {
  const { outputFiles } = await build({ ...settings, sourcemap: false, write: false });
  for (const { path: file, text } of outputFiles) {
    if (file.endsWith(".css")) await writeFile(file, text);
    else
      await writeFile(
        path.join(outdir, "index.html"),
        html(`<script type="module">${text.replaceAll("</script", "<\\/script")}</script>`),
      );
  }
  console.log(`file://${path.join(outdir, "index.html")}?state=home`);
}
