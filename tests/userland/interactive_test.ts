// The shell at a real console: job control, line editing, history, completion.
// Keys go in through the tty, what it shows comes out.

import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { newMachine, Session, sh } from "./programs.ts";

const SECOND_NS = 1_000_000_000;
const PROMPT = "kettle$ ";

test("a login shell greets in one line and prompts in green", () => {
  const session = new Session();
  assertEquals(
    session.take(),
    "Kettle 1.0: a toy kernel in virtual time.\n" +
      "1 CPU, 64 MiB, one disk. Try:\n" +
      `  hello   ls /bin   cat /bin/hello   help\n${PROMPT}`,
  );
  assertStringIncludes(session.machine.screen, "\x1b[32mkettle$\x1b[0m ");
});

test("J1 sleep 30, ^Z, jobs, bg, fg, ^C, echo $?", () => {
  const session = new Session();
  session.type("sleep 30\r", SECOND_NS);
  const stopped = "[1] + Stopped  sleep 30";
  assertEquals(session.type("\x1a", SECOND_NS), `^Z\n${stopped}\n${PROMPT}`);
  assertEquals(
    session.type("jobs\r", SECOND_NS),
    `jobs\n${stopped}\n${PROMPT}`,
  );
  assertEquals(
    session.type("bg\r", SECOND_NS),
    `bg\n[1] sleep 30\n${PROMPT}`,
  );
  assertEquals(session.type("fg\r", SECOND_NS), "fg\nsleep 30\n");
  assertEquals(session.type("\x03", SECOND_NS), `^C\n${PROMPT}`);
  assertEquals(session.type("echo $?\r"), `echo $?\n130\n${PROMPT}`);
});

test("a background job is announced with its number and that of its last process", () => {
  const session = new Session({});
  const shown = session.type("sleep 3 | sleep 2 &\r", SECOND_NS);
  const [, last] = session.type("echo $!\r", SECOND_NS).split("\n");
  assertEquals(shown.split("\n")[1], `[1] ${last}`);
  assertEquals(sh("sleep 0.1 & wait").stderr, "");
  assert(!session.type("nosuch &\r", SECOND_NS).includes("[2] 0"));
});

test("J2 cat & is stopped when it reads the terminal", () => {
  const session = new Session();
  const stopped = "[1] + Stopped (tty input)  cat";
  session.type("cat &\r", SECOND_NS);
  assertEquals(
    session.type("jobs\r", SECOND_NS),
    `jobs\n${stopped}\n${PROMPT}`,
  );
});

test("J3 cat echoes a line once and ^D ends it", () => {
  const session = new Session();
  session.type("cat\r", SECOND_NS);
  assertEquals(session.type("hi\r", SECOND_NS), "hi\nhi\n");
  assertEquals(session.type("\x04", SECOND_NS), PROMPT);
});

test("J4 ^U takes the line back", () => {
  const shown = new Session().type("abc\x15echo x\r");
  assert(shown.endsWith(`echo x\nx\n${PROMPT}`), shown);
});

test("J5 a background job that has ended is told once, before a prompt", () => {
  const session = new Session();
  session.type("sleep 0.1 &\r", SECOND_NS);
  assertEquals(session.type("\r"), `\n[1] + Done  sleep 0.1\n${PROMPT}`);
  assertEquals(session.type("\r"), `\n${PROMPT}`);
});

test("^C at the prompt drops the line, ^D on an empty line ends the shell", () => {
  const session = new Session();
  assertEquals(session.type("echo no\x03"), `echo no^C\n${PROMPT}`);
  assertEquals(session.type("echo $?\r"), `echo $?\n130\n${PROMPT}`);
  assertEquals(session.type("\x04"), "exit\n");
  assertEquals(session.shell.exit, { status: 0 });
});

test("^C ends a loop of the shell itself, and a pipeline", () => {
  const session = new Session();
  session.type("while :; do :; done\r", SECOND_NS);
  assertEquals(session.type("\x03", SECOND_NS), `^C\n${PROMPT}`);
  session.type("sleep 9 | cat\r", SECOND_NS);
  assertEquals(session.type("\x03", SECOND_NS), `^C\n${PROMPT}`);
  session.type(
    "sleep 5 || echo no; for i in 1 2; do sleep 5; done\r",
    SECOND_NS,
  );
  assertEquals(session.type("\x03", SECOND_NS), `^C\n${PROMPT}`);
  assertEquals(session.type("echo $?\r"), `echo $?\n130\n${PROMPT}`);
});

test("^C ends a command whose output was awaited", () => {
  const session = new Session();
  session.type("echo $(sleep 9; echo no)\r", SECOND_NS);
  assertEquals(session.type("\x03", SECOND_NS), `^C\n${PROMPT}`);
  assertEquals(session.type("echo $?\r"), `echo $?\n130\n${PROMPT}`);
});

test("a job that ^Z stopped inside && leaves the rest of the line out", () => {
  const session = new Session();
  session.type("sleep 5 && echo after\r", SECOND_NS);
  assertStringIncludes(session.type("\x1a", SECOND_NS), "Stopped");
  assertEquals(session.type("echo $?\r"), `echo $?\n148\n${PROMPT}`);
});

test("exit with stopped jobs warns once", () => {
  const session = new Session();
  session.type("sleep 30\r", SECOND_NS);
  session.type("\x1a", SECOND_NS);
  assertStringIncludes(session.type("exit\r"), "You have stopped jobs.");
  assertEquals(session.shell.exit, null);
  session.type("exit 3\r");
  assertEquals(session.shell.exit, { status: 3 });
});

test("two jobs have their marks, %n and names pick one", () => {
  const session = new Session();
  session.type("sleep 50 &\r", SECOND_NS);
  session.type("sleep 60 &\r", SECOND_NS);
  const shown = session.type("jobs\r", SECOND_NS);
  assertStringIncludes(shown, "[1] - Running  sleep 50");
  assertStringIncludes(shown, "[2] + Running  sleep 60");
  const killed = session.type("kill %1\r", SECOND_NS);
  assertStringIncludes(killed, "[1] - Terminated  sleep 50");
  assertStringIncludes(session.type("fg %sle\r", SECOND_NS), "sleep 60");
  assertStringIncludes(session.type("\x03", SECOND_NS), PROMPT);
});

test("an unknown command is answered with the nearest name", () => {
  const shown = new Session().type("gerp x\r");
  assertStringIncludes(shown, "sh: gerp: not found; did you mean grep?");
});

test("a command goes on in further lines until it is whole", () => {
  const session = new Session();
  assertEquals(session.type("for i in a b\r"), "for i in a b\n> ");
  assertEquals(session.type("do echo $i\r"), "do echo $i\n> ");
  assertEquals(session.type("done\r"), `done\na\nb\n${PROMPT}`);
  session.type("cat <<E\r");
  assertEquals(session.type("text\r"), "text\n> ");
  assertEquals(session.type("E\r"), `E\ntext\n${PROMPT}`);
  session.type("echo 'a\r");
  assertEquals(session.type("\x03"), `^C\n${PROMPT}`);
});

test("a mistake costs a line and not the shell", () => {
  const session = new Session();
  for (const line of ["if then", "echo ${x:1}", "echo $((1/0))", "${y?no}"]) {
    const shown = session.type(`${line}\r`);
    assertStringIncludes(shown, "sh: ");
    assertEquals(session.type("echo $?\r"), `echo $?\n2\n${PROMPT}`);
  }
});

test("history is there with the arrow, and after a restart of the shell", () => {
  const session = new Session();
  session.type("echo first\r");
  session.type("echo second\r");
  const shown = session.type("\x1b[A\x1b[A\r");
  assert(shown.endsWith(`first\n${PROMPT}`), shown);
  session.type("exit\r");
  const again = session.machine.spawn("/bin/sh", [], {
    console: true,
    cwd: "/home",
  });
  session.settle();
  assertStringIncludes(session.type("\x12second\r"), `second\n${PROMPT}`);
  assertStringIncludes(
    session.type("cat .sh_history\r"),
    "echo first\necho second\necho first\nexit\n",
  );
  assertEquals(again.exit, null);
});

test("Tab completes commands, paths and variables", () => {
  const files = { "/home/notes one.txt": "text\n", "/home/sub/deep": "x\n" };
  const session = new Session({ files });
  session.type("una\t\r");
  assertEquals(session.type("basen\ta/b\r"), `basename a/b\nb\n${PROMPT}`);
  assertEquals(
    session.type("cat not\t\r"),
    `cat notes\\ one.txt \ntext\n${PROMPT}`,
  );
  assertEquals(session.type("cat s\tde\t\r"), `cat sub/deep \nx\n${PROMPT}`);
  assertEquals(session.type("echo $HOM\t\r"), `echo $HOME\n/home\n${PROMPT}`);
  assertEquals(session.type("base\t\x15").length > 4, true);
});

test("a second Tab shows the list and the line again", () => {
  const files = { "/home/aa1": "", "/home/aa2": "" };
  const session = new Session({ files });
  session.type("cat a\t");
  assertEquals(session.type("\t"), `\naa1  aa2\n${PROMPT}cat aa`);
});

test("a bracketed paste of several lines runs when Enter is typed", () => {
  const session = new Session();
  const shown = session.type("\x1b[200~echo 1\necho 2\x1b[201~");
  assert(shown.endsWith("echo 1\necho 2"), shown);
  assertEquals(session.type("\r"), `\n1\n2\n${PROMPT}`);
});

test("wide characters are edited and printed whole", () => {
  const session = new Session();
  const shown = session.type("echo 漢字é😀\x7fß\r");
  assert(shown.endsWith(`漢字éß\n${PROMPT}`), shown);
});

test("what is typed ahead of a command goes to the command", () => {
  const session = new Session();
  const shown = session.type("cat\rtyped ahead\r\x04echo done\r", SECOND_NS);
  assertEquals(shown.split("typed ahead\n").length, 3); // echoed, and by cat
  assert(shown.endsWith(`done\n${PROMPT}`), shown);
});

test("a paste of 100 KiB loses and doubles nothing", () => {
  const session = new Session();
  const text = "0123456789abcdef".repeat(64 * 100);
  session.type(`printf %s \x1b[200~${text}\x1b[201~ | wc -c\r`);
  session.settle();
  assertStringIncludes(session.machine.screen, "102400");
});

test("time tells the virtual time of a pipeline", () => {
  const shown = new Session().type("time sleep 0.25\r");
  assertMatch(
    shown,
    /real 2[5-9]\d\.\d{3} ms\nuser \d\.\d{3} ms\nsys \d\.\d{3} ms\n/,
  );
  const posix = new Session().type("time -p sleep 0.25 | cat\r");
  assertMatch(posix, /real 0\.2[5-9]\nuser 0\.0\d\nsys 0\.0\d\n/);
});

test("a shell on a pipe is a script: no prompt, no job control", () => {
  const { world, machine } = newMachine();
  const process = machine.spawn("/bin/sh", [], {
    stdin: "x=1\nif true\nthen echo $x\nfi\nfg\necho $?",
    cwd: "/home",
  });
  world.run({ until: process });
  assertEquals(process.stdout, "1\n2\n");
  assertStringIncludes(process.stderr, "no job control");
});

test("10,000 lines of output arrive complete and in order", () => {
  const session = new Session();
  const shown = session.type("seq 10000\r");
  const numbers = shown.split("\n").slice(1, -1).map(Number);
  assertEquals(numbers.length, 10_000);
  assert(numbers.every((number, index) => number === index + 1));
});
