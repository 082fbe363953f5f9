// Builds the front end into static/dist: styles, scripts, icons, fonts, licences, manifest.
// Run it with `npm run build`; docs/how-to/change-the-look.md says where everything lives.

import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const assets = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(assets);
const dist = path.join(root, "static", "dist");
const modules = path.join(root, "node_modules");
const require = createRequire(import.meta.url);

// Tabler's classes count as used when their name stands in one of these files.
const SOURCES = ["templates/**/*.html", "admin_views/**/*.py", "portal/**/*.py", "assets/js/**/*.js"];
const SOURCES_OF_PORTAL = ["templates/portal/**/*.html", "templates/document.html", "templates/door.html", "templates/admin/_macros.html", "templates/admin/lib.html", "templates/errors/**/*.html", "portal/**/*.py", "assets/js/portal.js", "assets/js/door.js"];

// Names that scripts of third parties put into the page.
const ALWAYS = [/^ts-/, /^htmx-/, /^ProseMirror/, "focus", "input-active", "dropdown-active", "disabled", "active", "item", "option"];

const ENTRIES = ["css/app.css", "css/portal.css", "js/app.js", "js/door.js", "js/editor.js", "js/lookup.js", "js/portal.js"];

// The fonts that PDFs embed: TrueType, because Typst does not read WOFF2.
const PDF_FONTS = { "400Regular": "Inter_400Regular", "500Medium": "Inter_500Medium", "600SemiBold": "Inter_600SemiBold" };

// Not ours, and dear: `.steps:not(:has(…)) > :last-child` has browsers look at the whole page after every change of a text.
const NEVER = [/^steps$/, /^step-item$/];

const purgedTabler = {
  name: "purged-tabler",
  setup(build) {
    build.onLoad({ filter: /[\\/]@tabler[\\/]core[\\/]dist[\\/]css[\\/]tabler\.css$/ }, async ({ path: file, suffix }) => {
      const raw = (await readFile(file, "utf8")).replace(/\/\*# sourceMappingURL.*\*\//, "");
      const [{ css }] = await new PurgeCSS().purge({
        content: (suffix === "?portal" ? SOURCES_OF_PORTAL : SOURCES).map((glob) => path.join(root, glob).replaceAll(path.sep, "/")),
        css: [{ raw }],
        safelist: ALWAYS,
        blocklist: NEVER,
        variables: true,
        keyframes: true,
      });
      return { contents: css, loader: "css", resolveDir: path.dirname(file) };
    });
  },
};

/** One file with all icons of icons.txt as symbols; an icon that a template names must be listed. */
async function icons() {
  const listed = (await readFile(path.join(assets, "icons.txt"), "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(listed.map(async (name) => {
    const svg = await readFile(path.join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
    const shapes = svg.replace(/<!--[^]*?-->/g, "").match(/<svg[^>]*>([^]*)<\/svg>/)[1].replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  }));
  await refuseUnlisted(new Set(listed));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

async function refuseUnlisted(listed) {
  const folder = path.join(root, "templates");
  const missing = new Set();
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith(".html")) continue;
    const text = await readFile(path.join(folder, file), "utf8");
    for (const [, name] of text.matchAll(/\bicon\(["']([a-z0-9-]+)["']/g)) if (!listed.has(name)) missing.add(`${name} (${file})`);
  }
  if (missing.size) throw new Error(`Add these icons to assets/icons.txt: ${[...missing].join(", ")}`);
}

/** The licence texts of everything that is copied or bundled. */
async function licences(inputs) {
  const { dependencies } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  // tom-select carries two small libraries of its authors inside its bundle.
  const bundled = Object.keys(inputs).map((input) => input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean);
  const names = [...new Set([...Object.keys(dependencies), ...bundled, "@orchidjs/sifter", "@orchidjs/unicode-variants"])].sort();
  const parts = await Promise.all(names.map(async (name) => {
    const folder = path.join(modules, name);
    const { version, license, homepage } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|ofl)/i.test(file)).sort();
    const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")));
    return [`${name} ${version} (${license})`, homepage ?? "", ...texts].join("\n\n").trim();
  }));
  return parts.join(`\n\n${"-".repeat(80)}\n\n`) + "\n";
}

async function writeHashed(name, text) {
  const { ext, name: stem } = path.parse(name);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 10);
  const file = `${stem}.${hash}${ext}`;
  await writeFile(path.join(dist, file), text);
  return file;
}

await rm(dist, { recursive: true, force: true });
await mkdir(path.join(dist, "fonts"), { recursive: true });

const { metafile } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: ENTRIES.map((entry) => path.join("assets", entry)),
  outdir: dist,
  entryNames: "[name].[hash]",
  assetNames: "fonts/[name].[hash]",
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  // light-dark(), :has() and popover are used as they are: see docs/how-to/change-the-look.md.
  target: ["chrome123", "firefox125", "safari17.5"],
  loader: { ".woff2": "file" },
  legalComments: "none",
  plugins: [purgedTabler],
  logLevel: "warning",
});

const manifest = {};
for (const [file, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
  const source = entryPoint ?? Object.keys(inputs)[0];
  if (source) manifest[path.basename(source)] = path.relative(dist, path.join(root, file)).replaceAll(path.sep, "/");
}
manifest["icons.svg"] = await writeHashed("icons.svg", await icons());
await Promise.all(Object.entries(PDF_FONTS).map(([folder, font]) =>
  cp(path.join(path.dirname(require.resolve("@expo-google-fonts/inter/package.json")), folder, `${font}.ttf`), path.join(dist, "fonts", `${font}.ttf`))));
await writeFile(path.join(dist, "LICENSES.txt"), await licences(metafile.inputs));
await writeFile(path.join(dist, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 2) + "\n");
