// The shell at a console, further: completion inside quotes and words, traps at
// the prompt, jobs that are subshells and pipelines, prompts with variables.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Session } from "./programs.ts";

const SECOND_NS = 1_000_000_000;
const PROMPT = "kettle$ ";

/** What a line has become after Tab. */
function completed(keys: string, files: Record<string, string> = {}): string {
  const session = new Session({ files });
  const shown = session.type(`${keys}\x05\x15\x1f`);
  return shown.slice(shown.lastIndexOf(PROMPT) + PROMPT.length);
}

test("Tab quotes as the word is quoted, and closes the quote of a whole name", () => {
  const files = {
    "/home/one file.txt": "1\n",
    "/home/it's.txt": "2\n",
    "/home/$x.txt": "3\n",
    "/home/dir/inner": "4\n",
  };
  const cases: [string, string][] = [
    ['cat "one\t', 'cat "one file.txt" '],
    ["cat 'one\t", "cat 'one file.txt' "],
    ["cat one\t", "cat one\\ file.txt "],
    ["cat one\\ \t", "cat one\\ file.txt "],
    ["cat it\t", "cat it\\'s.txt "],
    ['cat "it\t', 'cat "it\'s.txt" '],
    ["cat '$\t", "cat '$x.txt' "],
    ["cat ./on\t", "cat ./one\\ file.txt "],
    ["cat ~/di\tin\t", "cat ~/dir/inner "],
    ['cat "di\tin\t', 'cat "dir/inner" '],
    ["cat <on\t", "cat <one\\ file.txt "],
    ["x=on\t", "x=one\\ file.txt "],
    ["echo $HO\t/x", "echo $HOME/x"],
    ['echo "${HO\t', 'echo "${HOME}'],
    ["true && basen\t", "true && basename "],
    ["time basen\t", "time basename "],
    ["while basen\t", "while basename "],
    ["(basen\t", "(basename "],
    ["nosuchprefix\t", "nosuchprefix"],
  ];
  for (const [keys, wanted] of cases) {
    assert(completed(keys, files).endsWith(wanted), `${keys} → ${wanted}`);
  }
});

test("Tab in the middle of a word completes it there", () => {
  const session = new Session({ files: { "/home/hello.txt": "hi\n" } });
  const shown = session.type("cat hello.txt" + "\x1b[D".repeat(6) + "\t\r");
  assert(shown.endsWith(`cat hello.txt \nhi\n${PROMPT}`), shown);
});

test("two Tabs list commands, variables and paths, names only", () => {
  const files = { "/home/sub/b1": "", "/home/sub/b2": "" };
  const session = new Session({ files, env: { COLOUR: "a", COLUMN: "b" } });
  assertStringIncludes(session.type("ls sub/\t\t"), "\nb1  b2\n");
  session.type("\x15");
  assertStringIncludes(session.type("echo $COL\t\t"), "\nCOLOUR  COLUMN\n");
  session.type("\x15");
  assertStringIncludes(session.type("ba\t\t"), "basename");
  assertStringIncludes(session.type("\x15f() { :; }\rf\t\t"), "false");
});

test("keys of one line reach into the next: kills, the last argument, undo", () => {
  const session = new Session();
  session.type("echo some words\x17\x17\r");
  assert(session.type("echo \x19\r").endsWith(`\nsome words\n${PROMPT}`));
  assert(session.type("echo got \x1b.\r").endsWith(`\ngot words\n${PROMPT}`));
  assert(
    session.type("echo a b\x17\x1f\x1fz\r").endsWith(`z\naz\n${PROMPT}`),
  );
});

test("a trap runs at the prompt at once, and the line is there again", () => {
  const session = new Session();
  session.type("trap 'echo caught' USR1; trap 'echo int' INT\r");
  session.type("(sleep 1; kill -USR1 $$) &\r", 100_000_000);
  const shown = session.type("echo half", 2 * SECOND_NS);
  assertStringIncludes(shown, `half\ncaught\n${PROMPT}echo half`);
  assertEquals(
    session.type(" whole\r"),
    ` whole\nhalf whole\n${"[1] + Done  (sleep 1; kill -USR1 $$)"}\n${PROMPT}`,
  );
  assertEquals(session.type("x\x03"), `x^C\nint\n${PROMPT}`);
  session.type("trap - INT\r");
  assertEquals(session.type("x\x03"), `x^C\n${PROMPT}`);
  session.type("trap 'exit 7' USR1; kill -USR1 $$\r");
  assertEquals(session.shell.exit, { status: 7 });
});

test("a script's own trap takes ^C, and the script goes on", () => {
  const session = new Session();
  session.type(
    "sh -c \"trap 'echo got' INT; sleep 5; echo after\"\r",
    SECOND_NS,
  );
  assertEquals(session.type("\x03", SECOND_NS), `^C\ngot\nafter\n${PROMPT}`);
});

test("read at the console: a line, ^D, ^C, and a signal with a trap", () => {
  const session = new Session();
  session.type("read a b\r", SECOND_NS);
  assertEquals(session.type("one two three\r"), `one two three\n${PROMPT}`);
  assertEquals(session.type("echo $b\r"), `echo $b\ntwo three\n${PROMPT}`);
  session.type("read x; echo $?\r", SECOND_NS);
  assertEquals(session.type("\x04"), `1\n${PROMPT}`);
  session.type("read x; echo no\r", SECOND_NS);
  assertEquals(session.type("\x03"), `^C\n${PROMPT}`);
  session.type(
    "trap 'echo t' USR1; (sleep 1; kill -USR1 $$) & read x; echo $?\r",
  );
  assertStringIncludes(session.take() + session.machine.screen, "t\r\n138");
});

test("^Z stops a pipeline and a subshell whole; fg brings them back whole", () => {
  const session = new Session();
  session.type("sleep 20 | (sleep 30; echo end)\r", SECOND_NS);
  assertStringIncludes(
    session.type("\x1a", SECOND_NS),
    "[1] + Stopped  sleep 20 |",
  );
  const states = [...session.machine.processes.values()]
    .filter(({ name }) => name === "sleep").length;
  assertEquals(states, 2);
  session.type("fg\r", SECOND_NS);
  assertEquals(session.type("\x03", SECOND_NS), `^C\n${PROMPT}`);
  const left = [...session.machine.processes.values()]
    .filter(({ name }) => name === "sleep").length;
  assertEquals(left, 0);
});

test("jobs -l shows process numbers, -p only those, %n only that one", () => {
  const session = new Session();
  session.type("sleep 50 &\r", SECOND_NS);
  session.type("sleep 60 | sleep 61 &\r", SECOND_NS);
  const shown = session.type("jobs -p; jobs -l %1; echo $!\r", SECOND_NS);
  const [, first, second, listed, last] = shown.split("\n");
  assertEquals(listed, `[1] - ${first} Running  sleep 50`);
  assertEquals(Number(second) + 1, Number(last));
  assertStringIncludes(session.type("jobs %7\r", SECOND_NS), "no such job");
  session.type("kill %1 %2\r", SECOND_NS);
  assertEquals(session.type("jobs\r", SECOND_NS), `jobs\n${PROMPT}`);
});

test("PS1 and PS2 may hold variables and commands", () => {
  const session = new Session();
  session.type("PS1='$PWD \\$ ' PS2='$x> ' x=more\r");
  assertEquals(session.type("cd /tmp\r"), "cd /tmp\n/tmp $ ");
  assertEquals(session.type("echo 'a\r"), "echo 'a\nmore> ");
  assertEquals(session.type("b'\r"), "b'\na\nb\n/tmp $ ");
  session.type("PS1='$(echo sub)! '\r");
  assertEquals(session.type("\r"), "\nsub! ");
});

test("here-docs at the prompt: two on a line, in a loop, in a function", () => {
  const session = new Session();
  session.type("cat <<A; cat <<'B'\r1 $((1+1))\rA\r");
  assertEquals(session.type("$x\rB\r"), `$x\n> B\n1 2\n$x\n${PROMPT}`);
  session.type("f() { cat <<E\rarg $1\rE\r");
  session.type("}\r");
  assertEquals(session.type("f a\r"), `f a\narg a\n${PROMPT}`);
  session.type("for i in 1 2; do cat <<E; done\rn $i\r");
  assertEquals(session.type("E\r"), `E\nn 1\nn 2\n${PROMPT}`);
});

test("lines typed ahead of a command's end stand there once", () => {
  const session = new Session();
  const shown = session.type("for i in 1 2\rdo echo $i\rdone\r");
  assertEquals(
    shown,
    `for i in 1 2\n> do echo $i\n> done\n1\n2\n${PROMPT}`,
  );
});

test("set -u and readonly cost a line at the prompt, not the shell", () => {
  const session = new Session();
  session.type("set -u; readonly r=1\r");
  assertStringIncludes(session.type("echo $nope\r"), "nope: parameter not set");
  assertStringIncludes(session.type("r=2\r"), "r: is read only");
  assertEquals(session.type("echo $r\r"), `echo $r\n1\n${PROMPT}`);
});

test("who types the names of elsewhere is told what does that here", () => {
  const session = new Session();
  assertStringIncludes(
    session.type("nano a.ts\r"),
    "nano: not found; here it is edit",
  );
  assertStringIncludes(session.type("ll\r"), "here it is ls -l");
  assertStringIncludes(session.type("!!\r"), "^R");
  assertStringIncludes(session.type("./nano\r"), "sh: ./nano: not found\n");
});
