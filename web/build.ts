// Builds the page into a directory that any static host can serve: index.html
// with its figure, style.css, main.js (the page), runner.js (the machine and
// its programs, compiled), compiler.js and the packed esbuild-wasm.

import { build as bundleFiles, type Plugin } from "esbuild";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { legend, patterns } from "./figure.ts";
import type { State } from "./states.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
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

/** What a finished run looks like before there is a script. */
export interface Still {
  svg: string;
  /** What Play types, and how fast it goes. */
  command: string;
  speed: number;
  question: string;
  answer: string;
}

/** Kettle's own names for its two doors. */
const OWN_NAMES: Plugin = {
  name: "kettle",
  setup(build) {
    build.onResolve({ filter: /^kettle(\/world)?$/ }, ({ path }) => ({
      path: join(ROOT, path === "kettle" ? "mod.ts" : "kernel/mod.ts"),
    }));
  },
};

/** One file with all it imports, as a script of that kind. */
export async function bundle(
  entry: string,
  format: "esm" | "iife",
  plugins: Plugin[] = [],
): Promise<string> {
  const result = await bundleFiles({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    minify: true,
    keepNames: false,
    format,
    target: "es2022",
    platform: "browser",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    plugins: [OWN_NAMES, ...plugins],
  });
  return result.outputFiles[0]!.text;
}

/** The page with everything in it that needs no script. */
export async function page(still: Still): Promise<string> {
  const template = await readFile(join(HERE, "index.html"), "utf8");
  const parts: Record<string, string> = {
    patterns: patterns(),
    mark: await readFile(join(HERE, "mark.svg"), "utf8"),
    legend: legend(LEGEND),
    figure: still.svg,
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
export async function style(): Promise<string> {
  const xterm = await readFile(join(ROOT, XTERM_CSS), "utf8");
  const own = await readFile(join(HERE, "style.css"), "utf8");
  return `${xterm}\n${own}`;
}

/** esbuild-wasm, packed: a static host need not know how. */
export async function wasm(): Promise<Uint8Array> {
  const bytes = await readFile(join(ROOT, WASM));
  return promisify(gzip)(bytes, { level: 6 });
}
