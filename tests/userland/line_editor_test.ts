// The line editor as a state machine: keys in, text, cursor and screen out.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type Key, KeyDecoder } from "../../userland/sh/keys.ts";
import { LineEditor } from "../../userland/sh/line_editor.ts";
import { KillRing } from "../../userland/sh/edit_buffer.ts";
import {
  nextBoundary,
  previousBoundary,
  textWidth,
} from "../../userland/sh/width.ts";

/** An editor at the prompt `$ `. */
function newEditor(history: string[] = [], columns = 40): LineEditor {
  return new LineEditor({ prompt: "$ ", history, size: { columns, rows: 24 } });
}

function decode(input: string): Key[] {
  const decoder = new KeyDecoder();
  const keys: Key[] = [];
  for (const byte of new TextEncoder().encode(input)) {
    const key = decoder.feed(byte);
    if (key !== null) keys.push(key);
  }
  return keys;
}

/** Types keys and gives the editor. */
function type(input: string, history: string[] = [], columns = 40): LineEditor {
  const editor = newEditor(history, columns);
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

test("bytes that are no character take no key with them", () => {
  const decoder = new KeyDecoder();
  const feed = (...bytes: number[]) =>
    bytes.map((byte) => decoder.feed(byte)).filter((key) => key !== null);
  assertEquals(feed(0xff, 0x0d), [{ name: "enter" }]);
  assertEquals(feed(0xe6, 0xbc, 0x61), [{ text: "a" }]);
  assertEquals(feed(0xc3, 0x1b, 0x5b, 0x41), [{ name: "up" }]);
  assertEquals(feed(0x80), [{ text: "\ufffd" }]);
  assertEquals(feed(0xe6, 0xbc, 0xa2), [{ text: "漢" }]);
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
    const editor = newEditor();
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

test("typing at the end writes only the new character", () => {
  const editor = type("abc");
  editor.draw();
  editor.press({ text: "d" });
  assertEquals(editor.draw(), "d");
  editor.press({ name: "left" });
  assertEquals(editor.draw(), "\x1b[1D");
  editor.press({ text: "-" });
  assertEquals(editor.draw().includes("abc-d"), true);
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

test("kills in a row are one text; M-y goes through the older ones", () => {
  assertEquals(shown(type("one two three\x17\x17\x19")), "one two three|");
  assertEquals(shown(type("a b c\x01\x1bd\x1bd\x05\x19")), " ca b|");
  assertEquals(shown(type("ab cd\x17\x05x\x15\x19\x1by")), "cd|");
  assertEquals(shown(type("ab cd\x17\x05x\x15\x19\x1by\x1by")), "ab x|");
  assertEquals(shown(type("x\x1by")), "x|");
});

test("what was killed in one line can be yanked in the next", () => {
  const kills = new KillRing();
  const size = { columns: 40, rows: 24 };
  const first = new LineEditor({ prompt: "$ ", size, kills });
  for (const key of decode("kept\x15")) first.press(key);
  const second = new LineEditor({ prompt: "$ ", size, kills });
  for (const key of decode("\x19!")) second.press(key);
  assertEquals(second.text, "kept!");
});

test("^_ undoes word by word, and every kind of change", () => {
  assertEquals(shown(type("one two\x1f")), "one|");
  assertEquals(shown(type("one two\x1f\x1f")), "|");
  assertEquals(shown(type("one two\x17\x1f")), "one two|");
  assertEquals(shown(type("ab\x7f\x7f\x1f\x1f")), "ab|");
  assertEquals(shown(type("ab\x14\x1f")), "ab|");
  assertEquals(shown(type("\x1f\x1fx")), "x|");
});

test("M-u M-l M-c change the case of a word, M-d and M-DEL kill one", () => {
  assertEquals(shown(type("one two\x01\x1bu\x1bc")), "ONE Two|");
  assertEquals(shown(type("ONE\x01\x1bl")), "one|");
  assertEquals(shown(type("a/b-c\x1b\x7f")), "a/b-|");
  assertEquals(shown(type("straße\x01\x1bu")), "STRASSE|");
  assertEquals(shown(type("e\u0301a b\x1bb\x1bb")), "|e\u0301a b");
});

test("M-. brings the last word of the line before, again of older ones", () => {
  const history = ["cp a 'b c'", "ls /bin | wc -l", "cat f.ts "];
  assertEquals(shown(type("vi \x1b.", history)), "vi f.ts|");
  assertEquals(shown(type("vi \x1b.\x1b.", history)), "vi -l|");
  assertEquals(shown(type("vi \x1b.\x1b.\x1b.\x1b.", history)), "vi 'b c'|");
  assertEquals(shown(type("\x1b.!\x1b.", history)), "f.ts!f.ts|");
  assertEquals(shown(type("x\x1b.")), "x|");
});

test("in a text of several lines, up and down go from line to line first", () => {
  const history = ["for i in 1\ndo echo\ndone"];
  assertEquals(
    shown(type("\x1b[A\x1b[A", history)),
    "for i in 1\ndo e|cho\ndone",
  );
  assertEquals(
    shown(type("\x1b[A\x1b[A\x01\x1b[A", history)),
    "|for i in 1\ndo echo\ndone",
  );
  assertEquals(shown(type("\x1b[A\x1b[A\x1b[B\x1b[B", history)), "|");
  assertEquals(shown(type("a\x1b\rb")), "a\nb|");
  assertEquals(shown(type("\x1b\r\x1bb|")), "||\n");
  assertEquals(shown(type("\x1b\rab\x1b[AX")), "X|\nab");
  assertEquals(shown(type("\x1b\r\x1b[D\x7f\x1b[C\x7f")), "|");
  assertEquals(shown(type("a\x1b\rb\x1b[1;5HX")), "X|a\nb");
});

test("a search that is given up leaves the line as it was", () => {
  const history = ["echo one", "echo two"];
  assertEquals(shown(type("dr\x1b[D\x12one\x07", history)), "d|r");
  assertEquals(shown(type("dr\x12one\x03x", history)), "drx|");
  assertEquals(shown(type("\x12two\x1b[C", history)), "echo t|wo");
  assertEquals(shown(type("\x12nothing\x7f\x7f", history)), "echo o|ne");
  assertEquals(shown(type("\x12two\x7f\x7f\x7fone", history)), "echo |one");
});

test("completion in the middle of a word goes over what is there", () => {
  const completed = (text: string, back: number, candidates: string[]) => {
    const editor = type(text + "\x1b[D".repeat(back));
    editor.complete(4, candidates);
    return shown(editor);
  };
  assertEquals(completed("cat hello", 2, ["hello "]), "cat hello |");
  assertEquals(completed("cat hello x", 4, ["hello "]), "cat hello |x");
  assertEquals(completed("cat helmet", 3, ["hello "]), "cat hello |met");
  assertEquals(completed("cat he/x", 2, ["hello/"]), "cat hello/|/x");
  assertEquals(completed("cat h", 0, ["he\\ a ", "he\\*b "]), "cat he|");
  assertEquals(completed("cat 😀", 0, ["😀a", "😁b"]), "cat 😀|");
});

test("a flag is one character, and what takes no cell goes with its base", () => {
  assertEquals(shown(type("🇩🇪🇫🇷\x7f")), "🇩🇪|");
  assertEquals(shown(type("❤\ufe0fx\x1b[D\x7f")), "|x");
  assertEquals(shown(type("👍🏽\x7f")), "|");
});
