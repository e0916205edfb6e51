// What the file and text tools do that cannot be compared with the real ones: what
// Kettle does not have is refused by name, questions on a terminal, columns on
// it, times by the virtual clock.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ttymode } from "kettle";
import { newMachine, Session, type Setting, sh } from "./programs.ts";

function ended(command: string, setting?: Setting) {
  const { stdout, stderr, status } = sh(command, setting);
  return { stdout, stderr, status };
}

const FILES = { "/home/a": "one\n", "/home/b": "two\n", "/home/d/x": "x\n" };

test("what Kettle does not have is refused by its name", () => {
  const cases: [string, string][] = [
    ["ln -s a l", "ln: -s: Kettle has no symbolic links\n"],
    ["date -s now", "date: cannot set date: virtual time goes its own way\n"],
    [
      "sed '1e ls' a",
      "sed: -e expression #1, char 2: command e is not supported: it would run a shell\n",
    ],
    [
      "sed s/a/b/e a",
      "sed: -e expression #1, char 7: flag e of s is not supported: it would run a shell\n",
    ],
    [
      "sed '1W x' a",
      "sed: -e expression #1, char 2: command W is not supported: write a file with w\n",
    ],
    [
      "sed v a",
      "sed: -e expression #1, char 1: command v is not supported: there are no versions to ask for\n",
    ],
  ];
  const { world, machine } = newMachine({ files: FILES });
  for (const [command, wanted] of cases) {
    const shell = machine.spawn("/bin/sh", ["-c", command], { cwd: "/home" });
    world.run({ until: shell });
    assertEquals([shell.stdout, shell.stderr], ["", wanted], command);
    assertEquals(shell.exit, { status: 1 });
  }
});

test("touch makes a file as new as now, and changes nothing in it", () => {
  assertEquals(
    ended("sleep 50; touch a; stat -c '%Y %s' a b; cat a", { files: FILES }),
    { stdout: "1347962450 4\n1347962400 4\none\n", stderr: "", status: 0 },
  );
  assertEquals(
    ended("sleep 5; : >e; sleep 10; touch e; date -r e +%T; touch -c n; ls")
      .stdout,
    "10:00:15\ne\n",
  );
});

test("touch sets the time that is asked for, and cp -p keeps it", () => {
  const times = (command: string) =>
    ended(`${command}; stat -c %Y a`, { files: FILES });
  const table: [string, number][] = [
    ["touch -d '2012-09-17 10:00:00' a", 1_347_876_000],
    ["touch -d @1347876001 a", 1_347_876_001],
    ["touch -t 201209181000.30 a", 1_347_962_430],
    ["touch -t 09181001 a", 1_347_962_460],
    ["touch -t 1209181000 a", 1_347_962_400],
    ["touch -d @1347962407 b; touch -r b a", 1_347_962_407],
    ["touch -d @1347962408 b; cp -p b a", 1_347_962_408],
    ["touch -d @1347962409 d/x; cp -a d e; mv e/x a", 1_347_962_409],
  ];
  for (const [command, seconds] of table) {
    const { stdout, stderr } = times(command);
    assertEquals([stdout, stderr], [`${seconds}\n`, ""], command);
  }
  const wrong: [string, string][] = [
    ["touch -d someday a", "touch: invalid date format 'someday'\n"],
    [
      "touch -d @5 a",
      "touch: '@5': a file's time is within 104 days of 18 September 2012\n",
    ],
    ["touch -t 12 a", "touch: invalid date format '12'\n"],
    [
      "touch -r none a",
      "touch: failed to get attributes of 'none': No such file or directory\n",
    ],
    [
      "touch none/a",
      "touch: cannot touch 'none/a': No such file or directory\n",
    ],
  ];
  for (const [command, words] of wrong) {
    const { stderr, status } = ended(command, { files: FILES });
    assertEquals([stderr, status], [words, 1], command);
  }
});

test("date and stat tell the virtual clock", () => {
  assertEquals(ended("date").stdout, "Tue Sep 18 10:00:00 UTC 2012\n");
  assertEquals(ended("date -I; date -R").stdout.split("\n"), [
    "2012-09-18",
    "Tue, 18 Sep 2012 10:00:00 +0000",
    "",
  ]);
  assertEquals(
    ended("sleep 1.5; date +%T.%N; date -d '1 day ago' +%F").stdout.slice(0, 9),
    "10:00:01.",
  );
  assertEquals(
    ended("date -d tomorrow +%a; date -d '2 hours ago' +%H").stdout,
    "Wed\n08\n",
  );
  assertMatch(
    ended("stat a", { files: FILES }).stdout,
    /^ {2}File: a\n {2}Size: 4 .* Blocks: 8 .* IO Block: 4096 {3}regular file\n Inode: \d+ +Links: 1\nModify: 2012-09-18 10:00:00\.0{9} \+0000\n$/,
  );
});

test("find compares times with now", () => {
  const { stdout } = ended(
    "sleep 3d; echo new >c; find . -type f -mtime -1; echo; " +
      "find . -type f -mtime +1 | sort; echo; find . -mmin -5 -type f",
    { files: FILES, budgetNs: 1e15 },
  );
  assertEquals(stdout, "./c\n\n./a\n./b\n./d/x\n\n./c\n");
});

test("on a terminal ls has columns that fit, and rm -i waits for an answer", () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [`/home/name_${at}`, ""]),
  );
  const session = new Session({ files });
  const shown = session.type("ls\r").split("\n");
  assert(shown[1]!.startsWith("name_0   "), shown.join("\n"));
  assert(shown.slice(1, -1).every((line) => line.length < 80));
  assertEquals(shown.slice(1, -1).join(" ").match(/name_/g)!.length, 30);
  session.type("rm -i name_1 name_2\r");
  assertMatch(session.type("y\r"), /remove regular empty file 'name_2'\? $/);
  session.type("n\r");
  assertEquals(
    session.type("ls name_1 name_2 2>&1\r").split("\n").slice(1, 3),
    [
      "ls: cannot access 'name_1': No such file or directory",
      "name_2",
    ],
  );
});

test("reset puts a terminal in order that a program left raw", () => {
  const session = new Session({
    files: { "/home/wild": "" },
    programs: {
      "/home/wild": function* () {
        yield* ttymode(0, "raw", { echo: false });
      },
    },
  });
  session.type("./wild\r");
  session.type("reset\r");
  assertMatch(session.type("echo seen\r"), /seen\n/);
  assert(ended("reset").stderr.startsWith("\x1bc"));
  assertEquals(ended("clear").stdout, "\x1b[H\x1b[2J\x1b[3J");
});

test("env and printenv show what the shell exports; env runs what PATH has", () => {
  const env = { A: "1", B: "x y" };
  assertMatch(ended("env", { env }).stdout, /^A=1$/m);
  assertEquals(ended("printenv B NONE", { env }), {
    stdout: "x y\n",
    stderr: "",
    status: 1,
  });
  assertEquals(
    ended("env -u A B=2 sh -c 'echo $A-$B'", { env }).stdout,
    "-2\n",
  );
});

test("dd status=progress tells each second how far it is", () => {
  const { stderr } = ended(
    "dd if=/dev/hda of=/dev/null bs=1M count=500 status=progress",
    { budgetNs: 1e12 },
  );
  const told = stderr.split("\r").length - 1;
  assert(told >= 2 && told < 10, stderr);
  assertMatch(
    stderr,
    /\n500\+0 records in\n500\+0 records out\n524288000 bytes/,
  );
});

test("xargs -P runs so many at the same time", () => {
  const took = (options: string) => {
    const { world, stderr } = sh(`seq 4 | xargs -n 1 ${options} sleep`);
    assertEquals(stderr, "");
    return Math.floor(world.now / 1e9);
  };
  assertEquals([took("-P 1"), took("-P 4"), took("-P 0")], [10, 4, 4]);
});
