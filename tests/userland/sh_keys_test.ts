// Random keys and nothing else: whatever is pressed in whatever order, the editor
// answers, and its cursor is between two characters of its text.

import fc from "fast-check";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { KeyDecoder } from "../../userland/sh/keys.ts";
import { LineEditor } from "../../userland/sh/line_editor.ts";

const LETTERS = [..."abdefhklnprtuwy_"];
const KEYS = [
  ...LETTERS.map((letter) => String.fromCharCode(letter.charCodeAt(0) & 31)),
  ...[
    "\x1bb",
    "\x1bf",
    "\x1bd",
    "\x1b\x7f",
    "\x1by",
    "\x1bu",
    "\x1bl",
    "\x1bc",
  ],
  ...["\x1b.", "\x1b<", "\x1b>", "\x1b\r", "\x7f", "\x1f", "\x07", "\t", "\r"],
  ...["\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[3~"],
  ...["\x1b[1;5H", "\x1b[1;5F", "\x1b[1;5C", "\x1b[1;5D", "\x1b[5~", "\x1b"],
  ...["\x1b[200~p\nq\n\x1b[201~", "\x1b[200~\x1b[201~", "\xff"],
];
const TEXTS = ["a", " ", "\\", "'", '"', "|", "/x", "é", "e\u0301", "漢", "😀"];
const MORE = ["👩‍👩‍👧", "🇩🇪", "\u0301", "\u200d", "$HOME", "word "];
const HISTORY = ["", "one", "a\nb\n\nc", "\n", "\n\n x", "echo 'é 漢' | wc"];
const CANDIDATES = [[], ["a "], ["ab", "ac"], ["😀a", "😁b"], [
  "a\\ b ",
  "a\\*c ",
]];

const keys = fc.array(fc.constantFrom(...KEYS, ...TEXTS, ...MORE), {
  maxLength: 60,
});

/** True between two characters of the text, surrogate pairs being one. */
function isBetween(text: string, index: number): boolean {
  const inside = /[\ud800-\udbff]/.test(text[index - 1] ?? "") &&
    /[\udc00-\udfff]/.test(text[index] ?? "");
  return index >= 0 && index <= text.length && !inside;
}

test("whatever is pressed, the editor answers and its cursor is in its text", () => {
  const size = { columns: 11, rows: 5 };
  fc.assert(
    fc.property(keys, fc.nat(100), (pressed, number) => {
      const editor = new LineEditor({ prompt: "$ ", history: HISTORY, size });
      const decoder = new KeyDecoder();
      for (const byte of new TextEncoder().encode(pressed.join(""))) {
        const key = decoder.feed(byte);
        if (key === null) continue;
        const outcome = editor.press(key);
        if (outcome === "complete") {
          const start = Math.max(
            0,
            editor.text.lastIndexOf(" ", editor.cursor - 1),
          );
          editor.complete(
            Math.min(start, editor.cursor),
            CANDIDATES[number % CANDIDATES.length]!,
          );
        }
        assert(isBetween(editor.text, editor.cursor), JSON.stringify(pressed));
        assertEquals(typeof editor.draw(), "string");
      }
    }),
    { seed: 20_120_918, numRuns: 1500 },
  );
});
