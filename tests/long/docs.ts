// Every command of the course and of the page on grading, as it stands there; and
// the measured tables of the model card once more. (A report on a wrong answer ends
// with status 1, as it should.)

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { commands } from "../docs/pages.ts";
import { MEASURED_TABLES, tableIn } from "../model/card.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const IS_DENO = "Deno" in globalThis;
const ENGINE = IS_DENO ? ["run", "-A", "--no-check"] : [];

for (const page of ["course.md", "grading.md"]) {
  for (const words of commands(page)) {
    test(`docs/${page}: ${words.join(" ")}`, () => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [...ENGINE, "host/cli.ts", ...words],
        { cwd: ROOT, encoding: "utf8" },
      );
      const isWrong = words.some((word) => word.includes("/wrong/"));
      assertEquals(status, isWrong ? 1 : 0, stderr);
      assert(stdout.length + stderr.length > 100);
    });
  }
}

const PAGE = readFileSync(ROOT + "docs/model.md", "utf8");

for (const [name, make] of IS_DENO ? Object.entries(MEASURED_TABLES) : []) {
  test(`the model card says what is measured, as far as a page can: ${name}`, () => {
    const measured = figuresOf(make());
    const off = [...figuresOf(tableIn(PAGE, name))].filter(([key, share]) =>
      Math.abs((measured.get(key) ?? 0) - share) > 5 + Math.abs(share) / 3
    );
    assertEquals(off, [], "deno task model writes the page anew");
  });
}

/** A server that anything moves: its figures say no more than that. */
const AT_ITS_EDGE = "C17";

/** Row, column and claim → percent. */
function figuresOf(table: string): Map<string, number> {
  const figures = new Map<string, number>();
  for (const line of table.split("\n").slice(2)) {
    const [, name = "", ...cells] = line.split("|").map((cell) => cell.trim());
    cells.forEach((cell, column) => {
      for (const part of cell.split("; ")) {
        const claim = /^C\d+/.exec(part)?.[0] ?? "";
        if (claim === AT_ITS_EDGE) continue;
        [...part.matchAll(/([+−])(\d+) %/g)].forEach(([, sign, number], i) => {
          const key = `${name} ${column} ${claim} ${i}`;
          figures.set(key, Number(number) * (sign === "+" ? 1 : -1));
        });
      }
    });
  }
  return figures;
}
