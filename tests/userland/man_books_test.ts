// The manual as a whole: every reference leads somewhere, the library's pages
// agree with its sources, and the lists of errors and signals are complete. Then
// how pages are shown: in a terminal, through the pager, as a hover.

import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ERRNO, SIGNALS } from "../../kernel/abi.ts";
import { stopCompiler } from "../../host/compile_native.ts";
import { mayBeLate } from "../../host/late_files.ts";
import * as library from "../../userland/lib/mod.ts";
import {
  hoverOf,
  type Page,
  pagesAbout,
  parseBook,
  partOf,
  SECTIONS,
  titleOf,
  withHelp,
} from "../../userland/lib/manual.ts";
import { renderPage } from "../../userland/lib/manual_text.ts";
import { textWidth } from "../../userland/sh/width.ts";
import { sh } from "./programs.ts";
import {
  Bench,
  BOOKS,
  examplesOf,
  PAGES,
  programOf,
  whatIsWrong,
} from "./manual.ts";

after(stopCompiler);

const TITLES = PAGES.map(titleOf);
const LIB = new URL("../../userland/lib/", import.meta.url);
const SOURCES = readdirSync(LIB).filter((file) => file.endsWith(".ts"))
  .map((file) => squeezed(readFileSync(new URL(file, LIB), "utf8"))).join("\n");

function squeezed(text: string): string {
  return text.replace(/\s+/g, " ").replace(/([(<[{]) /g, "$1")
    .replace(/,? ([)>\]}])/g, "$1");
}

// ------------------------------------------------------------- the books

test("every page stands in the book of its section, once", () => {
  assertEquals(TITLES.length, new Set(TITLES).size);
  for (const [file, text] of Object.entries(BOOKS)) {
    const sections = new Set(parseBook(text).map(({ section }) => section));
    assertEquals([file, [...sections]], [file, [file[0]]]);
    assert(Object.hasOwn(SECTIONS, file[0]!));
  }
});

test("every reference leads to a page", () => {
  const lost: string[] = [];
  for (const page of PAGES) {
    for (const block of page.parts.flatMap(({ blocks }) => blocks)) {
      const text = block.kind === "code" ? "" : block.text;
      for (const [title] of text.matchAll(/\b[A-Za-z]\w*\(\d\)/g)) {
        if (!TITLES.includes(title)) lost.push(`${titleOf(page)}: ${title}`);
      }
    }
  }
  assertEquals(lost, []);
});

test("every page has other pages to see", () => {
  const alone = PAGES.filter((page) => partOf(page, "SEE ALSO") === undefined);
  assertEquals(alone.map(titleOf), []);
});

test("errno(7) lists every error with its number and words", () => {
  const page = PAGES.find(({ name }) => name === "errno")!;
  const listed = partOf(page, "ERRORS")!.blocks.map((block) =>
    block.kind === "item" ? [block.term, block.text] : []
  );
  const wanted = Object.entries(ERRNO);
  assertEquals(listed.map(([code]) => code), wanted.map(([code]) => code));
  for (const [at, [, [number, words]]] of wanted.entries()) {
    assert(listed[at]![1]!.startsWith(`${words} (${number})`), words);
  }
});

test("signals(7) lists every signal with its number", () => {
  const page = PAGES.find(({ name }) => name === "signals")!;
  const items = page.parts.flatMap(({ blocks }) => blocks).flatMap((block) =>
    block.kind === "item" ? [[block.term, parseInt(block.text)]] : []
  );
  assertEquals(items, Object.entries(SIGNALS));
});

test("what comes with the calls from kettle has a page in section 3", () => {
  const synopses = PAGES.filter(({ section }) => section === "3")
    .map(synopsisOf).join("\n");
  const missing = Object.keys(library).filter((name) =>
    !new RegExp(`\\b${name}\\b`).test(synopses)
  );
  assertEquals(missing, []);
});

test("proc(5), pid(5) and tcp(5) tell of every file of /proc", () => {
  const { stdout } = sh("find /proc -type f; sleep 1 & find /proc/$!");
  const text = PAGES.filter(({ section }) => section === "5")
    .map((page) => JSON.stringify(page.parts)).join("\n");
  const names = new Set(stdout.trim().split("\n").map(nameInProc));
  const missing = [...names].filter((name) => !text.includes(name));
  assertEquals(missing, []);
  assert(names.size > 30, [...names].join(" "));
});

/** What a page would call it: `wchan`, `net/dev`, `fd/`. */
function nameInProc(path: string): string {
  const [, , first = "", ...rest] = path.split("/");
  if (!/^(\d+|self)$/.test(first)) return [first, ...rest].join("/");
  return rest.length > 1 ? `${rest[0]}/` : rest[0] ?? "";
}

function synopsisOf(page: Page): string {
  const blocks = partOf(page, "SYNOPSIS")?.blocks ?? [];
  return blocks.flatMap((block) => block.kind === "code" ? block.lines : [])
    .join("\n");
}

test("every signature in section 3 is in the library's source", () => {
  const wrong: string[] = [];
  const units = `${SOURCES} ${squeezed(readSys())}`;
  for (const page of PAGES.filter(({ section }) => section === "3")) {
    for (const line of synopsisOf(page).split("\n")) {
      if (line === "" || line.startsWith("import ")) continue;
      const declared = squeezed(line.trim());
      if (!units.includes(declared)) wrong.push(`${page.name}: ${declared}`);
    }
  }
  assertEquals(wrong, []);
});

function readSys(): string {
  return readFileSync(new URL("../sys.ts", LIB), "utf8");
}

test("what section 3 imports is there", async () => {
  for (const page of PAGES.filter(({ section }) => section === "3")) {
    const [, names, from] = /import \{ (.*) \} from "(.*)"/.exec(
      synopsisOf(page),
    )!;
    const file = from === "kettle"
      ? "../../mod.ts"
      : `../..${from!.replace("/lib/", "/userland/lib/")}`;
    const module = await import(file);
    const missing = names!.split(", ").filter((name) => !(name in module));
    assertEquals([page.name, missing], [page.name, []]);
  }
});

test("the examples of sections 3 to 7 compile, run and print what they say", async () => {
  const examples = PAGES.filter(({ section }) => section > "2")
    .flatMap(examplesOf);
  const files: Record<string, string> = {};
  for (const [n, example] of examples.entries()) {
    files[`/home/ex/${n}.ts`] = programOf(example);
  }
  const bench = new Bench(files);
  const wrong: string[] = [];
  for (const [n, { page, language, lines, output }] of examples.entries()) {
    const script = lines.map((line) => line.replace(/^\$ /, "")).join("\n");
    const process = language === "sh"
      ? await bench.run("/bin/sh", ["-c", script])
      : await bench.run(`/home/ex/${n}.ts`, []);
    const why = whatIsWrong(process, output);
    if (why !== "") wrong.push(`${page.name}: ${why}`);
  }
  assertEquals(wrong, []);
  assert(examples.length > 35, String(examples.length));
});

test("every book may come late to the page", () => {
  for (const [file, text] of Object.entries(BOOKS)) {
    const bytes = new TextEncoder().encode(text).length;
    assert(mayBeLate(bytes), `${file}: ${bytes} bytes: add or drop a line`);
  }
});

// ------------------------------------------------------------- what is made of them

const BOOK = `# Section 2: a book of one page

# pour(2)

pours \`tea\` into a cup

## SYNOPSIS

\`\`\`ts
pour(cup: Cup): Request<"pour">
\`\`\`

## DESCRIPTION

A long sentence about tea, which goes on and on, so that it has to be broken
into several lines.

- \`hot\`: a short item
- EVERYTHING_IS_SPILT: an item whose name is long
- an item without a name

## ERRORS

- ENOENT: no cup

## EXAMPLES

\`\`\`kettle
# not a page(2)
yield* pour(cup);
\`\`\`
`;

test("a page is shown for a width, with headings at the edge", () => {
  const [page] = parseBook(BOOK);
  assertEquals(
    renderPage(page!, { columns: 44, bold: false }),
    `\
pour(2)        Kettle: calls         pour(2)

NAME
  pour - pours tea into a cup

SYNOPSIS
  pour(cup: Cup): Request<"pour">

DESCRIPTION
  A long sentence about tea, which goes on
  and on, so that it has to be broken into
  several lines.

  hot
    a short item
  EVERYTHING_IS_SPILT
    an item whose name is long
  - an item without a name

ERRORS
  ENOENT
    no cup

EXAMPLES
  # not a page(2)
  yield* pour(cup);
`,
  );
});

test("bold is for headings, names and what stands between ticks", () => {
  const [page] = parseBook(BOOK);
  const shown = renderPage(page!, { columns: 80, bold: true });
  assertStringIncludes(shown, "\x1b[1mNAME\x1b[0m");
  assertStringIncludes(shown, "pours \x1b[1mtea\x1b[0m into");
  assertStringIncludes(
    shown,
    "    \x1b[1mhot\x1b[0m                  a short item",
  );
});

test("no line of any page is longer than the terminal, but for code", () => {
  for (const columns of [24, 40, 80]) {
    for (const page of PAGES) {
      const code = page.parts.flatMap(({ blocks }) => blocks).flatMap((block) =>
        block.kind === "code" ? block.lines : []
      );
      const text = renderPage(page, { columns, bold: false });
      const long = text.split("\n").filter((line) =>
        textWidth(line) > columns && !code.some((one) => line.endsWith(one))
      );
      const words = long.filter((line) => line.trim().includes(" "));
      assertEquals([titleOf(page), words], [titleOf(page), []]);
    }
  }
});

test("a program's own help becomes SYNOPSIS and OPTIONS", () => {
  const [page] = parseBook("# pour(1)\n\npours tea\n\n## SEE ALSO\n\ncup(1)\n");
  const help = "Usage: pour [-n CUPS] POT\nPours tea.\nSlowly.\n\n" +
    "  -n, --cups CUPS      so many\n  -q                   quietly\n";
  const shown = renderPage(withHelp(page!, help), { columns: 60, bold: false });
  assertStringIncludes(
    shown,
    `
SYNOPSIS
    pour [-n CUPS] POT

OPTIONS
    -n, --cups CUPS  so many
    -q               quietly

    Slowly.

SEE ALSO
`,
  );
});

test("a hover has signature, sentence, description and errors as Markdown", () => {
  const hover = hoverOf(PAGES, "fsync")!;
  assertEquals(hover.title, "fsync(2)");
  assertEquals(hover.signature, ['fsync(fd: number): Request<"fsync">']);
  assertStringIncludes(
    hover.text,
    "\n- EBADF: the number is not open\n- EINVAL",
  );
  assertEquals(hoverOf(PAGES, "kill")!.title, "kill(2)");
  assertEquals(hoverOf(PAGES, "Mutex")!.title, "Mutex(3)");
  assertEquals(hoverOf(PAGES, "nothing of that name"), null);
  for (const page of PAGES.filter(({ section }) => section === "2")) {
    assert(hoverOf(PAGES, page.name)!.signature.length > 0, page.name);
  }
});

test("a search looks into names and sentences", () => {
  const found = pagesAbout(PAGES, "CHILD").map(titleOf);
  assertEquals(found, ["spawn(2)", "waitpid(2)"].toSorted(byBook));
});

function byBook(a: string, b: string): number {
  return TITLES.indexOf(a) - TITLES.indexOf(b);
}
