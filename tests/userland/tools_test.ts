// The small programs: their options, what they say when something is wrong, bytes
// that pass untouched, readers that go away.

import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { print } from "../../mod.ts";
import { runProgram, type Setting, sh } from "./programs.ts";

/** Standard output of a command that must succeed. */
function output(command: string, setting?: Setting): string {
  const { stdout, stderr, status, reason } = sh(command, setting);
  assertEquals({ stderr, status }, { stderr: "", status: 0 }, reason);
  return stdout;
}

function failure(command: string, setting?: Setting) {
  const { stdout, stderr, status } = sh(command, setting);
  return { stdout, stderr, status };
}

/** Every byte value, no line structure, not UTF-8, longer than a pipe holds. */
function noise(length: number): Uint8Array {
  const data = new Uint8Array(length);
  let state = 12345;
  for (let at = 0; at < length; at += 1) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    data[at] = state >>> 24;
  }
  return data;
}

const FILES = {
  "/home/a": "one\ntwo\nthree\n",
  "/home/b": "Two\nno newline",
};

test("cat joins files, - is standard input, -n numbers the lines", () => {
  assertEquals(
    output("cat a b", { files: FILES }),
    FILES["/home/a"] + FILES["/home/b"],
  );
  assertEquals(
    output("echo x | cat - a", { files: FILES }),
    "x\none\ntwo\nthree\n",
  );
  assertEquals(
    output("cat -n b", { files: FILES }),
    "     1\tTwo\n     2\tno newline",
  );
});

test("a missing file is named, the others are still read, status 1", () => {
  assertEquals(failure("cat nofile a", { files: FILES }), {
    stdout: "one\ntwo\nthree\n",
    stderr: "cat: nofile: No such file or directory\n",
    status: 1,
  });
  const commands = ["head F", "tail F", "wc F", "sort F", "grep x F", "cp F x"];
  for (const command of [...commands, "mv F x", "rm F", "stat F"]) {
    const { stderr, status } = failure(command.replace("F", "nofile"));
    assertStringIncludes(stderr, "No such file or directory\n");
    assert(status === 1 || status === 2);
  }
});

test("a directory is not read as a file", () => {
  const { stderr, status } = failure("mkdir d; cat d");
  assertEquals(stderr, "cat: d: Is a directory\n");
  assertEquals(status, 1);
});

test("every program answers --help, and a bad option with its name", () => {
  const tools = ["cat", "ls", "mkdir", "rm", "cp", "mv", "wc", "head", "tail"];
  tools.push("grep", "sleep", "ps", "date", "strace", "timeline", "tr", "sort");
  for (const tool of [...tools, "tee", "touch", "stat"]) {
    assertMatch(output(`${tool} --help`), new RegExp(`^Usage: ${tool} `));
    const { stderr, status } = failure(`${tool} --no-such-option`);
    assertStringIncludes(stderr, `${tool}: unrecognized option`);
    assertStringIncludes(stderr, `Try '${tool} --help'`);
    assert(status === 1 || status === 2, tool);
  }
});

test("yes | head -n 2 ends: the writer dies of SIGPIPE", () => {
  const { stdout, stderr, status } = failure("yes | head -n 2");
  assertEquals([stdout, stderr, status], ["y\ny\n", "", 0]);
  const { stdout: told } = failure(
    "trap '' PIPE; { yes; echo $? >&2; } | head -n 1",
  );
  assertEquals(told, "y\n");
});

test("cat does not read what it writes", () => {
  const { stderr, status } = failure("cat a >>a", { files: FILES });
  assertEquals(stderr, "cat: a: input file is output file\n");
  assertEquals(status, 1);
});

test("bytes pass untouched through cat, head, tail, tee, cp and are counted", () => {
  const data = noise(300_000);
  const { machine, world } = sh(
    "cat f | tee t >c; cp f p; head -c 100000 f >h; tail -c 7 f >e; wc -c <f; " +
      "cat f | wc -c",
    { files: { "/home/f": data } },
  );
  const process = machine.spawn(
    "/bin/sh",
    ["-c", "cat c; cat t; cat p; cat h; cat e"],
    { cwd: "/home" },
  );
  world.run({ until: process });
  const bytes = machine.files.peek("/home/c");
  assertEquals(bytes, data);
  for (const name of ["t", "p"]) {
    assertEquals(machine.files.peek(`/home/${name}`), data);
  }
  assertEquals(machine.files.peek("/home/h"), data.slice(0, 100_000));
  assertEquals(machine.files.peek("/home/e"), data.slice(-7));
});

test("wc counts lines, words and bytes, of several files with a total", () => {
  assertEquals(output("wc -l a", { files: FILES }), "3 a\n");
  assertEquals(output("wc -w <b", { files: FILES }), "3\n");
  assertEquals(output("printf 'ä ö\\n' | wc -c"), "6\n");
  assertEquals(
    output("wc a b", { files: FILES }),
    " 3  3 14 a\n 1  3 14 b\n 4  6 28 total\n",
  );
});

test("head and tail take lines or bytes, from the end or from a line on", () => {
  assertEquals(output("seq 20 | head -n 2"), "1\n2\n");
  assertEquals(output("seq 20 | head -3"), "1\n2\n3\n");
  assertEquals(output("seq 20 | head | wc -l"), "10\n");
  assertEquals(output("printf abcdef | head -c 3"), "abc");
  assertEquals(output("seq 20 | tail -n 2"), "19\n20\n");
  assertEquals(output("seq 20 | tail -n +19"), "19\n20\n");
  assertEquals(output("printf 'a\\nb' | tail -n 1"), "b");
  assertEquals(
    output("head -n 1 a b", { files: FILES }),
    "==> a <==\none\n\n==> b <==\nTwo\n",
  );
  assertStringIncludes(
    failure("head -n x a").stderr,
    "invalid number of lines: 'x'",
  );
});

test("grep finds lines; the status says whether there was one", () => {
  assertEquals(output("grep o a", { files: FILES }), "one\ntwo\n");
  assertEquals(
    output("grep -in TWO a b", { files: FILES }),
    "a:2:two\nb:1:Two\n",
  );
  assertEquals(output("grep -v o a", { files: FILES }), "three\n");
  assertEquals(output("grep -c e a", { files: FILES }), "2\n");
  assertEquals(output("grep '^t.*e$' a", { files: FILES }), "three\n");
  assertEquals(failure("grep x a", { files: FILES }).status, 1);
  assertEquals(failure("grep -E '(' a", { files: FILES }).status, 2);
  assertEquals(output("echo 'a(b' | grep -F 'a(b'"), "a(b\n");
});

test("ls lists names in order, hidden ones with -a, details with -l", () => {
  const files = {
    "/home/b": "12345",
    "/home/a": "",
    "/home/.h": "",
    "/home/d/x": "",
  };
  assertEquals(output("ls", { files }), "a\nb\nd\n");
  assertEquals(output("ls -a", { files }), ".\n..\n.h\na\nb\nd\n");
  assertMatch(
    output("ls -l", { files }),
    /^total 8\n- 1 {4}0 Sep 18 10:00 a\n/,
  );
  assertMatch(
    output("ls -l b d", { files }),
    /^- 1 5 .* b\n\nd:\ntotal 0\n- .* x\n$/,
  );
  assertEquals(output("ls -d d", { files }), "d\n");
  assertEquals(failure("ls nofile b", { files }), {
    stdout: "b\n",
    stderr: "ls: cannot access 'nofile': No such file or directory\n",
    status: 2,
  });
});

test("mkdir -p makes all above, rm -r removes all below", () => {
  assertEquals(
    output("mkdir -p a/b/c a/b; touch a/b/c/f; ls a/b; rm -r a; ls"),
    "c\n",
  );
  assertStringIncludes(failure("mkdir a a").stderr, "'a': File exists");
  assertStringIncludes(failure("mkdir x/y").stderr, "No such file");
  assertStringIncludes(failure("mkdir d; rm d").stderr, "Is a directory");
  assertEquals(failure("rm -f nofile").status, 0);
});

test("cp and mv go to a name or into a directory", () => {
  const setting = { files: FILES };
  assertEquals(output("cp a c; cat c", setting), "one\ntwo\nthree\n");
  assertEquals(
    output("mkdir d; cp a b d; ls d; mv d e; ls", setting),
    "a\nb\na\nb\ne\n",
  );
  assertEquals(output("mv a c; ls", setting), "b\nc\n");
  assertEquals(output("mkdir d; mv a b d; ls d", setting), "a\nb\n");
  assertEquals(
    output("mkdir -p d/s; cp a d/s/x; cp -r d e; cat e/s/x", setting),
    "one\ntwo\nthree\n",
  );
  assertStringIncludes(failure("cp a a", setting).stderr, "same file");
  assertStringIncludes(failure("mkdir d; cp d e", setting).stderr, "omitting");
  assertStringIncludes(
    failure("cp a b c", setting).stderr,
    "target 'c': No such file or directory",
  );
  assertStringIncludes(
    failure("mv a", setting).stderr,
    "missing destination file operand after 'a'",
  );
});

test("tr, sort, seq, tee, basename, dirname, which, env do their small work", () => {
  assertEquals(output("echo héllo | tr a-zé A-ZÉ"), "HÉLLO\n");
  assertEquals(output("echo aabbc | tr -d b | tr -s a"), "ac\n");
  assertEquals(output("echo 'a1b22' | tr -cd '[:digit:]'"), "122");
  assertEquals(output("printf '10\\n9\\nb\\nB\\n' | sort"), "10\n9\nB\nb\n");
  assertEquals(output("printf '10\\n9\\n10\\n' | sort -nru"), "10\n9\n");
  assertEquals(output("printf 'x 2\\ny 1\\n' | sort -k 2"), "y 1\nx 2\n");
  assertEquals(output("seq 3 -1 1; seq 0 0.5 1"), "3\n2\n1\n0.0\n0.5\n1.0\n");
  assertEquals(
    output("echo x | tee f; echo y | tee -a f; cat f"),
    "x\ny\nx\ny\n",
  );
  assertEquals(output("basename /a/b.ts .ts; dirname /a/b"), "b\n/a\n");
  assertEquals(output("which cat; which nosuch || echo $?"), "/bin/cat\n1\n");
  assertEquals(output("env A=5 sh -c 'echo $A'"), "5\n");
});

test("uniq, tac, cut, xargs, find, rmdir, ln, free do theirs", () => {
  assertEquals(
    output("printf 'a\\na\\nb\\n' | uniq -c"),
    "      2 a\n      1 b\n",
  );
  assertEquals(output("printf 'a\\na\\nb\\n' | uniq -d"), "a\n");
  assertEquals(output("seq 3 | tac"), "3\n2\n1\n");
  assertEquals(output("echo a:b:c | cut -d : -f 1,3"), "a:c\n");
  assertEquals(output("echo añb | cut -c 2-"), "ñb\n");
  assertEquals(output("seq 5 | xargs -n 2 echo x"), "x 1 2\nx 3 4\nx 5\n");
  const made = "mkdir -p a/b; touch a/b/f.c a/g; ";
  assertEquals(output(`${made} find a -name '*.c'`), "a/b/f.c\n");
  assertEquals(output(`${made} find a -type d`), "a\na/b\n");
  assertEquals(output("mkdir d; rmdir d; ls"), "");
  assertStringIncludes(
    failure(`${made} rmdir a`).stderr,
    "Directory not empty",
  );
  assertEquals(output("echo x >a; ln a b; rm a; cat b"), "x\n");
  assertMatch(output("free"), /^Mem: +65536 +\d+ +\d+ +\d+ +\d+ +\d+$/m);
});

test("sleep takes units, complains about what is no time", () => {
  const { world } = sh("sleep 20ms 5us");
  assert(world.now > 20_005_000);
  assertStringIncludes(
    failure("sleep soon").stderr,
    "invalid time interval 'soon'",
  );
  assertStringIncludes(failure("sleep").stderr, "missing operand");
});

test("date tells the virtual clock from the boot date on", () => {
  assertEquals(output("date +%F"), "2012-09-18\n");
  assertMatch(output("date"), /^Tue Sep 18 10:00:00 UTC 2012\n$/);
  assertEquals(output("sleep 75; date +%T", { budgetNs: 1e11 }), "10:01:15\n");
});

test("ps shows every process, its state and what it waits for", () => {
  const shown = output("sleep 5 & ps; kill $!");
  assertMatch(shown, /^ *PID +PPID +ST +THR +TIME +COMMAND +WAITS FOR\n/);
  assertMatch(shown, / S .* sleep .*timer: 5\.0 s of its sleep left/);
  assertMatch(shown, / R .* ps/);
});

test("strace shows each call with the time since the first", () => {
  const { stdout, stderr, status } = failure("strace hello");
  assertEquals(stdout, "hello, kettle\n");
  const [first, last] = stderr.split("\n");
  assertEquals(first, '     0.000 us  write(1, "hello, kettle\\n") = 14');
  assertMatch(last!, /^ +0\.\d{3} us {2}\+\+\+ exited with 0 \+\+\+$/);
  assertEquals(status, 0);
});

test("strace gives the command's status, and shows failures and signals", () => {
  const missing = failure("strace cat nofile");
  assertEquals(missing.status, 1);
  assertStringIncludes(
    missing.stderr,
    'open("nofile", "r") = -1 ENOENT (No such file or directory)',
  );
  assertEquals(failure("strace nosuch").status, 127);
  const killed = failure("strace sh -c 'kill $$'");
  assertStringIncludes(killed.stderr, "+++ killed by SIGTERM +++");
});

test("strace -c counts, -T tells how long, -f follows children", () => {
  assertMatch(
    failure("strace -c cat /bin/hello").stderr,
    /\n +\d+\.\d\d 0\.\d{9} +\d+\.\d +2 +read\n/,
  );
  assertMatch(failure("strace -T hello").stderr, / = 14 <0\.0{6}\d{3}>\n/);
  const followed = failure("strace -f sh -c 'hello; true'").stderr;
  assertMatch(followed, /\[pid \d+\] write\(1, "hello, kettle\\n"\) = 14/);
});

test("timeline draws threads, CPU and disk in at most 80 columns", () => {
  const { stderr, status } = failure("timeline cat /bin/hello");
  assertEquals(status, 0);
  const rows = stderr.trimEnd().split("\n");
  assert(rows.every((row) => [...row].length <= 80), stderr);
  assertMatch(stderr, /^cpu 0 +[Ko ]+$/m);
  assertMatch(stderr, /^cat +K?B disk \.+/m);
  assertMatch(stderr, /^disk +-*S*O+T+/m);
});

test("help lists twelve things, explains one, knows the nearest", () => {
  const rows = output("help").trimEnd().split("\n");
  assertEquals(rows.length, 12);
  assert(rows.every((row) => row.length < 80));
  assertStringIncludes(output("help cat"), "[FILE]…: writes files");
  const unknown = failure("help gerp");
  assertEquals(unknown.status, 1);
  assertStringIncludes(unknown.stdout, "the nearest is grep");
});

test("run, ./ and the bare name start a program of one's own", () => {
  const setting: Setting = {
    files: {
      "/home/mine.ts": "…",
      "/home/s.sh": "echo script $1\n",
      "/home/x": "#!/bin/sh\necho bang\n",
    },
    programs: {
      "/home/mine.ts": function* (args) {
        yield* print(`mine ${args.join("-")}`);
      },
    },
  };
  assertEquals(
    output("run mine.ts a b; ./mine.ts; mine.ts c; ./s.sh 1; ./x", setting),
    "mine a-b\nmine \nmine c\nscript 1\nbang\n",
  );
  assertEquals(failure("run nosuch.ts").status, 127);
});

test("what is no program is refused with status 126", () => {
  const { stderr, status } = failure("./data", {
    files: { "/home/data": "x" },
  });
  assertMatch(stderr, /ENOEXEC|Exec format error|not a program/);
  assertEquals(status, 126);
  assertEquals(failure("mkdir d; ./d").status, 126);
});

test("each shipped program opens with a comment and is short enough to read", () => {
  const { machine } = runProgram("/bin/true", []);
  const decoder = new TextDecoder();
  for (
    const name of ["cat", "ls", "grep", "strace", "timeline", "figure_push"]
  ) {
    const source = decoder.decode(machine.files.peek(`/bin/${name}`)!);
    assert(source.startsWith(`// ${name}`), name);
    assert(source.split("\n").length <= 200, name);
  }
});
