// Random scripts, from a grammar of what both shells have: Kettle's sh prints and
// ends with what the dash of this machine does. Messages are not compared. The
// seed is printed; RUNS and SEED in the environment change them.

import fc from "fast-check";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { DASH, runDash, runner } from "./dash.ts";

const env = globalThis.process?.env ?? {};
const seed = Number(env.SEED ?? "") || 20_120_918;
const runs = Number(env.RUNS ?? "") || 80;

const WORDS = [
  ...["a", "b", "$x", '"$x"', '"$@"', "$@", '"$*"', "$*", "'q q'", "*", "f*"],
  ...['"*"', "[fg]", "$(echo b c)", '"$(echo b  c)"', "${x:-d e}", "${#x}"],
  ...['"${x:-d e}"', "${y-u}", "${x:+alt}", "${x#a}", "${x%b*}", "${x##*/}"],
  ...["$((1+2))", "$((n+1))", "a\\ b", '"a\\$x\\\\"', "\\*", "$#", "$1", "''"],
  ...["${2:-two}", "`echo zzq`", '""', 'a"$x"b', "$x$y", "${x:=set}", "-n"],
  ...["é", "$?", "!", "a#b", "${x%%[ab]*}", "\"${x#'a'}\"", "a=b", "1"],
  ...["${x:-'s q'}", '"${y:-"$x"}"', '${x#"$y"}', "\\\n", "x=~"],
];
const COMMANDS = [
  ...["echo", "echo", "printf '%s|'", "printf '[%s]\\n'", ":", "true", "false"],
  ...["set --", "x=a/b", "x='a b'", "x=", "y=$x", "unset x", "n=$((n+1))"],
  ...["cat f", "test a =", "shift 1 ||", "eval echo", "export z=", "IFS=/"],
  ...["IFS=", "unset IFS", "nosuchcmd", "command echo", "g", "(exit 3);"],
  ...["x=ab y=c", "read v <f;", "> g", "echo hi >f", "set -f;", "set +f;"],
  ...["set +u;", "y=${x%b}", 'x="$*"', "x=$@", "sort f |", "echo a b | cat"],
];
const REDIRECTS = ["", "", "", "", ">f", "<f", ">>f", "2>/dev/null", ">&2"];

const word = fc.constantFrom(...WORDS);
const simple = fc.tuple(
  fc.constantFrom(...COMMANDS),
  fc.array(word, { maxLength: 3 }),
  fc.constantFrom(...REDIRECTS, "2>&1", ">/no/x"),
).map(([name, words, redirect]) =>
  [/[;|]$/.test(name) ? `${name} echo` : name, ...words, redirect].join(" ")
);

const { line } = fc.letrec<{ line: string; command: string }>((tie) => {
  const body = tie("line");
  return {
    command: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: simple },
      body.map((l) => `{ ${l}\n}`),
      body.map((l) => `(\n${l}\n)`),
      fc.tuple(tie("command"), body, body).map(([test, yes, no]) =>
        `if ${test}\nthen ${yes}\nelse ${no}\nfi`
      ),
      fc.tuple(fc.array(word, { maxLength: 3 }), body).map(([words, l]) =>
        `for i in ${words.join(" ")}\ndo ${l}\ndone`
      ),
      body.map((l) =>
        `case $x in a*) ${l}\n;; *b) echo B;; *) echo else;; esac`
      ),
      // Forgets itself first, or one inside another could call itself for ever.
      body.map((l) => `h() { unset -f h; ${l}\n}; h "$x"`),
      body.map((l) => `echo "$(\n${l}\n)"`),
      body.map((l) => `v=$(\n${l}\n)`),
      body.map((l) => `while ${l}\ndo echo w; break\ndone`),
      body.map((l) => `{ ${l}\n} | cat`),
      body.map((l) => `! { ${l}\n}`),
      tie("command").map((l) => `{ { ${l}\n} <<E\n$x \${y:-h} $((1+1))\nE\n}`),
      body.map((l) => `{ ${l}\n} >f`),
      body.map((l) => `(trap 'echo T' EXIT; ${l})`),
      body.map((l) =>
        `for i in 1 2 3; do ${l}\n[ $i = 2 ] && break; continue; done`
      ),
    ),
    line: fc.tuple(
      fc.array(
        fc.tuple(
          tie("command"),
          fc.constantFrom(" && ", " || ", "; ", "\n", " | "),
        ),
        { maxLength: 2 },
      ),
      tie("command"),
    ).map(([list, last]) => list.flat().join("") + last),
  };
});

const BEFORE =
  "n=1; x=ab; echo one >f; >g; g() { echo G $#; return 4; }; set -- p 'q r'";

/** Without the lines in which a shell or a tool complains. */
function withoutMessages(stdout: string): string {
  return stdout.split("\n").filter((row) =>
    !/(?:sh|dash|cat|sort|test|printf|read|g): |not found/.test(row)
  ).join("\n");
}

test(`random scripts give what dash gives (SEED=${seed}, ${runs} of them)`, {
  skip: !existsSync(DASH),
}, () => {
  const run = runner(runs);
  const scripts = fc.sample(line, { seed, numRuns: runs });
  for (const [index, made] of scripts.entries()) {
    const script = `${BEFORE}\n${made}\necho "end $? $x $#"`;
    const { stdout, status, stderr } = run(script, index);
    if (/not supported|nest deeper/.test(stderr + stdout)) continue;
    const dash = runDash(script);
    assertEquals(
      { stdout: withoutMessages(stdout), status },
      { stdout: withoutMessages(dash.stdout), status: dash.status },
      `${script}\n--\n${stderr}`,
    );
  }
});
