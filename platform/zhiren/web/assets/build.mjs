// Builds ../static/dist: bundles with hashed names, the icon sprite, manifest.json, and a .br and .gz beside each text
// file. Reproducible: the same sources and lock file give the same bytes.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "..", "static", "dist");
const manifest = {};

async function emit(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const extension = extname(name);
  const hashed = `${basename(name, extension)}.${hash}${extension}`;
  await writeFile(join(dist, hashed), content);
  manifest[name] = hashed;
}

async function sprite() {
  const names = (await readFile(join(here, "icons.txt"), "utf8"))
    .split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const symbols = [];
  for (const name of names) {
    const source = await readFile(join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`), "utf8");
    const body = source.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "").replace(/\s+/g, " ").trim();
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="1.75" `
    + `stroke-linecap="round" stroke-linejoin="round">${symbols.join("")}</svg>\n`;
}

async function licences() {
  const texts = [];
  for (const name of ["@tabler/core", "@tabler/icons", "bootstrap", "@popperjs/core", "echarts", "zrender", "htmx.org", "htmx-ext-sse"]) {
    const folder = join(here, "node_modules", name);
    const files = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && /^(licen[cs]e|notice)/i.test(entry.name)).map((entry) => entry.name).sort();
    for (const file of files) texts.push(`${name}: ${file}\n\n${await readFile(join(folder, file), "utf8")}`);
  }
  return texts.join(`\n${"-".repeat(100)}\n`);
}

async function compress(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) { await compress(path); continue; }
    if (!/\.(css|js|svg|json|txt)$/.test(entry.name) || entry.name === "manifest.json") continue;
    const content = await readFile(path);
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
    await writeFile(`${path}.br`, brotliCompressSync(content, quality));
    await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
  }
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const common = {
  bundle: true, minify: true, target: ["chrome109", "firefox115", "safari16"], legalComments: "none", charset: "utf8",
  absWorkingDir: here, logLevel: "warning", metafile: true, outdir: dist,
};
const bundles = await esbuild.build({
  ...common, entryPoints: ["src/app.js", "src/meet.js", "src/theme.js"], format: "esm", splitting: true,
  entryNames: "[name].[hash]", chunkNames: "chunk-[name].[hash]",
});
const styles = await esbuild.build({
  ...common, entryPoints: ["src/app.css"], entryNames: "[name].[hash]",
  loader: { ".svg": "dataurl" },
});
for (const { metafile } of [bundles, styles]) {
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const extension = extname(path);
    manifest[basename(output.entryPoint, extname(output.entryPoint)) + extension] = relative(dist, join(here, path));
  }
}
await emit("icons.svg", await sprite());
for (const file of await readdir(join(here, "src/img"))) await emit(file, await readFile(join(here, "src/img", file)));
await emit("licences.txt", await licences());
const cached = ["app.css", "app.js", "theme.js", "icons.svg", "logo.svg"].map((name) => `/static/${manifest[name]}`);
const worker = await esbuild.build({
  ...common, entryPoints: ["src/sw.js"], write: false, format: "iife", define: { FILES: JSON.stringify(cached), ICON: JSON.stringify(`/static/${manifest["icon-192.png"]}`) },
});
await emit("sw.js", worker.outputFiles[0].contents);
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, Object.keys(manifest).sort(), 1)}\n`);
await compress(dist);
