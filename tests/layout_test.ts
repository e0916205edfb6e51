// The house rules, as a test: which room may import which, and which words may
// not be used where everything must be a function of (programs, machine, seed,
// input log). The arrows are those of README.md, "The map".

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { assertEquals } from "@std/assert";

const ROOT = join(import.meta.dirname!, "..");
const ROOMS = ["kernel", "userland", "scenarios", "lessons", "host", "web"];

/** room → what an import of one of its files may begin with, seen from the root. */
const MAY_IMPORT: Record<string, readonly RegExp[]> = {
  kernel: [/^kernel\//],
  userland: [/^kernel\/abi\.ts$/, /^userland\//, /^kettle$/],
  scenarios: [
    /^scenarios\//,
    /^kernel\/mod\.ts$/,
    /^userland\/(lib|servers)\//, // the crowds, and the servers they meet
    /^mod\.ts$/,
  ],
  lessons: [
    /^lessons\//,
    /^scenarios\//,
    /^kernel\/mod\.ts$/,
    /^userland\/(lib|servers)\//,
    /^mod\.ts$/,
  ],
  grading: [
    /^grading\//,
    /^kernel\/(mod|random)\.ts$/,
    /^host\/(world_file|share|replay|report|base_files)\.ts$/, // none knows a disk or a page
    /^scenarios\/(run|scenario)\.ts$/, // what a run cost
  ],
  assignments: [
    /^assignments\//,
    /^grading\/mod\.ts$/,
    /^mod\.ts$/,
    /^kettle$/,
  ],
  host: [
    /^host\//,
    /^(assignments|grading)\//, // the command that grades
    /^scenarios\//, // the command that runs them
    /^kernel\//,
    /^userland\//,
    /^mod\.ts$/,
    /^web\/build\/start\.ts$/, // `start` builds and serves the page, loaded when asked for
    /^kettle(\/world)?$/,
    /^node:/,
    /^@std\//,
    /^esbuild$/,
    /^acorn(-walk)?$/,
    /^@jridgewell\/trace-mapping$/,
  ],
  web: [
    /^web\//,
    /^lessons\//,
    /^scenarios\//, // figures and the lab
    /^host\//,
    /^kernel\//,
    /^userland\//,
    /^mod\.ts$/,
    /^kettle(\/world)?$/,
    /^node:/,
    /^esbuild(-wasm)?$/,
    /^@xterm\//,
    /^idb-keyval$/,
    /^fflate$/,
    /^typescript$/,
    /^@(codemirror|lezer)\//,
    /^uplot$/,
    /^\.\/logo/,
  ],
};

const BANNED =
  /\b(Date|Math\.(random|log|log2|log10|exp|pow|sin|cos|tan)|setTimeout|setInterval|performance|Promise|async|await|console\.\w+|document\.\w+)\b(?!["'\w-])/;

interface Import {
  file: string;
  line: number;
  target: string;
}

test("every import goes along the arrows of the house", () => {
  const wrong: string[] = [];
  for (const room of ROOMS) {
    for (const file of filesOf(room)) {
      for (const { line, target } of importsOf(file)) {
        const allowed = MAY_IMPORT[room]!.some((pattern) =>
          pattern.test(target)
        );
        if (!allowed) wrong.push(`${file}:${line} imports ${target}`);
      }
    }
  }
  assertEquals(wrong, []);
});

test("nothing imports web but the command that serves it", () => {
  const importers = ROOMS.filter((room) => room !== "web").flatMap(filesOf)
    .filter((file) =>
      importsOf(file).some(({ target }) => target.startsWith("web/"))
    );
  assertEquals(importers, ["host/start_command.ts"]);
});

test("kernel and userland use no wall clock, no chance, no promise, no page", () => {
  const found: string[] = [];
  for (const file of [...filesOf("kernel"), ...filesOf("userland")]) {
    codeLines(file).forEach((text, index) => {
      const word = BANNED.exec(text);
      if (word !== null) found.push(`${file}:${index + 1} uses ${word[1]}`);
    });
  }
  assertEquals(found, []);
});

test("every file opens by saying what it is", () => {
  const silent = ROOMS.flatMap(filesOf).filter((file) =>
    !/^(\/\/\/.*\n)*(#!.*\n)?(\/\/|\/\*\*)/.test(read(file))
  );
  assertEquals(silent, []);
});

test("the rule finds a planted violation of each kind", () => {
  assertEquals(BANNED.test("const t = Date.now();"), true);
  assertEquals(BANNED.test("x = Math.log(y)"), true);
  assertEquals(BANNED.test("await thing"), true);
  assertEquals(BANNED.test("updateDate"), false);
  assertEquals(
    MAY_IMPORT.kernel!.some((pattern) => pattern.test("userland/sys.ts")),
    false,
  );
  assertEquals(
    MAY_IMPORT.userland!.some((pattern) => pattern.test("kernel/world.ts")),
    false,
  );
});

test("sizes are reported, not judged", () => {
  const sizes = ROOMS.flatMap(filesOf).map((file) => ({
    file,
    lines: read(file).split("\n").length,
  })).sort((a, b) => b.lines - a.lines);
  const largest = sizes.slice(0, 5).map(({ file, lines }) =>
    `${file} ${lines}`
  );
  console.log(`${sizes.length} files; largest: ${largest.join(", ")}`);
});

function filesOf(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => `${room}/${name.replaceAll("\\", "/")}`).sort();
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** `from "x"`, bare `import "x"` and `import("x")`, resolved against the root. */
function importsOf(file: string): Import[] {
  const pattern =
    /(?:^|\s)(?:from\s+|import\s+|import\(\s*)["']([^"'\n]+)["']/g;
  const text = codeLines(file).join("\n");
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length,
    target: resolve(file, match[1]!),
  }));
}

function resolve(file: string, target: string): string {
  if (!target.startsWith(".")) return target;
  return relative(ROOT, join(ROOT, file, "..", target)).replaceAll("\\", "/");
}

/** Lines without comments and without what is in strings and templates of more than an import. */
function codeLines(file: string): string[] {
  const text = read(file).replace(
    /\/\*[\s\S]*?\*\//g,
    (comment) => comment.replace(/[^\n]/g, ""),
  );
  return text.split("\n").map((line) =>
    /^\s*(import|export|\}).*from /.test(line) ||
      /^\s*import |import\(/.test(line)
      ? line
      : line.replace(/(["'`])(?:\\.|(?!\1).)*\1/g, '""').replace(/\/\/.*$/, "")
  );
}
