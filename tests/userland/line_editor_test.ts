// The line editor as a state machine: keys in, text, cursor and screen out.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type Key, KeyDecoder } from "../../userland/sh/keys.ts";
import { LineEditor } from "../../userland/sh/line_editor.ts";
import {
  nextBoundary,
  previousBoundary,
  textWidth,
} from "../../userland/sh/width.ts";

const PROMPT = { text: "$ ", width: 2 };

function decode(input: string): Key[] {
  const decoder = new KeyDecoder();
  const keys: Key[] = [];
  for (const byte of new TextEncoder().encode(input)) {
    const key = decoder.feed(byte);
    if (key !== null) keys.push(key);
  }
  return keys;
}

/** A terminal of some columns that knows what the editor writes. */
class Screen {
  rows: string[][] = [[]];
  row = 0;
  column = 0;
  constructor(readonly columns: number) {}

  write(output: string): void {
    // deno-lint-ignore no-control-regex -- escape sequences begin with one
    const pattern = /\x1b\[(\d*)([A-Za-z])|[^]/gu;
    for (const [whole, number, letter] of output.matchAll(pattern)) {
      if (letter === undefined) this.#put(whole);
      else this.#control(Number(number || "1"), letter);
    }
  }
  #control(number: number, letter: string): void {
    if (letter === "A") this.row -= number;
    if (letter === "C") this.column += number;
    if (letter === "H") this.row = this.column = 0;
    if (letter !== "J") return;
    this.rows.length = this.row + 1;
    this.rows[this.row]!.length = Math.min(
      this.rows[this.row]!.length,
      this.column,
    );
  }
  #put(char: string): void {
    if (char === "\r") return void (this.column = 0);
    const width = textWidth(char);
    if (char === "\n" || this.column + width > this.columns) {
      this.row += 1;
      this.column = 0;
      this.rows[this.row] ??= [];
      if (char === "\n") return;
    }
    const cells = this.rows[this.row]!;
    if (width === 0) cells[this.column - 1] += char;
    else cells[this.column] = char;
    if (width === 2) cells[this.column + 1] = "";
    this.column += width;
  }
  get text(): string {
    return this.rows.map((row) => row.join("")).join("\n");
  }
}

/** Types keys and gives the editor. */
function type(input: string, history: string[] = [], columns = 40): LineEditor {
  const editor = new LineEditor(PROMPT, history, columns);
  for (const key of decode(input)) editor.press(key);
  return editor;
}

function shown(editor: LineEditor): string {
  const { text, cursor } = editor;
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

test("bytes become keys, also when a character comes in pieces", () => {
  assertEquals(decode("aé😀"), [{ text: "a" }, { text: "é" }, { text: "😀" }]);
  assertEquals(decode("\x1b[A\x1bOB\x1b[1;5C\x1b[3~\x1bb\x7f\r\t\x01"), [
    { name: "up" },
    { name: "down" },
    { name: "alt-f" },
    { name: "delete" },
    { name: "alt-b" },
    { name: "backspace" },
    { name: "enter" },
    { name: "tab" },
    { name: "ctrl-a" },
  ]);
  assertEquals(decode("\x1b[99~x"), [{ text: "x" }]);
  assertEquals(decode("\x1b[\x03\x1b[1\x1b[A"), [
    { name: "ctrl-c" },
    { name: "up" },
  ]);
});

test("a bracketed paste is one key, with its newlines", () => {
  const paste = "\x1b[200~echo 1\r\necho\t2\x1b[201~";
  assertEquals(decode(paste), [{ text: "echo 1\necho\t2" }]);
});

test("keys move the cursor by characters, words and to the ends", () => {
  assertEquals(shown(type("abc\x1b[D\x1b[DX")), "aX|bc");
  assertEquals(shown(type("abc\x01X\x05Y")), "XabcY|");
  assertEquals(shown(type("one two\x1bb\x1bbX\x1bfY")), "XoneY| two");
  assertEquals(shown(type("ab\x1b[HX\x1b[FY")), "XabY|");
});

test("keys delete, kill and yank", () => {
  assertEquals(shown(type("abc\x7f\x7f")), "a|");
  assertEquals(shown(type("abc\x01\x1b[3~\x04")), "|c");
  assertEquals(shown(type("one two\x17\x19\x19")), "one twotwo|");
  assertEquals(shown(type("one two\x1bb\x0b\x01\x19")), "two|one ");
  assertEquals(shown(type("one two\x1b[D\x15")), "|o");
  assertEquals(shown(type("ab\x14")), "ba|");
});

test("Enter submits from anywhere, ^C aborts, ^D ends an empty line only", () => {
  const press = (input: string) => {
    const editor = new LineEditor(PROMPT, [], 40);
    let outcome = "";
    for (const key of decode(input)) outcome = editor.press(key);
    return outcome;
  };
  assertEquals(press("abc\x01\r"), "submit");
  assertEquals(press("abc\x03"), "abort");
  assertEquals(press("\x04"), "end");
  assertEquals(press("a\x04"), "more");
  assertEquals(press("ec\t"), "complete");
});

test("history goes back and comes back to the line being written", () => {
  const history = ["first", "second"];
  assertEquals(type("dra\x1b[A", history).text, "second");
  assertEquals(type("dra\x1b[A\x1b[A\x1b[A", history).text, "first");
  assertEquals(type("dra\x1b[A\x1b[B", history).text, "dra");
  assertEquals(type("dra\x1b[B", history).text, "dra");
});

test("^R finds the latest line that holds the text, again an older one", () => {
  const history = ["echo one", "ls", "echo two"];
  assertEquals(type("\x12echo", history).text, "echo two");
  assertEquals(type("\x12echo\x12", history).text, "echo one");
  assertEquals(type("\x12two\x05!", history).text, "echo two!");
  assertEquals(type("new\x12two\x07", history).text, "new");
});

test("a character is what a person sees: marks and joined emoji go with it", () => {
  const family = "👩‍👩‍👧";
  assertEquals(shown(type(`a${family}\x1b[DX`)), `aX|${family}`);
  assertEquals(shown(type(`a${family}\x7f`)), "a|");
  assertEquals(shown(type("e\u0301x\x1b[D\x7f")), "|x");
  assertEquals(nextBoundary("👍🏽b", 0), 4);
  assertEquals(previousBoundary("漢字", 2), 1);
  assertEquals([textWidth("漢a"), textWidth("😀"), textWidth("e\u0301")], [
    3,
    2,
    1,
  ]);
});

test("the screen shows prompt, text and cursor after every key", () => {
  const inputs = [
    "hello",
    "hello world, this is longer than a row\x01X\x05Y",
    "wide 漢字漢字漢字漢字漢字 text\x1b[D\x1b[D\x1b[D\x7f!",
    "emoji 😀😀\x1b[D\x7fx",
    "exactly eighteen!!\x7f\x7fmore and more",
    "\x1b[200~two\nlines\x1b[201~\x1b[D\x1b[D-\x01+",
    "long line that wraps around twice or more, really\x15short",
  ];
  for (const input of inputs) {
    const screen = new Screen(20);
    const editor = new LineEditor(PROMPT, [], 20);
    screen.write(editor.draw());
    for (const key of decode(input)) {
      editor.press(key);
      screen.write(editor.draw());
      const fresh = new Screen(20);
      fresh.write("$ " + editor.text);
      if (fresh.column === 20) fresh.write("\n");
      assertEquals(screen.text.trimEnd(), fresh.text.trimEnd(), input);
      const before = new Screen(20);
      before.write("$ " + editor.text.slice(0, editor.cursor));
      if (before.column === 20) before.write("\n");
      assertEquals(
        [screen.row, screen.column],
        [before.row, before.column],
        input,
      );
    }
  }
});

test("typing at the end writes only the new character", () => {
  const editor = type("abc");
  editor.draw();
  editor.press({ text: "d" });
  assertEquals(editor.draw(), "d");
  editor.press({ name: "left" });
  assertEquals(editor.draw().includes("abcd"), true);
});

test("Tab inserts the only candidate or what all have in common, then lists", () => {
  const editor = type("cat fi");
  editor.press({ name: "tab" });
  assertEquals(editor.complete(4, ["file1 ", "file2 "]), []);
  assertEquals(editor.text, "cat file");
  editor.press({ name: "tab" });
  assertEquals(editor.complete(4, ["file1 ", "file2 "]), ["file1 ", "file2 "]);
  editor.press({ text: "2" });
  editor.press({ name: "tab" });
  assertEquals(editor.complete(4, ["file2 "]), []);
  assertEquals(editor.text, "cat file2 ");
});

test("a paste of 100 KiB is inserted whole and drawn once", () => {
  const paste = "x".repeat(100 * 1024);
  const editor = type(`\x1b[200~${paste}\x1b[201~`);
  assertEquals(editor.text.length, paste.length);
});
