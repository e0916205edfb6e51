// The editor at a real console: keys go in through the tty, a real terminal
// shows what comes out, and the disk has what was saved.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Session } from "./programs.ts";
import { Screen } from "./screen.ts";

const UP = "\x1b[A", DOWN = "\x1b[B", RIGHT = "\x1b[C", LEFT = "\x1b[D";
const HOME = "\x1b[H", END = "\x1b[F", DELETE = "\x1b[3~";
const SAVE = "\x13", QUIT = "\x18", CUT = "\x0b", PASTE = "\x15";
const UNDO = "\x1a", REDO = "\x19", SEARCH = "\x06", NAME = "\x0f";

/** A shell with these files, and the editor on the first of them. */
async function edit(
  files: Record<string, string | Uint8Array>,
  columns = 80,
  rows = 24,
  command?: string,
): Promise<Screen> {
  const screen = new Screen(new Session({ files }), columns, rows);
  const [path] = Object.keys(files);
  await screen.type(`${command ?? `edit ${path}`}\r`);
  return screen;
}

function onDisk({ session }: Screen, path: string): string | null {
  const bytes = session.machine.files.peek(path);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

test("type, save, quit: the file has it and the shell's screen is back", async () => {
  const screen = await edit({ "/home/a": "one\ntwo\n" });
  assertEquals(screen.rows.slice(0, 4), [
    `/home/a${" ".repeat(70)}1/3`,
    "one",
    "two",
    "",
  ]);
  assert(screen.isAlternate);
  const typed = await screen.type(`zero${RIGHT}${DOWN}!${END}?`);
  assertEquals(typed.slice(1, 3), ["zeroone", "two!?"]);
  assertStringIncludes(typed[0]!, "/home/a (changed)");
  const saved = await screen.type(SAVE);
  assertEquals(saved.at(-1), "saved: 2 lines, 14 bytes");
  assertEquals(onDisk(screen, "/home/a"), "zeroone\ntwo!?\n");
  const left = await screen.type(QUIT);
  assert(!screen.isAlternate);
  assertEquals(left.filter((row) => row !== "").at(-1), "kettle$ ");
  assertStringIncludes(left.join("\n"), "edit /home/a\nkettle$ ");
});

test("quitting with changes asks: y saves, n does not, ^C goes on", async () => {
  const screen = await edit({ "/home/a": "x" });
  const asked = await screen.type(`1${QUIT}`);
  assertEquals(asked.at(-1), "save the changes? y n (^C: go on)");
  await screen.type("\x03");
  assert(screen.isAlternate);
  await screen.type(`${QUIT}n`);
  assertEquals([screen.isAlternate, onDisk(screen, "/home/a")], [false, "x"]);
  await screen.type("edit /home/a\r");
  await screen.type(`2${QUIT}y`);
  assertEquals([screen.isAlternate, onDisk(screen, "/home/a")], [false, "2x"]);
});

test("a new file, its name asked for again with ^O", async () => {
  const screen = await edit({}, 80, 24, "edit new.txt");
  assertEquals(screen.rows.at(-1), "a new file");
  await screen.type("tea\r");
  assertEquals((await screen.type(NAME)).at(-1), "save as: new.txt");
  await screen.type("\x15other.txt\r");
  assertEquals(onDisk(screen, "/home/other.txt"), "tea\n");
  assertEquals(onDisk(screen, "/home/new.txt"), null);
  assertStringIncludes(screen.rows[0]!, "other.txt ");
  await screen.type(QUIT);
  assert(!screen.isAlternate);
});

test("cut lines are pasted together, undo and redo go both ways", async () => {
  const screen = await edit({ "/home/a": "1\n2\n3\n" });
  await screen.type(CUT + CUT + DOWN + PASTE);
  assertEquals(screen.rows.slice(1, 5), ["3", "1", "2", ""]);
  await screen.type(UNDO + UNDO);
  assertEquals(screen.rows.slice(1, 5), ["2", "3", "", "~"]);
  await screen.type(UNDO);
  assertEquals(screen.rows.slice(1, 5), ["1", "2", "3", ""]);
  assert(!screen.rows[0]!.includes("changed"));
  await screen.type(REDO + REDO);
  assertEquals(screen.rows.slice(1, 4), ["3", "", "~"]);
});

test("search finds, goes on from the beginning, and says when there is none", async () => {
  const screen = await edit({ "/home/a": "tea\nmilk\nTea cup\n" });
  await screen.type(`${SEARCH}tea\r`);
  assertEquals(screen.cursor, [3, 0]);
  const wrapped = await screen.type(`${SEARCH}\r`);
  assertEquals([wrapped.at(-1), screen.cursor], [
    "from the beginning again",
    [1, 0],
  ]);
  await screen.type(`${SEARCH}Tea\r`);
  assertEquals(screen.cursor, [3, 0]);
  const none = await screen.type(`${SEARCH}rum\r`);
  assertEquals(none.at(-1), "rum is not there");
});

test("wide characters, emoji and tabs stand where the cursor says", async () => {
  const screen = await edit({ "/home/a": "漢字x\n\tt\n👩‍👩‍👧e\u0301y\n" });
  await screen.type(RIGHT + RIGHT);
  assertEquals(screen.cursor, [1, 4]);
  await screen.type(DOWN);
  assertEquals(screen.cursor, [2, 0]);
  await screen.type(RIGHT);
  assertEquals(screen.cursor, [2, 8]);
  await screen.type(DOWN + HOME + RIGHT + RIGHT + DELETE + SAVE);
  assertEquals(onDisk(screen, "/home/a"), "漢字x\n\tt\n👩‍👩‍👧e\u0301\n");
});

test("a long line scrolls sideways, what is cut off is marked", async () => {
  const line = Array.from({ length: 10 }, (_, n) => `${n}abcdefgh`).join("");
  const screen = await edit({ "/home/a": `${line}\nshort\n` }, 30, 10);
  assertEquals(screen.rows[1], `${line.slice(0, 29)}>`);
  await screen.type(END);
  const [row, column] = screen.cursor;
  assertEquals(row, 1);
  assert(screen.rows[1]!.startsWith("<"));
  assert(screen.rows[1]!.endsWith("9abcdefgh"));
  assertEquals(column, screen.rows[1]!.length);
  await screen.type(HOME);
  assertEquals([screen.rows[1], screen.cursor], [
    `${line.slice(0, 29)}>`,
    [1, 0],
  ]);
});

test("in ten rows of thirty everything has its place", async () => {
  const text = Array.from({ length: 30 }, (_, n) => `line ${n + 1}`).join("\n");
  const screen = await edit({ "/home/a": text }, 30, 10);
  assertEquals(screen.rows.at(-1), "^S save ^X exit ^G help");
  await screen.type("\x16"); // ^V: a screen on
  assertEquals([screen.rows[8], screen.cursor], ["line 8", [8, 0]]);
  await screen.type(DOWN + DOWN);
  assertEquals([screen.rows[1], screen.rows[8]], ["line 3", "line 10"]);
  await screen.type("\x1b>");
  assertEquals(screen.rows[8], "line 30");
  const help = await screen.type("\x07");
  assertStringIncludes(help[1]!, "Keys");
  await screen.type("q");
  assertEquals(screen.rows[8], "line 30");
});

test("another size of the terminal shows at once", async () => {
  const text = Array.from({ length: 30 }, (_, n) => `line ${n + 1}`).join("\n");
  const screen = await edit({ "/home/a": text }, 40, 12);
  screen.resize(20, 6);
  const rows = await screen.type("");
  assertEquals(rows.length, 6);
  assertStringIncludes(rows[0]!, "/home/a");
  assertEquals(rows.slice(1, 5), ["line 1", "line 2", "line 3", "line 4"]);
  screen.resize(60, 15);
  assertEquals((await screen.type(""))[13], "line 13");
});

test("line ends and a missing last newline stay as they were", async () => {
  for (const text of ["a\r\nb\r\n", "a\r\nb", "a\nb", "a\r\nb\n", "", "\n"]) {
    const screen = await edit({ "/home/a": text });
    await screen.type(`X${SAVE}`);
    assertEquals(onDisk(screen, "/home/a"), `X${text}`);
  }
  const screen = await edit({ "/home/a": "a\r\nb\r\n" });
  await screen.type(`X\r${SAVE}`);
  assertEquals(onDisk(screen, "/home/a"), "X\r\na\r\nb\r\n");
});

test("Enter keeps the indent, and what is pasted stays as it is", async () => {
  const screen = await edit({ "/home/a": "" });
  await screen.type("\tif\r");
  await screen.type("\x1b[200~a\n    b\n\x1b[201~");
  await screen.type(SAVE);
  assertEquals(onDisk(screen, "/home/a"), "  if\n  a\n    b\n");
});

test("what cannot be edited is told kindly", async () => {
  const files = { "/home/bin": Uint8Array.of(65, 0, 66), "/home/x": "x" };
  const screen = await edit(files, 80, 24, "edit bin");
  const said = async (command: string) =>
    (await screen.type(`clear\r${command}\r`))[1];
  assert(!screen.isAlternate);
  assertEquals(await said("edit bin"), "edit: bin: it is no text: byte 1 is 0");
  assertEquals(await said("edit /tmp"), "edit: /tmp: it is a directory");
  assertEquals(await said("edit x | cat"), "edit: it needs a terminal");
  assertEquals(await said("edit"), "edit: one file, please");
});

test("a file that cannot be written says so, and nothing is lost", async () => {
  const screen = await edit({}, 80, 24, "edit /proc/mounts");
  assertStringIncludes(screen.rows.at(-1)!, "it cannot be written: EACCES");
  const rows = await screen.type(`x${SAVE}`);
  assertStringIncludes(rows.at(-1)!, "not saved: E");
  assertStringIncludes(rows[1]!, "x/dev/hda");
  await screen.type(`${NAME}\x15/home/copy\r`);
  assertStringIncludes(onDisk(screen, "/home/copy")!, "x/dev/hda / disk");
});

test("a file with the longest name there can be is saved like any other", async () => {
  const path = `/home/${"漢".repeat(85)}`;
  const screen = await edit({ [path]: "x" }, 80, 24, "edit 漢*");
  await screen.type(`1${SAVE}`);
  assertEquals(onDisk(screen, path), "1x");
});

test("a directory that is missing is told before anything is typed", async () => {
  const screen = await edit({}, 80, 24, "edit none/a");
  assertStringIncludes(screen.rows.at(-1)!, "there is no directory none");
});

test("a file that somebody else has changed is not written over unasked", async () => {
  const screen = await edit({ "/home/a": "mine\n" });
  screen.session.machine.spawn("/bin/sh", ["-c", "echo yours > /home/a"], {});
  screen.session.settle(1_000_000_000);
  const asked = await screen.type(`x${SAVE}`);
  assertStringIncludes(asked.at(-1)!, "the file has changed on the disk");
  await screen.type("n");
  assertEquals(onDisk(screen, "/home/a"), "yours\n");
  await screen.type(`${SAVE}y`);
  assertEquals(onDisk(screen, "/home/a"), "xmine\n");
});

test("a file with two names keeps both, and no copy stays beside it", async () => {
  const screen = await edit({ "/home/a": "x" }, 80, 24, "ln a b; edit b");
  await screen.type(`1${SAVE}`);
  assertEquals(onDisk(screen, "/home/a"), "1x");
  await screen.type(`2${SAVE}${QUIT}`);
  assertEquals(onDisk(screen, "/home/a"), "12x");
  const listed = await screen.type("clear\rls -a\r");
  assertEquals(listed.filter((row) => row.includes("b.")), []);
});

test("killed from outside: the terminal is back, and the text is in FILE.save", async () => {
  const screen = await edit({ "/home/a": "x" });
  await screen.type("precious");
  const { machine } = screen.session;
  const editor = [...machine.processes.values()].find(({ name }) =>
    name === "edit"
  )!;
  machine.spawn("/bin/kill", [String(editor.pid)], {});
  const rows = await screen.type("");
  assert(!screen.isAlternate);
  assertStringIncludes(
    rows.join("\n"),
    "what was not saved is in /home/a.save",
  );
  assertEquals(onDisk(screen, "/home/a.save"), "preciousx");
  assertEquals(onDisk(screen, "/home/a"), "x");
  assertStringIncludes(
    (await screen.type("echo ba''ck\r")).join("\n"),
    "\nback",
  );
});

test("+LINE goes there", async () => {
  const text = Array.from({ length: 50 }, (_, n) => `${n + 1}`).join("\n");
  const screen = await edit({ "/home/a": text }, 80, 24, "edit +40 a");
  assertEquals(screen.rows[screen.cursor[0]], "40");
  await screen.type(UP + LEFT);
  assertEquals(screen.rows[screen.cursor[0]], "38");
});

test("what is typed behind ^X is for the shell", async () => {
  const screen = await edit({ "/home/a": "x" });
  const rows = await screen.type(`${QUIT}echo he''re\r`);
  assertStringIncludes(rows.join("\n"), "\nhere\n");
});

test("lines without end are refused, or work, and never stop the editor", async () => {
  const long = { "/home/a": "漢".repeat(70_000), "/home/b": "x".repeat(3e6) };
  const screen = await edit(long);
  assertStringIncludes(
    screen.rows.join("\n"),
    "edit: /home/a: line 1 is too long",
  );
  await screen.type("clear\redit b\r");
  await screen.type(`${END}y${SAVE}`);
  assertEquals(onDisk(screen, "/home/b")!.length, 3e6 + 1);
  await screen.type(`${QUIT}edit c\r`);
  const pasted = await screen.type(`\x1b[200~${"漢".repeat(5_000)}\x1b[201~`);
  assertStringIncludes(pasted.at(-1)!, "too long");
  await screen.type(`${SEARCH}\x1b[200~${"漢".repeat(50_000)}\x1b[201~\r`);
  assert(screen.isAlternate);
});
