// The manual: books of pages in a small part of Markdown, and what is made of
// them: a line for a search, a hover for an editor. Pure: it reads no file; how a
// page looks in a terminal is in manual_text.ts.
//
// A book is one section. `# read(2)` begins a page, the paragraph after it says
// in one sentence what the thing does, `## ERRORS` begins a part. In a part there
// are paragraphs, items (`- EBADF: it is not open`) and code between fences (ts:
// a signature; kettle: the body of a program; sh: commands after `$ `; out: what
// is printed); `code` inside a sentence. Nothing else.

import { nearest } from "./nearest.ts";

/** What the sections are about, in the order in which they are searched. */
export const SECTIONS: Readonly<Record<string, string>> = {
  "1": "programs",
  "2": "calls",
  "3": "the library",
  "4": "devices",
  "5": "files",
  "7": "overviews",
};

export type Block =
  | { kind: "text"; text: string }
  | { kind: "item"; term: string; text: string }
  /** Lines that stay as they are. */
  | { kind: "code"; language: string; lines: string[] };

export interface Part {
  title: string;
  blocks: Block[];
}

export interface Page {
  name: string;
  section: string;
  /** One sentence, without its end. */
  about: string;
  parts: Part[];
}

// ------------------------------------------------------------- reading

const PAGE_HEAD = /^# (.+)\((\d)\)$/;

/** The pages of a book. */
export function parseBook(source: string): Page[] {
  const pages: Page[] = [];
  const lines = source.split("\n");
  let page: Page | null = null;
  let part: Part | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    const [, name, section] = PAGE_HEAD.exec(line) ?? [];
    if (name !== undefined) {
      page = { name, section: section!, about: "", parts: [] };
      part = null;
      pages.push(page);
    } else if (page === null || line.trim() === "") continue;
    else if (line.startsWith("## ")) {
      part = { title: line.slice(3), blocks: [] };
      page.parts.push(part);
    } else {
      const { block, next } = readBlock(lines, at);
      at = next - 1;
      if (part !== null) part.blocks.push(block);
      else if (block.kind === "text") page.about = block.text;
    }
  }
  return pages;
}

/** The block that begins at a line, and the line after it. */
function readBlock(
  lines: readonly string[],
  from: number,
): { block: Block; next: number } {
  const first = lines[from]!;
  let next = from + 1;
  if (first.startsWith("```")) {
    while (next < lines.length && lines[next] !== "```") next += 1;
    const language = first.slice(3);
    const code = lines.slice(from + 1, next);
    return { block: { kind: "code", language, lines: code }, next: next + 1 };
  }
  while (next < lines.length && isMore(lines[next]!)) next += 1;
  const text = lines.slice(from, next).map((line) => line.trim()).join(" ");
  if (!first.startsWith("- ")) return { block: { kind: "text", text }, next };
  const colon = text.indexOf(": ");
  const term = colon < 0 ? "" : text.slice(2, colon);
  const rest = colon < 0 ? text.slice(2) : text.slice(colon + 2);
  return { block: { kind: "item", term, text: rest }, next };
}

/** Whether a line goes on with the paragraph or item before it. */
function isMore(line: string): boolean {
  return line.trim() !== "" && !/^(#|- |```)/.test(line);
}

// ------------------------------------------------------------- finding

/** `read(2)` */
export function titleOf({ name, section }: Page): string {
  return `${name}(${section})`;
}

/** The pages of that name, first sections first; one section only, if it is given. */
export function pagesNamed(
  pages: readonly Page[],
  name: string,
  section?: string,
): Page[] {
  const wanted = /^(.+)\((\d)\)$/.exec(name);
  const [, bare = name, inSection = section] = wanted ?? [];
  return pages.filter((page) =>
    page.name === bare &&
    (inSection === undefined || page.section === inSection)
  );
}

/** The pages whose name or sentence has the word in it, large and small letters alike. */
export function pagesAbout(pages: readonly Page[], word: string): Page[] {
  const wanted = word.toLowerCase();
  return pages.filter(({ name, about }) =>
    `${name} ${about}`.toLowerCase().includes(wanted)
  );
}

/**
 * The page that tells of a word among others, as sh(7) does of `cd`, errno(7) of
 * ENOENT and open(2) of O_CREAT: an item has that name. Overviews come first.
 */
export function pageTelling(pages: readonly Page[], word: string): Page | null {
  const tells = (page: Page) =>
    page.parts.some(({ blocks }) =>
      blocks.some((block) =>
        block.kind === "item" &&
        withoutTicks(block.term).split(", ").includes(word)
      )
    );
  const found = pages.filter(tells);
  return found.find(({ section }) => section === "7") ?? found[0] ?? null;
}

/** The name that was perhaps meant. */
export function nearestPage(
  pages: readonly Page[],
  name: string,
): string | null {
  return nearest(name, [...new Set(pages.map((page) => page.name))]);
}

/** `read(2)             reads bytes from a file, a pipe, …` */
export function summaryOf(page: Page): string {
  return `${titleOf(page).padEnd(19)} ${withoutTicks(page.about)}`;
}

/** The part of that title. */
export function partOf(page: Page, title: string): Part | undefined {
  return page.parts.find((part) => part.title === title);
}

// ------------------------------------------------------------- what a program says of itself

/** `-n, --lines COUNT    what for`; a long name has one space behind it, then flags and value must be told from words. */
const OPTION_ROW =
  /^ {2}(\S.*?) {2,}(\S.*)$|^ {2}((?:--?[^\s,]+, )*--?[^\s,]+(?: [A-Z]+)?|\w+=\S+) (\S.*)$/;

/**
 * The page of a program with what its own `--help` says: how it is called, and
 * its options. A page that has a SYNOPSIS says all of it itself.
 */
export function withHelp(page: Page, help: string): Page {
  if (partOf(page, "SYNOPSIS") !== undefined) return page;
  const [head = "", ...rest] = help.trimEnd().split("\n\n");
  const said = head.split("\n");
  const usage = said.filter((line) => /^(Usage:| {2})/.test(line));
  // The sentence is in NAME already; what follows it belongs to the options.
  const more = said.filter((line) => !usage.includes(line)).slice(1);
  const calls = usage.map((line) => line.replace(/^Usage: /, ""));
  const parts: Part[] = [{
    title: "SYNOPSIS",
    blocks: [{ kind: "code", language: "", lines: calls }],
  }];
  const rows = rest.join("\n\n").split("\n").filter((row) => row !== "");
  const options = [...rows, ...more].map(optionBlock);
  const described = page.parts.findIndex(({ title }) =>
    title !== "DESCRIPTION"
  );
  const end = described < 0 ? page.parts.length : described;
  parts.push(...page.parts.slice(0, end));
  if (options.length > 0) parts.push({ title: "OPTIONS", blocks: options });
  parts.push(...page.parts.slice(end));
  return { ...page, parts };
}

function optionBlock(row: string): Block {
  const [, short, purpose, long, other] = OPTION_ROW.exec(row) ?? [];
  const term = short ?? long;
  if (term === undefined) return { kind: "text", text: row.trim() };
  return { kind: "item", term: term.trim(), text: purpose ?? other! };
}

// ------------------------------------------------------------- an editor's hover

export interface Hover {
  /** `read(2)` */
  title: string;
  about: string;
  /** How it is called, as TypeScript; empty for what is no call. */
  signature: string[];
  /** Markdown: the description, and the errors as a list. */
  text: string;
}

/** What an editor shows of a name: a call first, then the library, then the rest. */
export function hoverOf(pages: readonly Page[], name: string): Hover | null {
  const found = pagesNamed(pages, name);
  const page =
    ["2", "3", "1"].map((section) =>
      found.find((page) => page.section === section)
    ).find((page) => page !== undefined) ?? found[0];
  if (page === undefined) return null;
  const synopsis = partOf(page, "SYNOPSIS")?.blocks ?? [];
  const signature = synopsis.flatMap((block) =>
    block.kind === "code" && block.language === "ts" ? block.lines : []
  );
  const shown = ["DESCRIPTION", "ERRORS"].flatMap((title) =>
    partOf(page, title)?.blocks ?? []
  );
  const text = shown.map(markdownOf).join("\n\n").replace(
    /\n\n(?=- )/g,
    "\n",
  );
  return { title: titleOf(page), about: page.about, signature, text };
}

function markdownOf(block: Block): string {
  switch (block.kind) {
    case "text":
      return block.text;
    case "item":
      return block.term === ""
        ? `- ${block.text}`
        : `- ${block.term}: ${block.text}`;
    case "code":
      return [
        "```" + (block.language === "kettle" ? "ts" : block.language),
        ...block.lines,
        "```",
      ].join("\n");
  }
}

/** A sentence without what marks its code. */
export function withoutTicks(text: string): string {
  return text.replace(/`([^`]*)`/g, "$1");
}
