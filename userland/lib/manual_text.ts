// A page of the manual as text for a terminal: headings at the edge, the rest a
// little in, broken into lines of a width. Knows no terminal but that width, and
// nothing of what pages say.

import { textWidth } from "../sh/width.ts";
import {
  type Block,
  type Page,
  SECTIONS,
  titleOf,
  withoutTicks,
} from "./manual.ts";

export interface RenderOptions {
  columns: number;
  /** Bold and its end in escape sequences, or plain text. */
  bold: boolean;
}

const BOLD = "\x1b[1m", NORMAL = "\x1b[0m";
const COLUMNS_MIN = 24, COLUMNS_MAX = 80;
const TERM_CELLS_MIN = 12, TERM_CELLS_MAX = 24;
/** Between words that belong together. */
const GLUE = "\u00a0";

/** A page as text: headings at the edge, the rest a little in. */
export function renderPage(page: Page, options: RenderOptions): string {
  const columns = Math.max(COLUMNS_MIN, Math.min(options.columns, COLUMNS_MAX));
  const sheet = new Sheet(columns, options.bold);
  sheet.header(titleOf(page), SECTIONS[page.section] ?? "");
  sheet.part("NAME", [{
    kind: "text",
    text: `\`${page.name}\` - ${page.about}`,
  }]);
  for (const { title, blocks } of page.parts) sheet.part(title, blocks);
  return sheet.lines.join("\n") + "\n";
}

class Sheet {
  readonly lines: string[] = [];
  readonly #indent: string;
  #termCells = 0;

  constructor(readonly columns: number, readonly bold: boolean) {
    this.#indent = " ".repeat(columns < 50 ? 2 : 4);
  }

  header(title: string, about: string): void {
    const middle = `Kettle: ${about}`;
    const room = this.columns - textWidth(title + middle + title);
    if (room < 2) {
      this.lines.push(title);
      return;
    }
    const left = room >> 1;
    this.lines.push(
      title + " ".repeat(left) + middle + " ".repeat(room - left) + title,
    );
  }

  part(title: string, blocks: readonly Block[]): void {
    this.lines.push("", this.#strong(title));
    this.#termCells = this.#cellsForTerms(blocks);
    let before: Block["kind"] | null = null;
    for (const block of blocks) {
      const isList = before === "item" && block.kind === "item";
      const isOutput = block.kind === "code" && block.language === "out";
      if (before !== null && !isList && !isOutput) this.lines.push("");
      this.#block(block);
      before = block.kind;
    }
  }

  /** How wide the column of terms is: as the longest, but for very long ones. */
  #cellsForTerms(blocks: readonly Block[]): number {
    if (this.columns < 50) return 2;
    const widths = blocks.flatMap((block) =>
      block.kind === "item" ? textWidth(withoutTicks(block.term)) : []
    );
    const usual = widths.filter((width) => width <= TERM_CELLS_MAX);
    return Math.max(TERM_CELLS_MIN, ...usual) + 2;
  }

  #block(block: Block): void {
    switch (block.kind) {
      case "text":
        return this.#paragraph(block.text, this.#indent, this.#indent);
      case "item":
        return this.#item(block.term, block.text);
      case "code": {
        const mark = this.#indent + (block.language === "out" ? "→ " : "");
        this.lines.push(...block.lines.map((line) => (mark + line).trimEnd()));
      }
    }
  }

  /** A short term stands beside its text, a long one above it. */
  #item(term: string, text: string): void {
    const inner = this.#indent + " ".repeat(this.#termCells);
    if (term === "") {
      return this.#paragraph(text, `${this.#indent}- `, `${this.#indent}  `);
    }
    const room = textWidth(inner) - textWidth(this.#indent) - 1;
    const width = textWidth(withoutTicks(term));
    const strong = this.#strong(withoutTicks(term));
    if (width <= room) {
      const lead = this.#indent + strong + " ".repeat(room + 1 - width);
      this.#paragraph(text, lead, inner);
    } else {
      const words = withoutTicks(term).split(" ").map((word) => `\`${word}\``);
      this.#paragraph(words.join(" "), this.#indent, this.#indent + "  ");
      this.#paragraph(text, inner, inner);
    }
  }

  #paragraph(text: string, first: string, others: string): void {
    let line = first;
    let width = textWidth(others);
    let isEmpty = true;
    for (const word of wordsOf(text)) {
      const size = textWidth(withoutTicks(word));
      if (!isEmpty && width + 1 + size > this.columns) {
        this.lines.push(this.#styled(line));
        line = others;
        width = textWidth(others);
        isEmpty = true;
      }
      line += (isEmpty ? "" : " ") + word;
      width += size + (isEmpty ? 0 : 1);
      isEmpty = false;
    }
    this.lines.push(this.#styled(line));
  }

  #styled(line: string): string {
    const spaced = line.replaceAll(GLUE, " ");
    if (!this.bold) return withoutTicks(spaced);
    return spaced.replace(/`([^`]*)`/g, `${BOLD}$1${NORMAL}`);
  }

  #strong(text: string): string {
    return this.bold ? BOLD + text + NORMAL : text;
  }
}

/** Words; what is between ticks is one, if it is not too long for that. */
function wordsOf(text: string): string[] {
  const glued = text.replace(
    /`[^`]{1,20}`/g,
    (code) => code.replaceAll(" ", GLUE),
  );
  const spread = glued.replace(
    /`[^`]+`/g,
    (code) => code.replaceAll(" ", "` `"),
  );
  return spread.split(/ +/).filter((word) => word !== "");
}
