// What the line editor writes, read by a real terminal: after every key the screen
// shows what a fresh terminal shows that was given prompt and text, and the
// cursor is where it is there. Keys are made at random; the seed is printed.

import fc from "fast-check";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { KeyDecoder } from "../../userland/sh/keys.ts";
import { LineEditor } from "../../userland/sh/line_editor.ts";
import { type Cursor, Terminal } from "./xterm.ts";

const ABOVE = "what was there before";
const HISTORY = [
  "echo one",
  "for i in 1 2 3\ndo echo $i\ndone",
  "cat 漢字.txt | grep 😀 | sort | uniq -c | head -n 20 > somewhere",
];
const KEYS = [
  ...["\x01", "\x05", "\x02", "\x06", "\x04", "\x7f", "\x0b", "\x15", "\x17"],
  ...["\x19", "\x1by", "\x1bb", "\x1bf", "\x1bd", "\x1b\x7f", "\x14", "\x10"],
  ...["\x0e", "\x12", "\x07", "\x1f", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"],
  ...[
    "\x1b[H",
    "\x1b[F",
    "\x1b[3~",
    "\x1b[1;5C",
    "\x1b[1;5D",
    "\x1b.",
    "\x1bu",
  ],
  ...["\x1b\r", "\x1bc"],
];
const TEXTS = [
  ...["a", "b ", "word ", "-", "  ", "é", "e\u0301", "漢", "字", "😀", "👍🏽"],
  ...["👩‍👩‍👧", "🇩🇪", "❤\ufe0f", "カ", "ﾊ", "ö", "\u0301"],
  "\x1b[200~two\nlines\x1b[201~",
  "\x1b[200~a\ttab and a longer piece of text\x1b[201~",
];
const seed = Number(globalThis.process?.env?.SEED ?? "") || 20_120_918;
const RUNS = Number(globalThis.process?.env?.RUNS ?? "") || 25;

/** A key, a text, or a new size. */
type Step = string | { columns: number; rows: number };
const input = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 2, arbitrary: fc.constantFrom(...KEYS) },
);
const resize = fc.record({
  columns: fc.integer({ min: 8, max: 50 }),
  rows: fc.integer({ min: 12, max: 30 }),
});

interface Played {
  editor: LineEditor;
  terminal: Terminal;
}

/** Plays the steps and calls `look` after every drawing. */
async function play(
  steps: readonly Step[],
  { columns, rows, prompt }: { columns: number; rows: number; prompt: string },
  look: (played: Played) => Promise<void>,
): Promise<void> {
  const terminal = new Terminal(columns, rows);
  const size = { columns, rows };
  const editor = new LineEditor({ prompt, history: HISTORY, size });
  await terminal.write(`${ABOVE.slice(0, columns - 1)}\n${editor.draw()}`);
  const decoder = new KeyDecoder();
  for (const step of steps) {
    if (typeof step !== "string") {
      terminal.resize(step.columns, step.rows);
      editor.size = step;
      continue;
    }
    for (const byte of new TextEncoder().encode(step)) {
      const key = decoder.feed(byte);
      if (key !== null) editor.press(key);
    }
    await terminal.write(editor.draw());
    await look({ editor, terminal });
  }
}

/** A fresh terminal of that size that was given prompt and text. */
async function model({ editor, terminal }: Played, prompt: string) {
  const shown = (text: string) =>
    text.replaceAll("\t", "    ").replace(/\n(?=[\p{M}\u200d])/gu, "\n\u25cc");
  const { text, cursor } = editor;
  const fresh = new Terminal(terminal.columns, 40);
  const before = shown(text.slice(0, cursor));
  await fresh.write(prompt + before);
  const place = resting(fresh);
  await fresh.write(shown(text).slice(before.length));
  return { fresh, place, end: resting(fresh) };
}

/** Past the last cell means the next row. */
function resting({ cursor, columns }: Terminal): Cursor {
  if (cursor.column < columns) return cursor;
  return { row: cursor.row + 1, column: 0 };
}

async function compare(
  played: Played,
  prompt: string,
  above?: string,
): Promise<void> {
  const { editor, terminal } = played;
  const { cursor, top, rows } = terminal;
  const wanted = await model(played, editor.searchPrompt ?? prompt);
  const note = JSON.stringify([editor.text, editor.cursor]);
  assertEquals(cursor.column, wanted.place.column, note);
  const first = cursor.row - wanted.place.row;
  const height = wanted.end.row + 1;
  const tall = height > rows;
  const end = tall ? top + rows : first + height;
  for (let row = tall ? top : first; row < end; row += 1) {
    const line = wanted.fresh.line(row - first);
    assertEquals(terminal.line(row).trimEnd(), line.trimEnd(), note);
  }
  if (tall) return;
  for (let row = end; row < top + rows; row += 1) {
    assertEquals(terminal.line(row), "", `below ${note}`);
  }
  if (above !== undefined && first > 0) {
    assertEquals(terminal.line(first - 1), above, `above ${note}`);
  }
}

async function holds(
  steps: fc.Arbitrary<Step[]>,
  where: { columns: number; rows: number; prompt: string },
  above: string | undefined,
  numRuns: number,
): Promise<void> {
  const property = fc.asyncProperty(
    steps,
    (made) =>
      play(made, where, (played) => compare(played, where.prompt, above)),
  );
  await fc.assert(property, { seed, numRuns });
}

const keys = fc.array<Step>(input, { maxLength: 40 });

test(`the screen is what the text says, after every key (SEED=${seed})`, async () => {
  const where = { columns: 20, rows: 24, prompt: "$ " };
  await holds(keys, where, ABOVE.slice(0, 19), RUNS);
});

test("also with colours in the prompt, and a prompt of two lines", async () => {
  const where = { columns: 30, rows: 30, prompt: "\x1b[32mone\x1b[0m\n漢> " };
  await holds(keys, where, ABOVE, RUNS);
});

test("also when the text has more rows than the screen", async () => {
  const where = { columns: 9, rows: 4, prompt: "$ " };
  await holds(keys, where, undefined, RUNS);
});

test("also after the window got another size, from the next key on", async () => {
  const steps = fc.array<Step>(
    fc.oneof<fc.WeightedArbitrary<Step>[]>(
      { weight: 6, arbitrary: input },
      { weight: 1, arbitrary: resize },
    ),
    { maxLength: 40 },
  );
  const where = { columns: 24, rows: 24, prompt: "$ " };
  await holds(steps, where, undefined, RUNS);
});

test("a paste of 100 KiB is on the screen once and whole", async () => {
  const text = Array.from(
    { length: 12_800 },
    (_, n) => `${n}`.padStart(7) + " ",
  )
    .join("");
  assertEquals(text.length, 100 * 1024);
  for (const pasted of [text, text.replaceAll("00 ", "00\n")]) {
    const terminal = new Terminal(80, 24);
    const size = { columns: 80, rows: 24 };
    const editor = new LineEditor({ prompt: "$ ", size });
    await terminal.write(editor.draw());
    editor.press({ text: "x" });
    await terminal.write(editor.draw());
    editor.press({ text: pasted });
    await terminal.write(editor.draw());
    assertEquals(terminal.text, `$ x${pasted}`.trimEnd());
    editor.press({ name: "ctrl-home" });
    await terminal.write(editor.draw());
    assertEquals(terminal.line(terminal.top).slice(0, 12), "$ x      0  ");
    assertEquals(terminal.cursor, { row: terminal.top, column: 2 });
  }
});
