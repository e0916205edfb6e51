// Builds the page into a directory that any static host can serve: index.html
// with its figure, style.css, main.js (the page), panel_*.js (each fetched
// when it is opened), editor.js (once there is a prompt) with
// language.js and library.json (TypeScript and what it knows), runner.js (the machine and the code of the
// programs it starts with), programs.json (all sources, and the code of the other
// programs), compiler.js and the packed esbuild-wasm.

import {
  build as bundleFiles,
  type BuildOptions,
  type Plugin,
  transform,
} from "esbuild";
import type { CompiledFile } from "../../host/compiled.ts";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { stopCompiler } from "../../host/compile_native.ts";
import { playgroundPrograms } from "../../host/playground.ts";
import { readPages, readPrograms } from "../../host/image.ts";
import { compileShipped, neededBy, precompile } from "../../host/precompile.ts";
import { crc32 } from "../../host/checksum.ts";
import { type LateFile, mayBeLate } from "../../host/late_files.ts";
import type { ShippedFile } from "../machine/shipped_files.ts";
import { legend, patterns } from "../timeline/figure.ts";
import type { PanelName } from "../panels/panel_list.ts";
import type { State } from "../trace/states.ts";
import { firstFigure } from "./first.ts";
import { galleryEntries } from "./gallery.ts";
import { readLibrary } from "./library.ts";
import { makeStill, type Still } from "./still.ts";

const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
const ROOT = dirname(WEB);
const WASM = "node_modules/esbuild-wasm/esbuild.wasm";
const XTERM_CSS = "node_modules/@xterm/xterm/css/xterm.css";

const LEGEND: State[] = [
  "run",
  "kernel",
  "callback",
  "ready",
  "disk",
  "net",
  "keys",
  "timer",
];

/** In this order: what comes later may say otherwise. */
const STYLES = [
  "tokens",
  "header",
  "controls",
  "panels",
  "terminal",
  "timeline",
  "figure",
  "drawer",
  "editor",
  "dock",
  "disk",
  "network",
  "requests",
  "charts",
  "share",
  "lessons",
  "start",
  "lab",
  "small",
];

const PANEL_FILES: Record<PanelName, string> = {
  requests: "web/panels/requests_panel.ts",
  queue: "web/panels/run_queue_panel.ts",
  disk: "web/disk/disk_panel.ts",
  network: "web/network/net_panel.ts",
  handles: "web/panels/handles_panel.ts",
  memory: "web/panels/memory_panel.ts",
  charts: "web/panels/charts_panel.ts",
};

/** What an embed looks like. */
const EMBED_STYLES = [
  "tokens",
  "controls",
  "header",
  "terminal",
  "timeline",
  "figure",
  "disk",
  "network",
  "embed",
];

/** What the page runs before anything else is fetched: their code is in runner.js, all the rest in programs.json. */
const FIRST = [
  "/bin/sh",
  "/bin/figure_block",
  ...playgroundPrograms(),
];

/** What TypeScript would ask of Node; it is never asked. */
const HOST_MODULES = [
  "fs",
  "path",
  "os",
  "inspector",
  "crypto",
  "perf_hooks",
  "source-map-support",
];

/** Kettle's own names for its two doors. */
const OWN_NAMES: Plugin = {
  name: "kettle",
  setup(build) {
    build.onResolve({ filter: /^kettle(\/world)?$/ }, ({ path }) => ({
      path: join(ROOT, path === "kettle" ? "mod.ts" : "kernel/mod.ts"),
    }));
  },
};

/** uPlot writes numbers in the browser's language, which may be none that it knows ("en-US@posix"); the page writes them itself. */
const PLAIN_NUMBERS: Plugin = {
  name: "plain numbers",
  setup(build) {
    build.onLoad({ filter: /uPlot\.esm\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8"))
        .replace("domEnv ? nav.language : 'en-US'", "'en-US'"),
    }));
  },
};

/** Builds everything into `directory`. */
export async function build(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const programs = readPrograms();
  const files = await compileShipped(programs);
  const first = neededBy(FIRST, files);
  const sources = { ...programs, ...readPages() };
  const late = lateFiles(sources);
  const machine = runner(sources, first, late);
  const named = buildName(machine)
    .then((name) => ({ KETTLE_BUILD: JSON.stringify(name) }));
  const parts: Record<string, Promise<string | Uint8Array>> = {
    "index.html": makeStill().then(page),
    "style.css": style(),
    "main.js": bundle("web/main.ts", "esm"),
    ...panels(),
    "embed.html": makeStill().then(embedPage),
    "embed.css": embedStyle(),
    "embed.js": bundle("web/embed/embed.ts", "iife"),
    "embed_machine.js": named.then((define) =>
      bundle("web/embed/embed_machine.ts", "esm", define)
    ),
    "share.js": named.then((define) =>
      bundle("web/share/share_desk.ts", "esm", define)
    ),
    "exports.js": bundle("web/share/exports.ts", "esm"),
    "start.js": bundle("web/start/start_view.ts", "esm"),
    "programs.js": bundle("web/start/programs_view.ts", "esm"),
    "gallery.json": Promise.resolve(JSON.stringify(galleryEntries())),
    "lessons.js": bundle("web/lessons/lessons_view.ts", "esm"),
    "tour.js": bundle("web/start/tour.ts", "esm"),
    "lab.js": bundle("web/lab/lab_view.ts", "esm"),
    "lab_worker.js": bundle("web/lab/lab_worker.ts", "esm"),
    "figure_worker.js": bundle("web/lessons/figure_worker.ts", "esm"),
    "grader.js": grader(sources),
    "runner.js": machine,
    "editor.js": bundle("web/editor/editor.ts", "esm"),
    "language.js": language(),
    "library.json": Promise.resolve(JSON.stringify(readLibrary())),
    "programs.json": rest(sources, files, first, late),
    "compiler.js": bundle("web/machine/compiler.ts", "iife"),
    "esbuild.wasm.gz": wasm(),
  };
  await Promise.all(
    Object.entries(parts).map(async ([name, content]) =>
      writeFile(join(directory, name), await content)
    ),
  );
  await stopCompiler();
}

/** One file for each panel: it is fetched when the panel is opened first. */
function panels(): Record<string, Promise<string>> {
  return Object.fromEntries(
    Object.entries(PANEL_FILES).map(([name, path]) => [
      `panel_${name}.js`,
      bundle(path, "esm"),
    ]),
  );
}

/** One file with all it imports, as a script of that kind. */
export async function bundle(
  entry: string,
  format: "esm" | "iife",
  define: Record<string, string> = {},
): Promise<string> {
  return await bundled({ entryPoints: [entry], format, minify: true, define });
}

/** Which Kettle it is: the version, and a checksum of what decides how a run goes. */
async function buildName(runner: Promise<string>): Promise<string> {
  const text = await readFile(join(ROOT, "package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  const sum = crc32(new TextEncoder().encode(await runner));
  return `${version}+${sum.toString(16).padStart(8, "0")}`;
}

/**
 * The machine, then the code of its first programs. They keep their functions'
 * names, which the trace shows.
 */
async function runner(
  sources: Record<string, string>,
  first: CompiledFile[],
  late: Map<string, LateFile>,
): Promise<string> {
  const machine = bundled({
    entryPoints: ["web/runner/runner.ts"],
    format: "iife",
    globalName: "runner",
    minify: true,
  });
  const small = await Promise.all(first.map(minified));
  const programs = (await precompile(sources, small, late))
    .replace("export const programs", "const programs")
    .replace("export const precompiled", "const precompiled");
  const start = "runner.start(programs, precompiled);";
  return `${await machine}(() => {\n${programs}${start}\n})();\n`;
}

/** The worker that grades, with the sources of all that is on a disk. */
async function grader(sources: Record<string, string>): Promise<string> {
  const code = await bundled({
    entryPoints: ["web/grading/grader.ts"],
    format: "iife",
    globalName: "grader",
    minify: true,
  });
  return `${code}grader.start(${JSON.stringify(sources)});\n`;
}

/** TypeScript's compiler asks a host that has files for them; a page has none. */
function language(): Promise<string> {
  return bundled({
    entryPoints: ["web/editor/language.ts"],
    format: "iife",
    minify: true,
    external: HOST_MODULES,
  });
}

async function bundled(options: BuildOptions): Promise<string> {
  const result = await bundleFiles({
    ...options,
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    target: "es2022",
    platform: "browser",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    plugins: [OWN_NAMES, PLAIN_NUMBERS, ...options.plugins ?? []],
  });
  return result.outputFiles![0]!.text;
}

/** What comes after the prompt: all sources, but for the few that cannot. */
function lateFiles(sources: Record<string, string>): Map<string, LateFile> {
  const late = new Map<string, LateFile>();
  for (const [path, source] of Object.entries(sources)) {
    const bytes = new TextEncoder().encode(source);
    if (!mayBeLate(bytes.length)) continue;
    late.set(path, { bytes: bytes.length, checksum: crc32(bytes) });
  }
  return late;
}

/** What is fetched once there is a prompt: sources, and code that is not there yet. */
async function rest(
  sources: Record<string, string>,
  files: CompiledFile[],
  first: CompiledFile[],
  late: Map<string, LateFile>,
): Promise<string> {
  const shipped = [...late.keys()].map(async (path): Promise<ShippedFile> => {
    const source = sources[path]!;
    const file = files.find((it) => it.path === path);
    const isLate = file !== undefined && !first.includes(file);
    return { path, source, file: isLate ? await minified(file) : null };
  });
  return JSON.stringify(await Promise.all(shipped));
}

async function minified(file: CompiledFile): Promise<CompiledFile> {
  const { code } = await transform(file.code, {
    minifyWhitespace: true,
    minifySyntax: true,
    charset: "utf8",
  });
  // What is imported by name was checked when it was compiled.
  const imports = file.imports.map((it) => ({ ...it, line: 0, names: [] }));
  return { ...file, code, imports, rows: [] };
}

/** The page with everything in it that needs no script. */
function page(still: Still): Promise<string> {
  return filled("index.html", still);
}

/** The same of an embed; the figure's program is there to be read. */
async function embedPage(still: Still): Promise<string> {
  const source = readPrograms()[`/bin/${still.command}`] ?? "";
  const safe = source.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
  return (await filled("embed/embed.html", still))
    .replace('id="figure"', `id="figure" data-source="${safe}"`);
}

async function filled(name: string, still: Still): Promise<string> {
  const template = await readFile(join(WEB, name), "utf8");
  const parts: Record<string, string> = {
    patterns: patterns(),
    mark: await readFile(join(WEB, "mark.svg"), "utf8"),
    legend: legend(LEGEND),
    figure: still.svg,
    first: firstFigure(),
    question: still.question,
    answer: still.answer,
  };
  return template
    .replace(/<!-- (\w+) -->/g, (whole, name: string) => parts[name] ?? whole)
    .replace(
      'id="figure"',
      `id="figure" data-command="${still.command}" data-speed="${still.speed}"`,
    );
}

/** The page's own rules after xterm's. */
function style(): Promise<string> {
  return styleOf(STYLES);
}

function embedStyle(): Promise<string> {
  return styleOf(EMBED_STYLES);
}

async function styleOf(names: readonly string[]): Promise<string> {
  const xterm = await readFile(join(ROOT, XTERM_CSS), "utf8");
  const own = names.map((name) =>
    readFile(join(WEB, "style", `${name}.css`), "utf8")
  );
  return [xterm, ...await Promise.all(own)].join("\n");
}

/** esbuild-wasm, packed: a static host need not know how. */
async function wasm(): Promise<Uint8Array> {
  const bytes = await readFile(join(ROOT, WASM));
  return promisify(gzip)(bytes, { level: 6 });
}
