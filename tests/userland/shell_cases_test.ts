// The shell cases S01–S72 of the conformance list: `sh -c CMD` in an empty
// directory; standard output and status are compared with what dash gave.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { sh } from "./programs.ts";

/** Case, command, expected standard output, expected status. */
const CASES: [string, string, string, number][] = [
  ["S01", `echo 'a  b'"  c  "d`, "a  b  c  d\n", 0],
  [
    "S03",
    String.raw`printf '%s|' "\$HOME" '\n' a\ b "x\y"; echo`,
    String.raw`$HOME|\n|a b|x\y|` + "\n",
    0,
  ],
  ["S05", `X=5; echo \${X}y "$X"y '$X'`, "5y 5y $X\n", 0],
  ["S06", `echo "[$UNSETVAR]" [$UNSETVAR]`, "[] []\n", 0],
  ["S08", "echo ${U:-def} ${U:=set} $U ${U:+alt}", "def set set alt\n", 0],
  [
    "S10",
    "echo $((2+3*4)) $(( (2+3)*4 )) $((7/2)) $((7%3))",
    "14 20 3 1\n",
    0,
  ],
  ["S12", "echo a#b # comment", "a#b\n", 0],
  ["S13", "echo one; echo two;", "one\ntwo\n", 0],
  ["S14", "true; echo $?; false; echo $?", "0\n1\n", 0],
  ["S15", "nosuchcmd 2>/dev/null; echo $?", "127\n", 0],
  ["S17", "! true; echo $?; ! false; echo $?", "1\n0\n", 0],
  ["S19", "sh -c 'exit 7'; echo $?", "7\n", 0],
  [
    "S21",
    "false || echo a; false && echo b; true || echo c; true && echo d",
    "a\nd\n",
    0,
  ],
  ["S23", "{ echo a; false; } || echo b", "a\nb\n", 0],
  ["S24", "echo hello | tr a-z A-Z", "HELLO\n", 0],
  ["S25", "printf 'b\\na\\nc\\n' | sort | head -n 1", "a\n", 0],
  ["S26", "yes | head -n 2", "y\ny\n", 0],
  ["S28", 'echo a | { read v; echo "got $v"; }', "got a\n", 0],
  ["S29", "echo x | cat | cat | wc -c", "2\n", 0],
  ["S30", "echo one >f; echo two >>f; cat f", "one\ntwo\n", 0],
  ["S31", "echo a >f; cat <f; wc -l <f", "a\n1\n", 0],
  ["S33", "{ echo out; echo err >&2; } >f 2>&1; cat f", "out\nerr\n", 0],
  ["S34", "cat nofile 2>/dev/null || echo missing", "missing\n", 0],
  ["S36", "echo hi >nodir/f 2>/dev/null; echo $?", "2\n", 0],
  ["S38", "(echo 1; echo 2) >f; cat f", "1\n2\n", 0],
  ["S39", 'echo "<$(echo a; echo b)>"', "<a\nb>\n", 0],
  ["S40", `x=$(printf 'a\\n\\n\\n'); echo "[$x]"`, "[a]\n", 0],
  ["S42", "x=$(exit 3); echo $?", "3\n", 0],
  [
    "S44",
    'x=1; (x=2; cd /); echo $x; [ "$(pwd)" = / ] || echo same',
    "1\nsame\n",
    0,
  ],
  ["S46", "x=1; { x=2; }; echo $x", "2\n", 0],
  ["S47", "touch b.c a.c x.h; echo *.c", "a.c b.c\n", 0],
  ["S48", `touch a.c; echo "*.c" '*.c' *.zz`, "*.c *.c *.zz\n", 0],
  ["S51", "mkdir d; touch d/a d/b; echo d/* */a", "d/a d/b d/a\n", 0],
  [
    "S52",
    "if false; then echo a; elif true; then echo b; else echo c; fi",
    "b\n",
    0,
  ],
  [
    "S53",
    `for i in a 'b c' d; do echo "<$i>"; done`,
    "<a>\n<b c>\n<d>\n",
    0,
  ],
  [
    "S55",
    "case foo.c in *.h) echo h;; *.c) echo c;; *) echo other;; esac",
    "c\n",
    0,
  ],
  ["S56", 'f() { echo "$1-$#"; return 3; }; f a b; echo $?', "a-2\n3\n", 0],
  ["S57", "if false; then echo x; fi; echo $?", "0\n", 0],
  [
    "S58",
    "until [ -e flag ]; do echo mk; >flag; done; echo end",
    "mk\nend\n",
    0,
  ],
  ["S59", "x=5; cat <<E\nv=$x $((1+1))\nE", "v=5 2\n", 0],
  ["S61", "echo bg & wait; echo done", "bg\ndone\n", 0],
  ["S62", "(exit 3) & wait $!; echo $?", "3\n", 0],
  ["S65", "wait; echo $?; wait 99999 2>/dev/null; echo $?", "0\n127\n", 0],
  ["S67", "trap 'echo bye' EXIT; echo hi", "hi\nbye\n", 0],
  [
    "S69",
    "A=1; sh -c 'echo [$A]'; export A; sh -c 'echo [$A]'",
    "[]\n[1]\n",
    0,
  ],
  [
    "S70",
    `set -- a 'b c'; echo $#; for i in "$@"; do echo "$i"; done`,
    "2\na\nb c\n",
    0,
  ],
  ["S72", "if then", "", 2],
];

for (const [id, command, stdout, status] of CASES) {
  test(`${id} ${command.replaceAll("\n", "⏎")}`, () => {
    const result = sh(command);
    assertEquals(
      { stdout: result.stdout, status: result.status },
      { stdout, status },
      result.stderr + result.reason,
    );
  });
}
