// The pages of docs/, as tests read them: their commands and their programs.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

/** The blocks of a page in one language, without their fences. */
export function blocks(page: string, language: string): string[] {
  const text = readFileSync(`${DOCS}${page}`, "utf8");
  const pattern = new RegExp("^```" + language + "\\n([\\s\\S]*?)^```$", "gm");
  return [...text.matchAll(pattern)].map(([, block]) => block!);
}

/** What comes after `deno task` (and `kettle`) in each command of a page, as words. */
export function commands(page: string): string[][] {
  const lines = blocks(page, "sh").flatMap((block) => block.trim().split("\n"));
  return lines.map((line) => {
    const words = line.split(/\s+/);
    if (words[0] !== "deno" || words[1] !== "task") {
      throw new Error(`${page}: not a task of this checkout: ${line}`);
    }
    return words.slice(words[2] === "kettle" ? 3 : 2);
  });
}
