// What other shells have and this one has not: it is named, something to write
// for it is offered, the status is 2, and nothing of the line has run.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Session, sh } from "./programs.ts";

/** A command, the name by which it is refused, and a part of what is offered. */
const REFUSED: [string, string, string][] = [
  ["[[ a = a ]]", "[[ … ]]", "[ … ]"],
  ["a=(1 2)", "arrays", "set --"],
  ["a[0]=1", "arrays (a[0]=1)", "set --"],
  ["a+=1", "+=", "x="],
  ["echo {a,b}", "brace expansion ({a,b})", "write the words out"],
  ["echo {1..3}", "brace expansion ({1..3})", "seq"],
  ["echo x{$a,b}y", "brace expansion", "seq"],
  ["cat <<< word", "here-strings (<<<)", "echo WORD |"],
  ["cat <(ls)", "process substitution (<(…))", "pipe"],
  ["ls >(cat)", "process substitution (>(…))", "pipe"],
  ["select x in a b; do echo; done", "select", "read"],
  ["function f { echo; }", "the word function", "NAME() { … }"],
  ["for ((i=0;i<3;i++)); do echo; done", "for ((…;…;…))", "seq"],
  ["(( x = 1 ))", "(( … )) as a command", "$((…))"],
  ["echo ${x/a/b}", "the expansion ${x/a/b}", "%%"],
  ["echo ${x:1:2}", "the expansion ${x:1:2}", "##"],
  ["echo ${!x}", "the expansion ${!x}", "#"],
  ["echo ${x^^}", "the expansion ${x^^}", "#"],
  ["echo ~bob/x", "home directories of users (~bob)", "whole path"],
  ["x=~bob", "home directories of users (~bob)", "whole path"],
  ["echo $'a'", "$'…'", "printf"],
  ["ls &> f", "&>", ">FILE 2>&1"],
  ["ls |& cat", "|&", "2>&1 |"],
  ["ls >& f", ">& before a name (f)", ">FILE 2>&1"],
  ["case a in a) echo;& esac", "falling through in case (;&)", "repeat"],
  ["coproc cat", "coproc", "&"],
  ["alias l=ls", "alias", "function"],
  ["unalias l", "unalias", "unset -f"],
  ["getopts ab o", "getopts", 'case "$1" in'],
  ["set -e", "set -e", "|| exit"],
  ["set -o errexit", "set -o errexit", "|| exit"],
  ["set -o pipefail", "set -o pipefail", "last command"],
  ["set -v", "set -v", "set -x"],
  ["echo $((x += 1))", "+= in arithmetic", "x = x + 1"],
  ["echo $((x++))", "++ in arithmetic", "x = x + 1"],
  ["echo $((--x))", "-- in arithmetic", "x = x - 1"],
  ["let x=1", "let", "$((…))"],
  ["declare x=1", "declare", "NAME=VALUE"],
  ["typeset x=1", "typeset", "NAME=VALUE"],
  ["source f", "source", ". FILE"],
  ["ulimit -n", "ulimit", "options"],
  ["umask 022", "umask", "no permissions"],
  ["times", "times", "time COMMAND"],
  ["shopt -s x", "shopt", "set"],
  ["pushd /", "pushd", "cd -"],
];

for (const [command, what, instead] of REFUSED) {
  test(`${command} is refused by name, with something to write for it`, () => {
    const result = sh(`${command}\necho after`);
    assertEquals(result.status, 2);
    assertEquals(result.stdout, "");
    const [, said = ""] = result.stderr.split("not supported: ");
    assert(said.startsWith(what), result.stderr);
    assertStringIncludes(said, instead);
    assertEquals(result.stderr.trimEnd().split("\n").length, 1);
  });
}

test("a refusal at the prompt costs the line and nothing else", () => {
  const session = new Session();
  session.type("x=kept; f() { echo $x; }\r");
  for (const [command] of REFUSED) {
    session.type(`${command}\r`);
    const shown = session.type("f; echo $?\r");
    assertEquals(shown, "f; echo $?\nkept\n0\nkettle$ ", command);
  }
});

test("nothing of a line with a refusal in it has run", () => {
  const result = sh("echo before; echo {a,b}");
  assertEquals([result.stdout, result.status], ["", 2]);
});

test("the same characters in quotes are only characters", () => {
  const quoted = `echo '{a,b}' "[[" '<(x)' "~bob" '$((x++))' \\{1..3\\} {} {a}`;
  assertEquals(
    sh(quoted).stdout,
    "{a,b} [[ <(x) ~bob $((x++)) {1..3} {} {a}\n",
  );
});
