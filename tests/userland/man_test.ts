// man, apropos and help as they are used: in a pipe, at a terminal with the
// pager, with names that are wrong.

import { test } from "node:test";
import fc from "fast-check";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { readPages } from "../../host/image.ts";
import {
  pagesNamed,
  pageTelling,
  parseBook,
} from "../../userland/lib/manual.ts";
import { renderPage } from "../../userland/lib/manual_text.ts";
import type { Key } from "../../userland/sh/keys.ts";
import { textWidth } from "../../userland/sh/width.ts";
import { BUILTINS } from "../../userland/sh/builtins.ts";
import { Pager } from "../../userland/lib/pager.ts";
import { Session, sh } from "./programs.ts";

const SECOND_NS = 1_000_000_000;
const files = readPages();

function man(command: string) {
  const { stdout, stderr, status } = sh(command, { files });
  return { stdout, stderr, status };
}

test("man in a pipe writes the whole page, plainly", () => {
  const { stdout, stderr, status } = man("man 2 read");
  assertEquals([stderr, status], ["", 0]);
  assert(stdout.startsWith("read(2) "));
  assertStringIncludes(stdout, "\n    EBADF         the number is not open");
  assert(!stdout.includes("\x1b"));
});

test("man takes SYNOPSIS and OPTIONS from the program itself", () => {
  const { stdout } = man("man uniq");
  assertStringIncludes(stdout, "SYNOPSIS\n    uniq ");
  assertStringIncludes(stdout, "OPTIONS\n    -c, --count");
});

test("a name in two sections shows the first and tells of the other", () => {
  const { stdout } = man("man kill");
  assert(stdout.startsWith("kill(1) "));
  assertStringIncludes(stdout, "There is also kill(2).");
  assert(man("man 2 kill").stdout.startsWith("kill(2) "));
  assertEquals(man("man 'kill(2)'").stdout, man("man 2 kill").stdout);
});

test("man -f, man -k and apropos list pages with their sentences", () => {
  const row = "fsync(2)            waits until a file is on the disk\n";
  assertEquals(man("man -f fsync").stdout, row);
  assertStringIncludes(man("man -k DISK").stdout, row);
  assertEquals(man("apropos disk").stdout, man("man -k disk").stdout);
});

test("a page that is not there: the nearest name, status 16", () => {
  assertEquals(man("man raed"), {
    stdout: "",
    stderr: "man: no page for raed; the nearest is read\n",
    status: 16,
  });
  assertEquals(
    man("man 3 read").stderr,
    "man: no page for read in section 3; man -k read looks for the word\n",
  );
  assertEquals(man("apropos xyzzy").status, 16);
  assertEquals(man("man -k xyzzy").stderr, "man: nothing about xyzzy\n");
  assertEquals(man("man -k xyzzy").status, 16);
  assertEquals(man("man").status, 1);
  assertStringIncludes(man("man").stderr, "which page? Try man kettle");
});

test("a word that has no page of its own leads to the page that tells of it", () => {
  const found: [string, string][] = [
    ["cd", "sh(7)"],
    ["fg", "sh(7)"],
    ["ENOENT", "errno(7)"],
    ["TERM", "signals(7)"],
    ["O_CREAT", "open(2)"],
    ["nohang", "waitpid(2)"],
  ];
  for (const [word, title] of found) {
    assert(man(`man ${word}`).stdout.startsWith(`${title} `), word);
  }
  const pages = Object.values(files).flatMap(parseBook);
  const unknown = [...BUILTINS.keys()].filter((name) =>
    pagesNamed(pages, name).length === 0 && pageTelling(pages, name) === null
  );
  assertEquals(unknown, ["["]);
});

test("a disk without the manual says so", () => {
  const { stderr, status } = sh("man read");
  assertMatch(stderr, /^man: \/man: .*no such file or directory\n$/i);
  assertEquals(status, 1);
});

test("at a terminal a long page comes a screen at a time", () => {
  const session = new Session({ files });
  const first = session.type("man 2 read\r", SECOND_NS);
  assertStringIncludes(first, "NAME");
  assert(!first.includes("SEE ALSO"));
  assertStringIncludes(first, "read(2)  ");
  assertStringIncludes(session.type(" ", SECOND_NS), "EXAMPLES");
  assertStringIncludes(session.type("/EBADF\r", SECOND_NS), "further ebadf");
  assertStringIncludes(session.type("g", SECOND_NS), "NAME");
  assertStringIncludes(session.type("/ebadf\r", SECOND_NS), "EBADF");
  const left = session.type("q", SECOND_NS);
  assert(left.endsWith("kettle$ "), left);
  assert(session.machine.screen.includes("\x1b[?1049l"));
});

test("a short page at a terminal is just written", () => {
  const session = new Session({ files });
  session.machine.resize(80, 50);
  const shown = session.type("man 2 sync\r", SECOND_NS);
  assertStringIncludes(shown, "sync - waits until everything is on the disk");
  assert(shown.endsWith("kettle$ "));
  assert(!session.machine.screen.includes("\x1b[?1049h"));
});

test("a pager that is killed puts the terminal back", () => {
  const session = new Session({ files });
  session.type("man 2 read\r", SECOND_NS);
  const pager = [...session.machine.processes.values()].find(({ name }) =>
    name === "man"
  )!;
  session.machine.spawn("/bin/kill", [String(pager.pid)], {});
  const shown = session.type("", SECOND_NS);
  assert(shown.endsWith("kettle$ "), shown);
  assert(session.machine.screen.includes("\x1b[?1049l"));
  assertStringIncludes(session.type("echo back\r", SECOND_NS), "\nback\n");
});

test("^Z stops the pager, fg brings it back where it was", () => {
  const session = new Session({ files });
  session.type("man 2 read\r", SECOND_NS);
  session.type("G", SECOND_NS);
  const stopped = session.type("\x1a", SECOND_NS);
  assertStringIncludes(stopped, "Stopped");
  assertStringIncludes(session.type("echo sh''ell\r", SECOND_NS), "\nshell\n");
  assertStringIncludes(session.type("fg\r", SECOND_NS), "SEE ALSO");
  assert(session.type("q", SECOND_NS).endsWith("kettle$ "));
});

test("whoever reads a page may stop early; a wrong option is told", () => {
  assertEquals(man("man 2 read | head -n 1").stderr, "");
  assertEquals(
    man("apropos a | head -n 1; echo $?").stdout.split("\n").length,
    3,
  );
  for (const name of ["man", "apropos", "edit"]) {
    const { stderr, status } = man(`${name} --nothing`);
    assertStringIncludes(stderr, `${name}: unrecognized option '--nothing'`);
    assertEquals(status, 1);
    assertStringIncludes(man(`${name} --help`).stdout, `Usage: ${name} `);
  }
});

test("the pager wraps anew when the terminal gets another size", () => {
  const session = new Session({ files });
  session.type("man 2 read\r", SECOND_NS);
  session.machine.resize(40, 10);
  const shown = session.type("", SECOND_NS);
  assertStringIncludes(shown, "read(2)  ");
  assert(shown.split("\n").every((line) => line.trim().length <= 40), shown);
});

// ------------------------------------------------------------- the pager alone

function pagerOf(count: number, rows = 5): Pager {
  const lines = Array.from({ length: count }, (_, n) => `line ${n}`);
  const pager = new Pager("t", () => lines.join("\n") + "\n");
  pager.resize(20, rows);
  return pager;
}

function firstLine(pager: Pager): string {
  // deno-lint-ignore no-control-regex -- escape sequences begin with one
  const shown = pager.draw().replace(/\x1b\[[\d;?]*[@-~]/g, "");
  return /line \d+/.exec(shown)![0];
}

test("keys move by line, half, page and to the ends, never past them", () => {
  const pager = pagerOf(20);
  const moves: [string, string][] = [
    ["j", "line 1"],
    [" ", "line 5"],
    ["b", "line 1"],
    ["k", "line 0"],
    ["k", "line 0"],
    ["d", "line 2"],
    ["u", "line 0"],
    ["G", "line 16"],
    [" ", "line 16"],
    ["g", "line 0"],
  ];
  for (const [key, line] of moves) {
    pager.press({ text: key });
    assertEquals([key, firstLine(pager)], [key, line]);
  }
});

test("a search goes on with n and back with N, and says when there is no more", () => {
  const pager = pagerOf(20);
  for (const key of ["/", "1", "2"]) pager.press({ text: key });
  pager.press({ name: "enter" });
  assertEquals(firstLine(pager), "line 12");
  pager.press({ text: "n" });
  assertStringIncludes(pager.draw(), "no further 12");
  pager.press({ text: "g" });
  pager.press({ text: "n" });
  assertEquals(firstLine(pager), "line 12");
  pager.press({ text: "N" });
  assertStringIncludes(pager.draw(), "no earlier 12");
});

test("random keys at random sizes: a screen full of rows, none too wide", () => {
  const names = [..."jkbdugGnNqfy/? ", "x", "漢"].map((text) => ({ text }));
  const others = ["enter", "backspace", "up", "page-down", "home", "end"]
    .map((name) => ({ name }));
  const key = fc.constantFrom<Key>(...names, ...others);
  const size = fc.record({
    columns: fc.integer({ min: 1, max: 60 }),
    rows: fc.integer({ min: 1, max: 20 }),
  });
  const step = fc.record({ key, size });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const [page] = parseBook(files["/man/4_devices.md"]!);
      const pager = new Pager(
        "t",
        (columns, bold) => renderPage(page!, { columns, bold }),
      );
      for (const { key, size } of steps) {
        pager.resize(size.columns, size.rows);
        pager.press(key);
        // deno-lint-ignore no-control-regex -- escape sequences begin with one
        const rows = pager.draw().replace(/\x1b\[[\d;?]*[@-~]/g, "")
          .split("\n\r");
        assertEquals(rows.length, size.rows);
        assert(rows.every((row) => textWidth(row) <= size.columns));
      }
    }),
    { seed: 20_120_918, numRuns: 150 },
  );
});

// ------------------------------------------------------------- help

test("what help tells to try is there, in one line each", () => {
  const { stdout } = man("help");
  for (const line of stdout.trimEnd().split("\n")) {
    assert(line.length <= 80, line);
    const name = line.trim().split(" ")[0];
    assertEquals(man(`which ${name}`).stdout, `/bin/${name}\n`);
  }
});
