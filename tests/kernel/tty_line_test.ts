// Whether the cursor begins a line, from what is shown.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { TtyLine } from "../../kernel/tty_line.ts";

const ENCODER = new TextEncoder();

function atStart(...shown: string[]): boolean {
  const line = new TtyLine();
  for (const text of shown) line.feed(ENCODER.encode(text));
  return line.atStart;
}

test("letters move on, a new line or a return brings back", () => {
  assertEquals(atStart(), true);
  assertEquals(atStart("a"), false);
  assertEquals(atStart("a\r\n"), true);
  assertEquals(atStart("a\n", "\x07\x00"), true);
  assertEquals(atStart("50 %\r"), true);
  assertEquals(atStart("a\nb\n\tc"), false);
  assertEquals(atStart("\t"), false);
  assertEquals(atStart("é".slice(0, 1)), false);
});

test("escape sequences leave the cursor where it is, however they are cut", () => {
  assertEquals(atStart("a\n\x1b[32m\x1b[0K\x1b[2J"), true);
  assertEquals(atStart("a\x1b[0m"), false);
  assertEquals(atStart("\x1b", "[", "3", "1m"), true);
  assertEquals(atStart("\x1b[" + "1;".repeat(100) + "m"), true);
  assertEquals(atStart("\x1b7"), true);
  assertEquals(atStart("\x1b[31mred"), false);
});

test("a place can be said, and the alternate screen gives back the one before", () => {
  assertEquals(atStart("text\x1b[H\x1b[2J"), true);
  assertEquals(atStart("text\x1b[5;1H"), true);
  assertEquals(atStart("text\n\x1b[5;10H"), false);
  assertEquals(atStart("text\x1b[1G"), true);
  assertEquals(
    atStart("text\n\x1b[?1049hfull\x1b[3;3Hscreen\x1b[?1049l"),
    true,
  );
  assertEquals(atStart("text\x1b[?1049h\n\x1b[?1049l"), false);
});

test("a long text is not gone through letter by letter", () => {
  const line = new TtyLine();
  const text = ENCODER.encode(`${"x".repeat(100_000)}\n`.repeat(100));
  const before = performance.now();
  line.feed(text);
  assertEquals(line.atStart, true);
  assertEquals(performance.now() - before < 500, true);
});
