// Input of xargs as items: words between blanks with quotes and backslashes, or
// pieces between a given character. Runs nothing.

export interface Item {
  text: string;
  line: number;
}

/** Pieces between a character; the last one needs none behind it. */
export function plainItems(all: string, between: string): Item[] {
  const pieces = all.split(between);
  if (pieces.at(-1) === "") pieces.pop();
  return pieces.map((text, line) => ({ text, line }));
}

const PIECE =
  /'([^'\n]*)'|"([^"\n]*)"|\\([^])|([^\s'"\\]+)|([ \t]+)|(\n)|(['"])|[^]/g;

/**
 * Words between blanks, or with `lines` whole lines without blanks before them,
 * up to the end, or to a quote that is not closed: that is the problem.
 */
export function quotedItems(
  all: string,
  lines: boolean,
): { items: Item[]; problem: string | null } {
  const items: Item[] = [];
  let word: string | null = null;
  let line = 0, isContinued = false;
  const end = () => {
    if (word !== null) items.push({ text: word, line });
    word = null;
  };
  for (const match of all.matchAll(PIECE)) {
    const [whole, single, double, escaped, plain, blank, newline, quote] =
      match;
    if (quote !== undefined) {
      const kind = quote === '"' ? "double" : "single";
      const problem =
        `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`;
      return { items, problem };
    }
    if (newline !== undefined) {
      end();
      if (!isContinued) line++;
      isContinued = false;
    } else if (blank !== undefined) {
      isContinued = true; // a blank at the end of a line: it goes on
      if (!lines) end();
      else if (word !== null) word += blank;
    } else {
      isContinued = false;
      word = (word ?? "") + (single ?? double ?? escaped ?? plain ?? whole);
    }
  }
  end();
  return { items, problem: null };
}
