// Section 1 of the manual against /bin: every program has a page, its sentence is
// what the program says of itself, and the examples do what the page says.

import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { stopCompiler } from "../../host/compile_native.ts";
import { type Page, partOf, withHelp } from "../../userland/lib/manual.ts";
import { Bench, examplesOf, PAGES, whatIsWrong } from "./manual.ts";
import { sh } from "./programs.ts";

after(stopCompiler);

const BIN = new URL("../../userland/bin/", import.meta.url);
const NAMES = readdirSync(BIN).map((file) => file.replace(/\.ts$/, "")).sort();
const PROGRAMS = PAGES.filter(({ section }) => section === "1");
const bench = new Bench({});

test("every program of /bin has one page, in the order of the names", () => {
  assertEquals(PROGRAMS.map(({ name }) => name), NAMES);
});

/** What each program prints for --help, asked in one go. */
function helpTexts(): Map<string, string> {
  const ask = NAMES.map((name) =>
    `echo "@${name}"; ${name} --help 2>&1 < /dev/null | head -n 60`
  );
  const { stdout } = sh(ask.join("\n"));
  const texts = stdout.split(/^@(?=\w+$)/m).slice(1).map((text) => {
    const end = text.indexOf("\n");
    return [text.slice(0, end), text.slice(end + 1)] as const;
  });
  return new Map(texts);
}

const HELP = helpTexts();

test("a page says how a program is called only where its --help does not", () => {
  const wrong: string[] = [];
  for (const page of PROGRAMS) {
    const help = HELP.get(page.name) ?? "";
    const [usage = "", about = ""] = help.split("\n");
    const hasHelp = usage.startsWith(`Usage: ${page.name}`);
    const hasSynopsis = partOf(page, "SYNOPSIS") !== undefined;
    if (hasHelp === hasSynopsis) {
      wrong.push(
        hasHelp
          ? `${page.name}: the SYNOPSIS is in its --help, too: take it out`
          : `${page.name}: needs a SYNOPSIS, its --help gives: ${help}`,
      );
    }
    if (!hasHelp || bare(about) === bare(page.about)) continue;
    wrong.push(`${page.name}: the sentence should be: ${about}`);
  }
  assertEquals(wrong, []);
});

test("every option of every program is an item of its page, with what it is for", () => {
  const wrong: string[] = [];
  let count = 0;
  for (const page of PROGRAMS) {
    if (partOf(page, "SYNOPSIS") !== undefined) continue;
    const help = withHelp(page, HELP.get(page.name) ?? "");
    for (const block of partOf(help, "OPTIONS")?.blocks ?? []) {
      if (block.kind === "item" && block.text !== "") count += 1;
      if (block.kind !== "text" || !block.text.startsWith("-")) continue;
      wrong.push(`${page.name}: ${block.text}`);
    }
  }
  assertEquals(wrong, []);
  assert(count > 250, `only ${count} options`);
});

/** A sentence without its large first letter and its end. */
function bare(sentence: string): string {
  const text = sentence.replace(/\.$/, "").replaceAll("`", "");
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** Each range is a test of its own, so that none takes long. */
for (
  const range of ["ab", "cc", "de", "fh", "il", "mo", "pr", "ss", "tt", "uz"]
) {
  const [from = "", to = ""] = range;
  test(`every example of ${from} to ${to} prints what its page says`, async () => {
    const pages = PROGRAMS.filter(({ name }) =>
      from <= name[0]! && name[0]! <= to
    );
    assertEquals(await wrongExamples(pages), []);
  });
}

async function wrongExamples(pages: Page[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { page, lines, output } of pages.flatMap(examplesOf)) {
    const script = lines.map((line) => line.replace(/^\$ /, "")).join("\n");
    const process = await bench.run("/bin/sh", ["-c", script]);
    const why = whatIsWrong(process, output);
    if (why !== "") wrong.push(`${page.name}: ${why}`);
  }
  return wrong;
}
