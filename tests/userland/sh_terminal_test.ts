// The whole shell at a real terminal: what the tty writes goes to @xterm/headless,
// and what stands there in the end is what was typed and printed, once and in
// order: long output, long pastes, wide characters, another size in between.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { newMachine, type Setting } from "./programs.ts";
import { Terminal } from "./xterm.ts";

const PROMPT = "kettle$ ";
const MINUTE_NS = 60_000_000_000;

/** A shell on a machine's console, and the terminal that shows it. */
class Desk {
  readonly terminal: Terminal;
  readonly machine;
  readonly world;
  #written: Promise<void> = Promise.resolve();

  constructor({ columns = 80, rows = 24, ...setting }: Setting & {
    columns?: number;
    rows?: number;
  } = {}) {
    this.terminal = new Terminal(columns, rows);
    const { world, machine } = newMachine(setting);
    this.world = world;
    this.machine = machine;
    machine.console.onOutput = (bytes) => {
      this.#written = this.terminal.write(bytes.slice());
    };
    machine.resize(columns, rows);
    machine.spawn("/bin/sh", [], {
      console: true,
      cwd: "/home",
      env: setting.env,
    });
    world.run({ budgetNs: MINUTE_NS });
  }

  /** Types keys one by one and waits until all is on the screen. */
  async type(keys: string, budgetNs = MINUTE_NS): Promise<void> {
    for (const key of keys) {
      this.machine.type(key);
      this.world.run({ budgetNs: 1_000_000 });
    }
    this.world.run({ budgetNs });
    await this.#written;
  }

  /** All at once, as a terminal pastes. */
  async paste(text: string): Promise<void> {
    this.machine.type(`\x1b[200~${text}\x1b[201~`);
    this.world.run({ budgetNs: MINUTE_NS });
    await this.#written;
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
    this.machine.resize(columns, rows);
  }
}

test("what was typed and what was printed stand there once, in order", async () => {
  const desk = new Desk({ columns: 30 });
  await desk.type("echo hello\r");
  await desk.type("echo 漢字 😀 e\u0301 👩‍👩‍👧\r");
  await desk.type(
    "ecko \x1b[D\x1b[D\x7fh\x05a line that is longer than a row\r",
  );
  await desk.type("for i in 1 2\rdo echo $i\rdone\r");
  assertEquals(desk.terminal.text.split("\n"), [
    `${PROMPT}echo hello`,
    "hello",
    `${PROMPT}echo 漢字 😀 e\u0301 👩‍👩‍👧`,
    "漢字 😀 e\u0301 👩‍👩‍👧",
    `${PROMPT}echo a line that is longer than a row`,
    "a line that is longer than a row",
    `${PROMPT}for i in 1 2`,
    "> do echo $i",
    "> done",
    "1",
    "2",
    PROMPT.trimEnd(),
  ]);
});

test("10,000 lines of output: none lost, none doubled, all in order", async () => {
  const desk = new Desk();
  await desk.type("seq 10000\r");
  const lines = desk.terminal.text.split("\n");
  assertEquals(lines[0], `${PROMPT}seq 10000`);
  assertEquals(lines.length, 10_002);
  for (let n = 1; n <= 10_000; n += 1) assertEquals(lines[n], String(n));
});

test("100 KiB pasted at the prompt: on the screen and in the command, whole", async () => {
  const desk = new Desk();
  const text = Array.from({ length: 12_800 }, (_, n) => `${n}`.padStart(8, "."))
    .join("");
  assertEquals(text.length, 100 * 1024);
  await desk.type("printf %s ");
  await desk.paste(text);
  assertEquals(desk.terminal.text, `${PROMPT}printf %s ${text}`);
  await desk.type(" >f; wc -c <f; tail -c 8 f; head -c 16 f\r");
  const lines = desk.terminal.text.split("\n");
  assertEquals(lines.slice(1), [
    "102400",
    "...12799.......0.......1%",
    PROMPT.trimEnd(),
  ]);
});

test("output whose last line has no end stays, with a mark, and the prompt begins a line", async () => {
  const desk = new Desk();
  await desk.type("printf 'abc'\r");
  await desk.type("echo x\x01\x05\x1b[D\x15"); // drawn again in every way
  await desk.type("printf '%80s' x; printf ''\rclear\rprintf ab; :\r\r");
  assertEquals(desk.terminal.text.split("\n"), [
    `${PROMPT}printf ab; :`,
    "ab%",
    PROMPT,
    PROMPT.trimEnd(),
  ]);
  await desk.type("clear\rprintf é\redit f\r");
  await desk.type("\x18");
  assertEquals(desk.terminal.text.split("\n"), [
    `${PROMPT}printf é`,
    "é%",
    `${PROMPT}edit f`,
    PROMPT.trimEnd(),
  ]);
});

test("a paste of several lines does not run before Enter, and then in order", async () => {
  const desk = new Desk();
  await desk.paste("echo one\necho two\nsleep 1; echo three\n");
  assert(!desk.terminal.text.includes("\none"));
  await desk.type("\r");
  assertStringIncludes(desk.terminal.text, "echo three\n\none\ntwo\nthree\n");
});

test("another size while a line is edited: the line is whole again at once", async () => {
  const desk = new Desk({ columns: 40 });
  await desk.type("echo before\r");
  await desk.type("echo abcdefghijklmnopqrstuvwxyz 0123456789 abcdef");
  for (const [columns, rows] of [[25, 20], [60, 30], [33, 12], [90, 24]]) {
    desk.resize(columns!, rows!);
    await desk.type("");
    const all = desk.terminal.text;
    assertEquals(all.split("abcdefghij").length, 2, `${columns}: ${all}`);
    assert(all.endsWith("0123456789 abcdef"), all);
    assertStringIncludes(
      all,
      `${PROMPT}echo before\nbefore\n${PROMPT}echo abc`,
    );
  }
  await desk.type("!\r");
  const wanted = "echo abcdefghijklmnopqrstuvwxyz 0123456789 abcdef!";
  assertEquals(
    desk.terminal.text.split("\n").slice(2),
    [PROMPT + wanted, wanted.slice(5), PROMPT.trimEnd()],
  );
});

test("a list of completions comes below, then the line again as it was", async () => {
  const files = { "/home/note a.txt": "", "/home/note b.txt": "" };
  const desk = new Desk({ files });
  await desk.type("cat no\t| wc\x1b[D\x1b[D\x1b[D\x1b[D\t\t");
  assertEquals(desk.terminal.text.split("\n"), [
    `${PROMPT}cat note\\ | wc`,
    "note a.txt  note b.txt",
    `${PROMPT}cat note\\ | wc`,
  ]);
  await desk.type("a\t");
  assertStringIncludes(desk.terminal.line(2), "cat note\\ a.txt | wc");
});

test("^R shows what it finds and leaves the screen as it should be", async () => {
  const desk = new Desk({ columns: 32 });
  await desk.type("echo a rather long line, number 1\r");
  await desk.type("\x12rather");
  const [, , ...rest] = desk.terminal.text.split("\n");
  assertEquals(rest, [
    "(search) rather: echo a rather long line, number 1",
  ]);
  await desk.type("\x07ok");
  assertEquals(desk.terminal.text.split("\n").slice(2), [`${PROMPT}ok`]);
});
