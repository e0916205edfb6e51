// The editor without a machine: the text buffer against a plain model, files that
// lose no byte, windows of lines that fit, and draws that only change what is
// other yet show the same as drawing everything.

import { test } from "node:test";
import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { bytes, type Program } from "../../mod.ts";
import { World } from "../../kernel/mod.ts";
import { cellAt, indexAt, windowOf } from "../../userland/lib/cells.ts";
import { Editor } from "../../userland/lib/editor.ts";
import { TextBuffer } from "../../userland/lib/text_buffer.ts";
import {
  decodeText,
  encodeText,
  replaceFile,
} from "../../userland/lib/text_file.ts";
import type { Key } from "../../userland/sh/keys.ts";
import { textWidth } from "../../userland/sh/width.ts";

const SEED = 20_120_918;
const PIECES = [
  "a",
  "B",
  " ",
  "\n",
  "\t",
  "ä",
  "漢",
  "😀",
  "e\u0301",
  "x\ny",
  "\n\n",
];
const someText = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 })
  .map((pieces) => pieces.join(""));

// ------------------------------------------------------------- the buffer

/** A text as one string, and the cursor as an index: characters are those of Intl. */
class Model {
  text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Where characters begin, and the end. */
  get boundaries(): number[] {
    const segments = new Intl.Segmenter("en").segment(this.text);
    return [...[...segments].map(({ index }) => index), this.text.length];
  }
  get next(): number {
    return this.boundaries.find((index) => index > this.at) ?? this.text.length;
  }
  get previous(): number {
    return this.boundaries.findLast((index) => index < this.at) ?? 0;
  }
  get lineStart(): number {
    return this.text.slice(0, this.at).lastIndexOf("\n") + 1;
  }
  get lineEnd(): number {
    const end = this.text.indexOf("\n", this.at);
    return end < 0 ? this.text.length : end;
  }

  replace(from: number, to: number, text: string): void {
    this.text = this.text.slice(0, from) + text + this.text.slice(to);
    this.at = from + text.length;
  }
}

type Step = { name: string; text: string };
const STEPS: Record<
  string,
  (buffer: TextBuffer, model: Model, text: string) => void
> = {
  insert(buffer, model, text) {
    buffer.insert(text);
    model.replace(model.at, model.at, text);
  },
  left(buffer, model) {
    buffer.left();
    model.at = model.previous;
  },
  right(buffer, model) {
    buffer.right();
    model.at = model.next;
  },
  deleteBefore(buffer, model) {
    buffer.deleteBefore();
    model.replace(model.previous, model.at, "");
  },
  deleteAfter(buffer, model) {
    buffer.deleteAfter();
    model.replace(model.at, model.next, "");
  },
  lineStart(buffer, model) {
    buffer.lineStart();
    model.at = model.lineStart;
  },
  lineEnd(buffer, model) {
    buffer.lineEnd();
    model.at = model.lineEnd;
  },
  top(buffer, model) {
    buffer.top();
    model.at = 0;
  },
  bottom(buffer, model) {
    buffer.bottom();
    model.at = model.text.length;
  },
  cutLine(buffer, model) {
    const end = Math.min(model.lineEnd + 1, model.text.length);
    const start = model.lineStart;
    assertEquals(buffer.cutLine(), model.text.slice(start, end));
    model.replace(start, end, "");
  },
};

const someSteps = fc.array(
  fc.record({
    name: fc.constantFrom(...Object.keys(STEPS)),
    text: someText,
  }),
  { maxLength: 40 },
);

function indexOf(buffer: TextBuffer): number {
  const { row, column } = buffer.cursor;
  return buffer.lines.slice(0, row).reduce(
    (sum, line) => sum + line.length + 1,
    0,
  ) +
    column;
}

test("random edits leave what a string would be, with the cursor in its place", () => {
  fc.assert(
    fc.property(someText, someSteps, (text, steps: Step[]) => {
      const buffer = new TextBuffer(text);
      const model = new Model(text);
      for (const step of steps) {
        STEPS[step.name]!(buffer, model, step.text);
        assertEquals([buffer.text, indexOf(buffer)], [model.text, model.at]);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test("undo leads back to the beginning, redo to the end, and both know what was saved", () => {
  fc.assert(
    fc.property(someText, someSteps, (text, steps: Step[]) => {
      const buffer = new TextBuffer(text);
      const model = new Model(text);
      for (const step of steps) STEPS[step.name]!(buffer, model, step.text);
      buffer.markSaved();
      const end = buffer.text;
      while (buffer.undo());
      assertEquals(buffer.text, text);
      while (buffer.redo());
      assertEquals([buffer.text, buffer.isChanged], [end, false]);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test("letters typed in a row are undone at once, after a move alone", () => {
  const buffer = new TextBuffer("");
  for (const letter of "tea") buffer.insert(letter);
  buffer.left();
  buffer.insert("x");
  buffer.undo();
  assertEquals(buffer.text, "tea");
  buffer.undo();
  assertEquals(buffer.text, "");
});

test("what was saved and then undone is changed, also after other edits", () => {
  const buffer = new TextBuffer("");
  buffer.insert("a");
  buffer.markSaved();
  buffer.insert("b");
  assert(buffer.isChanged);
  buffer.undo();
  assert(!buffer.isChanged);
  buffer.undo();
  assert(buffer.isChanged);
  buffer.insert("c");
  assert(buffer.isChanged);
});

test("up and down keep the cell through short and wide lines", () => {
  const buffer = new TextBuffer("abcdef\n漢字漢字\nx\nabcdef");
  buffer.moveTo({ row: 0, column: 5 });
  const columns = [1, 1, 1].map((step) => {
    buffer.vertical(step);
    return buffer.cursor.column;
  });
  assertEquals(columns, [2, 1, 5]);
});

// ------------------------------------------------------------- files

test("from bytes to text and back no byte is lost", () => {
  const pieces = fc.constantFrom("a", "\n", "\r\n", "\r", "漢", "\ufeff");
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const bytes = new TextEncoder().encode(parts.join(""));
      const content = decodeText(bytes);
      assert("text" in content);
      assertEquals(encodeText(content), bytes);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test("cut the power at any moment of saving: the old content is there or the new", () => {
  const OLD = "old ".repeat(2_000), NEW = "new content ".repeat(3_000);
  const save = function* (): Program {
    yield* replaceFile("/home/a", bytes(NEW));
  };
  const found: Record<string, number> = { old: 0, new: 0 };
  const MS = 1_000_000;
  const finished = (cutNs: number): boolean => {
    const world = new World();
    const machine = world.boot({ files: { "/home/a": OLD } });
    const saving = machine.spawn(save);
    world.run({ untilNs: cutNs });
    const isDone = saving.exit !== null;
    machine.pullPlug();
    machine.powerOn();
    const text = new TextDecoder().decode(machine.files.peek("/home/a")!);
    assert(
      text === OLD || text === NEW,
      `at ${cutNs} ns: ${text.length} bytes`,
    );
    if (isDone) assert(text === NEW, `at ${cutNs} ns: saved, yet old`);
    found[text === OLD ? "old" : "new"]! += 1;
    return isDone;
  };
  let cutNs = 0;
  while (!finished(cutNs)) cutNs += 1.37 * MS;
  finished(cutNs + 40_000 * MS);
  assert(found.old! > 5 && found.new! > 1, JSON.stringify(found));
});

test("zeros and what is not UTF-8 are no text", () => {
  assertEquals(decodeText(Uint8Array.of(1, 0)), {
    why: "it is no text: byte 1 is 0",
  });
  assertEquals(decodeText(Uint8Array.of(0xc3, 0x28)), {
    why: "it is no text: not UTF-8",
  });
});

// ------------------------------------------------------------- the window

test("a window of a line fits, wherever it begins", () => {
  const left = fc.integer({ min: 0, max: 30 });
  const columns = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(someText, left, columns, (text, left, columns) => {
      const line = text.replaceAll("\n", "\x01");
      const shown = windowOf(line, left, columns);
      assert(textWidth(shown) <= columns, `${textWidth(shown)} > ${columns}`);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("a plain line is shown as any other would be", () => {
  const plain = fc.string({ unit: fc.constantFrom(..."ab c") });
  const number = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(plain, number, number, (line, left, columns) => {
      // With a tab at its end it is not plain, and the tab is out of sight.
      const other = line.padEnd(left + columns + 1) + "\t";
      const same = line.padEnd(left + columns + 1);
      assertEquals(
        windowOf(same + "x", left, columns + 1),
        windowOf(other, left, columns + 1),
      );
      assertEquals(cellAt(same, left), cellAt(other, left));
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test("cells and indices are each other's inverse", () => {
  fc.assert(
    fc.property(someText, (text) => {
      const line = text.replaceAll("\n", "\x7f");
      const buffer = new TextBuffer(line);
      for (let before = -1; before < buffer.cursor.column; buffer.right()) {
        before = buffer.cursor.column;
        if (before === line.length) break;
        assertEquals(indexAt(line, cellAt(line, before)), before);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});

// ------------------------------------------------------------- keys and drawing

/** What a screen shows that gets draws: rows, as they were written last. */
class Drawn {
  rows: string[] = [];
  cursor = "";

  take(draw: string): void {
    // deno-lint-ignore no-control-regex -- escape sequences begin with one
    const pattern = /\x1b\[(\d+);1H\x1b\[2K([^]*?)(?=\x1b\[\d+;\d+H)/g;
    for (const [, row, text] of draw.matchAll(pattern)) {
      this.rows[Number(row) - 1] = text!;
    }
    // deno-lint-ignore no-control-regex -- escape sequences begin with one
    this.cursor = /\x1b\[(\d+;\d+)H\x1b\[\?25h$/.exec(draw)![1]!;
  }
}

const NAMES = [
  ..."abcdefghklnopquvwxyz".split("").map((letter) => `ctrl-${letter}`),
  ..."up down left right home end page-up page-down enter tab backspace delete"
    .split(" "),
  ..."alt-b alt-f alt-u alt-e alt-< alt-> alt-v escape".split(" "),
];
const someKey: fc.Arbitrary<Key> = fc.oneof(
  fc.constantFrom(...NAMES).map((name) => ({ name })),
  fc.constantFrom("y", "n", "t", "漢", "a\nb", "\x1b[31m").map((text) => ({
    text,
  })),
);

test("random keys: never a crash, the cursor on the screen, draws that add up", () => {
  const sizes = fc.constantFrom([80, 24], [30, 10], [10, 4], [5, 2]);
  fc.assert(
    fc.property(
      someText,
      fc.array(someKey, { maxLength: 60 }),
      sizes,
      (text, keys, [columns = 0, rows = 0]) => {
        const editor = new Editor("/home/a", text);
        editor.resize({ columns, rows });
        const screen = new Drawn();
        for (const key of keys) {
          const wish = editor.press(key);
          if (wish.kind === "save") editor.saved(wish.path, 0);
          screen.take(editor.draw());
          const [row = 0, column = 0] = screen.cursor.split(";").map(Number);
          assert(row >= 1 && row <= Math.max(rows, 3), screen.cursor);
          assert(column >= 1 && column <= columns, screen.cursor);
        }
        const { rows: shown } = screen;
        editor.resize({ columns: columns + 1, rows });
        editor.resize({ columns, rows });
        const whole = new Drawn();
        whole.take(editor.draw());
        assertEquals(shown.length === 0 ? whole.rows : shown, whole.rows);
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});
