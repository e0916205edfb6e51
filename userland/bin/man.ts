// man [-k] [-f] [SECTION] NAME…: shows a page of the manual; on a terminal a
// screen at a time. Sections: 1 programs, 2 calls, 3 the library, 4 devices, 5
// files, 7 overviews. How a program is called comes from its own --help.

import {
  close,
  kill,
  pipe,
  print,
  type Program,
  read,
  type Routine,
  SysError,
  text,
  waitpid,
  write,
} from "kettle";
import { options, type Usage, usageError } from "../lib/args.ts";
import { readBooks } from "../lib/books.ts";
import { spawnCommand } from "../lib/command.ts";
import {
  nearestPage,
  type Page,
  pagesAbout,
  pagesNamed,
  pageTelling,
  partOf,
  SECTIONS,
  summaryOf,
  titleOf,
  withHelp,
} from "../lib/manual.ts";
import { renderPage } from "../lib/manual_text.ts";
import { showPaged } from "../lib/pager.ts";
import { complain } from "../lib/stdio.ts";
import { join } from "../lib/text.ts";

const USAGE: Usage = {
  name: "man",
  synopsis: "[-k | -f] [SECTION] NAME…",
  about: "Shows pages of the manual.",
  options: {
    "-k, --apropos": "list the pages whose name or sentence has a word in it",
    "-f, --whatis": "show only the sentence of each page",
  },
};
/** As man-db ends when there is no such page. */
const NOT_FOUND = 16;
/** What a program may say of itself at most. */
const HELP_BYTES_MAX = 16_384;

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const [first = "", ...others] = operands;
  const hasSection = others.length > 0 && Object.hasOwn(SECTIONS, first);
  const section = hasSection ? first : undefined;
  const names = hasSection ? others : operands;
  if (names.length === 0) {
    return yield* usageError(
      USAGE,
      "which page? Try man kettle, or man -k word",
    );
  }
  try {
    const pages = yield* readBooks(section);
    let status = 0;
    for (const name of names) {
      const found = given.k === undefined
        ? pagesFor(pages, name, section)
        : pagesAbout(pages, name);
      if (found.length === 0) {
        status = NOT_FOUND;
        yield* write(2, `man: ${whyNone(pages, name, section, given.k)}\n`);
      } else if (given.k === undefined && given.f === undefined) {
        yield* show(found);
      } else yield* print(found.map(summaryOf).join("\n"));
    }
    return status;
  } catch (error) {
    return yield* complain("man", error);
  }
}

/** The pages of that name, or else one that tells of it. */
function pagesFor(
  pages: Page[],
  name: string,
  section: string | undefined,
): Page[] {
  const named = pagesNamed(pages, name, section);
  const telling = named.length > 0 ? null : pageTelling(pages, name);
  return telling === null ? named : [telling];
}

/** The first of the pages, with a word about the others. */
function* show([first, ...others]: Page[]): Routine {
  let page = first!;
  if (page.section === "1" && partOf(page, "SYNOPSIS") === undefined) {
    page = withHelp(page, yield* helpOf(page.name));
  }
  if (others.length > 0) {
    const text = `There is also ${others.map(titleOf).join(", ")}.`;
    page = {
      ...page,
      parts: [...page.parts, {
        title: "OTHER PAGES OF THIS NAME",
        blocks: [{ kind: "text", text }],
      }],
    };
  }
  yield* showPaged(
    titleOf(page),
    (columns, bold) => renderPage(page, { columns, bold }),
  );
}

/** What `NAME --help` prints; "" if it cannot be run. */
function* helpOf(name: string): Routine<string> {
  const [output, input] = yield* pipe();
  try {
    const fds = { 0: 0, 1: input, 2: input };
    const pid = yield* spawnCommand([name, "--help"], { fds });
    yield* close(input);
    const help = yield* readSome(output);
    yield* kill(pid, "KILL");
    yield* waitpid(pid);
    return help;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return "";
  } finally {
    yield* close(output);
  }
}

function* readSome(fd: number): Routine<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < HELP_BYTES_MAX) {
    const chunk = yield* read(fd, HELP_BYTES_MAX - length);
    if (chunk.length === 0) break;
    chunks.push(chunk);
    length += chunk.length;
  }
  return text(join(chunks));
}

function whyNone(
  pages: Page[],
  name: string,
  section: string | undefined,
  isWord: unknown,
): string {
  if (isWord !== undefined) return `nothing about ${name}`;
  const near = nearestPage(pages, name);
  const hint = near === null || near === name
    ? `; man -k ${name} looks for the word`
    : `; the nearest is ${near}`;
  const where = section === undefined ? "" : ` in section ${section}`;
  return `no page for ${name}${where}${hint}`;
}
