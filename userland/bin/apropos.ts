// apropos WORD…: the pages of the manual whose name or sentence has one of the
// words in it; the same as man -k.

import { print, type Program, write } from "kettle";
import { options, type Usage, usageError } from "../lib/args.ts";
import { readBooks } from "../lib/books.ts";
import { pagesAbout, summaryOf } from "../lib/manual.ts";
import { complain } from "../lib/stdio.ts";

const USAGE: Usage = {
  name: "apropos",
  synopsis: "WORD…",
  about: "Lists the pages of the manual that have a word in their sentence.",
};
const NOT_FOUND = 16;

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  if (operands.length === 0) return yield* usageError(USAGE, "which word?");
  try {
    const pages = yield* readBooks();
    let status = 0;
    for (const word of operands) {
      const found = pagesAbout(pages, word);
      if (found.length > 0) yield* print(found.map(summaryOf).join("\n"));
      else {
        yield* write(2, `apropos: nothing about ${word}\n`);
        status = NOT_FOUND;
      }
    }
    return status;
  } catch (error) {
    return yield* complain("apropos", error);
  }
}
