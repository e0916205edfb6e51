// Which process is which: `$!` is the program itself, a subshell's last command
// takes its place, and a script is run by what its `#!` names.

import { test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Main, pause, print, type Program } from "../../mod.ts";
import { newMachine, Session, sh } from "./programs.ts";

const waiting: Main = function* (): Program {
  yield* print("up");
  while (true) yield* pause();
};
const PROGRAMS = { "/servers/wait_block.ts": waiting };
const FILES = { "/servers/wait_block.ts": "the test brings it\n" };

/** The names of the processes that are left, shells and programs. */
function leftAfter(command: string): string[] {
  const { world, machine } = newMachine({ programs: PROGRAMS, files: FILES });
  const shell = machine.spawn("/bin/sh", ["-c", command], { cwd: "/home" });
  world.run({ until: shell, budgetNs: 5_000_000_000 });
  world.run({ budgetNs: 1_000_000_000 });
  return [...machine.processes.values()].map(({ name }) => name)
    .filter((name) => name !== "init");
}

test("kill $! reaches a server whose name came from a variable", () => {
  const loop = "for s in block; do /servers/wait_$s.ts 8080 & sleep 0.1; " +
    "kill $!; wait $!; echo $?; done";
  const result = sh(loop, { programs: PROGRAMS, files: FILES });
  assertEquals(result.stdout, "up\n143\n");
  assertEquals(leftAfter(loop), []);
});

const ASYNC = [
  "x=5; sleep $x &",
  "s=sleep; $s 5 &",
  "sleep $(echo 5) &",
  "sleep $((2+3)) &",
  "A=$(echo b) sleep 5 &",
  "sleep 5 >$(echo f) &",
  "(sleep 5) &",
  "{ sleep 5; } &",
  "(cd /; exec sleep 5) &",
  "sh -c 'sleep 5' &",
  "true && sleep 5 &",
  "if true; then sleep 5; fi &",
  "case a in a) sleep 5;; esac &",
  "{ echo in | cat; sleep 5; } >f &",
];
for (const command of ASYNC) {
  test(`the pid of ${command} is that of sleep`, () => {
    const ending = "sleep 0.1; kill $!; wait $!; echo $?";
    const result = sh(`${command} ${ending}`);
    assertEquals(result.stdout.trimEnd().split("\n").at(-1), "143");
    assertEquals(leftAfter(`${command} sleep 0.1; kill $!`), []);
  });
}

test("a subshell with a trap does not become its last command", () => {
  assertEquals(sh("(trap 'echo bye' EXIT; sleep 0.1)").stdout, "bye\n");
  const caught =
    "(trap 'echo t' TERM; sleep 0.2; :) & sleep 0.1; kill $!; wait";
  assertEquals(sh(caught).stdout, "t\n");
});

test("a stage of a pipeline is one process", () => {
  const { world, machine } = newMachine();
  machine.spawn("/bin/sh", ["-c", "x=sleep; $x 9 | sleep 9"], { cwd: "/home" });
  world.run({ budgetNs: 100_000_000 });
  const names = [...machine.processes.values()].map(({ name }) => name);
  assertEquals(names.filter((name) => name === "sleep").length, 2);
  assertEquals(names.filter((name) => name === "sh").length, 1);
});

/** Files of shell text, and what running each gives. */
const SCRIPT = 'echo "$0 $# $1"; exit 4\n';
test("a script is run by what its #! names, with its option", () => {
  const files = {
    "/home/plain": `#!/bin/sh\n${SCRIPT}`,
    "/home/spaced": `#! /usr/bin/sh -u\n${SCRIPT}echo $nope\n`,
    "/home/strict": "#!/bin/sh -u\necho $nope\n",
    "/home/word": "#!/usr/bin/env sh\necho env $1\n",
    "/home/rows": "#!/bin/cat\nrow\n",
    "/home/name.sh": "echo by name $1\n",
    "/bin/listed": "#!/bin/sh\necho in PATH $1\n",
    "/home/other": "#!/bin/bash\necho no\n",
  };
  const run = (command: string) => sh(command, { files });
  assertEquals(run("./plain a b; echo $?").stdout, "./plain 2 a\n4\n");
  assertEquals(run("./spaced x; echo $?").stdout, "./spaced 1 x\n4\n");
  assertEquals(run("./strict").status, 2);
  assertEquals(run("./word it").stdout, "env it\n");
  assertEquals(run("./rows").stdout, "#!/bin/cat\nrow\n");
  assertEquals(run("./name.sh x").stdout, "by name x\n");
  assertEquals(run("listed y").stdout, "in PATH y\n");
  assertEquals(run("exec ./plain z").stdout, "./plain 1 z\n");
  assertEquals(run("PATH=/bin:/home; plain").stdout, "/home/plain 0 \n");
  assertEquals(run("./plain | cat; ./plain & wait").stdout.length, 22);
  const missing = run("./other; echo $?");
  assertEquals(missing.stdout, "126\n");
  assertStringIncludes(missing.stderr, "/bin/bash, which is not there");
});

test("sh takes its options together, apart, and before -c", () => {
  assertEquals(sh("sh -uc 'echo $x' 2>/dev/null; echo $?").stdout, "2\n");
  assertEquals(sh("sh -u -c 'echo $1' n a").stdout, "a\n");
  assertEquals(sh("sh -o nounset -c 'echo $-'").stdout, "u\n");
  assertEquals(sh("echo 'echo $#$1' | sh -s a b").stdout, "2a\n");
  assertEquals(sh("sh -n -c 'echo no'; sh -nc 'if'; echo $?").stdout, "2\n");
  assertMatch(sh("sh -z 2>&1; echo $?").stdout, /not supported: .*-z.*\n2\n/);
  assertMatch(sh("sh -e -c true 2>&1; echo $?").stdout, /\|\| exit\n2\n/);
  assertMatch(sh("sh -c 2>&1; echo $?").stdout, /command missing\n2\n/);
  assertMatch(sh("sh --help").stdout, /^Usage: sh /);
});

test("set -x shows each command on standard error, with PS4", () => {
  const command = "set -x; x=1; echo $x | cat; y=2 true; PS4='> '; (echo s)";
  assertEquals(
    sh(command).stderr.split("\n").sort().filter(Boolean),
    ["+ PS4=> ", "+ cat", "+ echo 1", "+ x=1", "+ y=2 true", "> echo s"],
  );
});

test("set -x shows a command once, however it is run", () => {
  const once = (command: string) =>
    sh(`set -x; ${command}; :`).stderr.split("\n").slice(0, -2);
  assertEquals(once("ls"), ["+ ls"]);
  assertEquals(once("x=1 ls >f"), ["+ x=1 ls"]);
  assertEquals(once("(ls)"), ["+ ls"]);
  assertEquals(once("ls & wait"), ["+ ls", "+ wait"].reverse().sort());
  assertEquals(once("command ls"), ["+ ls"]);
  assertEquals(once("ls | cat").sort(), ["+ cat", "+ ls"]);
});

test("functions that call themselves without end are an error, not a crash", () => {
  const endless = [
    "f() { f; }; f",
    "f() { for i in 1; do { f; } >/dev/null; done; }; f",
    'x=\'eval "$x"\'; eval "$x"',
    "echo '. ./s' >s; . ./s",
    "trap 'kill -USR1 $$' USR1; kill -USR1 $$",
  ];
  for (const command of endless) {
    const { status, stderr } = sh(command);
    assertEquals(status, 2, command);
    assertStringIncludes(stderr, "nest deeper than");
  }
  assertEquals(
    sh("f() { [ $1 = 0 ] || f $(($1-1)); }; f 120; echo $?").stdout,
    "0\n",
  );
});

test("exec at the prompt: redirections stay, a name that is none costs nothing", () => {
  const session = new Session();
  assertStringIncludes(session.type("exec nosuch\r"), "not found");
  session.type("exec 3>f; echo one >&3; exec 3>&-\r");
  assertEquals(session.type("cat f\r"), "cat f\none\nkettle$ ");
  session.type("for i in 1 2 3 4 5 6 7 8; do exec 4<f; done; exec 4<&-\r");
  const shown = session.type("ls /proc/self/fd 2>/dev/null | wc -l\r");
  assertMatch(shown, /\n\d+\nkettle\$ $/);
  session.type("exec sleep 1\r", 500_000_000);
  const { name } = session.machine.processes.get(session.shell.pid)!;
  assertEquals(name, "sleep");
});

test("descriptors that exec opened again and again are given back", () => {
  const loop = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); exec 3<f; done";
  assertEquals(sh(`>f; ${loop}; echo $i`).stdout, "300\n");
});

test("a script is the same from a file, from -c and line by line from a pipe", () => {
  const scripts = [
    "f() {\n  echo in f $1\n  for i in 1 2\n  do\n    echo $i\n  done\n}\nf a\n",
    "if true\nthen cat <<E\nfi done }\nE\nfi\necho end\n",
    'x=\'a\nb "c\n\'\necho "$x\nd"\n',
    "echo $(echo a\necho b\n) `echo c\n`\n",
    "echo a |\ncat &&\necho b ||\necho c\n",
    "case x in\n(a) echo a ;;\n*)\n echo esac;;\nesac\n",
    "echo one \\\ntwo\necho $((1 +\n2))\n",
    "cat <<A; cat <<'B'\n$x A\nA\n$y\nB\necho ${z:-a\nb}\n",
    "{ echo a; ( echo b\n) ; }\nwhile false\ndo :\ndone\n",
    "echo no end of line",
    "f() { echo x\n",
  ];
  for (const script of scripts) {
    const given = sh(script);
    const piped = sh("sh <s", { files: { "/home/s": script } });
    const file = sh("sh s", { files: { "/home/s": script } });
    const wanted = [given.stdout, given.status];
    assertEquals([piped.stdout, piped.status], wanted, script);
    assertEquals([file.stdout, file.status], wanted, script);
  }
});
