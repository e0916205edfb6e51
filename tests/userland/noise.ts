// Random input for the shell: lines that a grammar makes, and lines of characters
// that mean something to it. `survives` types them and asks for an answer after
// each.

import fc from "fast-check";
import { assertStringIncludes } from "@std/assert";
import { Session } from "./programs.ts";

const WORDS = ["a", "$x", '"$@"', "*", "'q q'", "$(echo b)", "${x:-d}", "~/f"];
const MORE_WORDS = [
  "$((1+2))",
  "b.c",
  "-n",
  "\\$",
  "é漢",
  "${#x}",
  "`pwd`",
  "1",
];
const COMMANDS = ["echo", "true", "false", "cat f", "pwd", "x=1", ":"];
const MORE_COMMANDS = [
  ...["seq 3", "wc -c", "read x", "set --", "test", "nosuch", "[", "wait"],
  ...["local x", "export x=$x", "readonly r=1", "r=2", "unset x", "shift"],
  ...["set -u", "set +u", "set -x", "set +x", "set -f", "set +f", "set -e"],
  ...["eval echo", "command echo", "type echo", ". ./f", "cd /tmp", "cd -"],
  ...["trap 'echo t' USR1", "kill -USR1 $$", "trap - USR1", "kill %1", "jobs"],
  ...["fg", "bg", "printf '%s.%d\\n' a", "return", "break 2", "alias a=b"],
  ...["sleep 0.1", "sh -c 'echo $0'", "x=$(cat f) y=$x env", "yes | head -n"],
];

const word = fc.constantFrom(...WORDS, ...MORE_WORDS);
const redirect = fc.constantFrom("", "", "", ">f", "<f", ">>f", "2>&1", ">&-");
const simple = fc.tuple(
  fc.constantFrom(...COMMANDS, ...MORE_COMMANDS),
  fc.array(word, { maxLength: 3 }),
  redirect,
).map(([name, words, to]) => [name, ...words, to].join(" "));

export const { line: grammar } = fc.letrec<{ line: string; command: string }>(
  (tie) => ({
    command: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      simple,
      tie("line").map((line) => `{ ${line}; }`),
      tie("line").map((line) => `(${line})`),
      fc.tuple(tie("line"), tie("line")).map(([test, body]) =>
        `if ${test}; then ${body}; fi`
      ),
      tie("line").map((line) => `for i in 1 2; do ${line}; done`),
      tie("line").map((line) => `case a in ?) ${line};; esac`),
      // Not called here: a function that calls itself multiplies without end.
      tie("line").map((line) => `f() { ${line}; }`),
      tie("line").map((line) => `echo "$(${line})"`),
      tie("line").map((line) => `while ${line}; do break; done`),
      tie("line").map((line) => `{ ${line}; } <<E\n$x \`pwd\`\nE`),
      tie("line").map((line) => `cat <<'E' | (${line})\n$x\nE`),
      tie("line").map((line) => `! { ${line}; } >f 2>&1`),
      tie("line").map((line) => `eval '${line.replaceAll("'", "")}'`),
      tie("line").map((line) => `${line.replaceAll("\n", ";")} &`),
    ),
    line: fc.tuple(
      fc.array(
        fc.tuple(
          tie("command"),
          fc.constantFrom(" | ", " && ", " || ", "; ", " & ", "\n"),
        ),
        { maxLength: 2 },
      ),
      tie("command"),
    ).map(([list, last]) => list.flat().join("") + last),
  }),
);

const SPECIAL = "|&;<>()$`\\\"' \t*?[]#~=%!{}:-+.,^/0123aé😀\r\x01\x02\x04\x05";
const KEYS = [
  ...["\x1b[A", "\x1b[D", "\x1b[3~", "\x0b", "\x15", "\x17", "\x19", "\x1by"],
  ...[
    "\x1f",
    "\x1b.",
    "\x1bu",
    "\x14",
    "\x0c",
    "\x1b\r",
    "\x1b[5~",
    "\x1b\x7f",
  ],
  ...[
    "\x1b[1;5D",
    "\x1b[1;5F",
    "\x07",
    "\x10",
    "\x0e",
    "\t\t",
    "\x1b[999",
    "\xff",
  ],
];
export const noise = fc.array(
  fc.oneof(
    fc.constantFrom(...SPECIAL),
    fc.constantFrom(...KEYS, "\t", "\x12", "\x7f", "\x1bb", "\x1b[200~"),
    fc.constantFrom(
      "if ",
      "do ",
      "done",
      "echo ",
      "<<E",
      "cat ",
      "fi\r",
      "in ",
    ),
  ),
  { maxLength: 24 },
).map((parts) => parts.join(""));

const LINE_NS = 200_000_000;
/** Lines for one machine: stopped jobs would fill its memory in the end. */
const LINES_PER_MACHINE = 50;

/** Types lines into one shell; after each, ^C and a question must be answered. */
export function survives(
  kind: "grammar" | "noise",
  { lines, seed }: { lines: number; seed: number },
): void {
  const made = fc.sample(kind === "grammar" ? grammar : noise, {
    numRuns: lines,
    seed,
  });
  let session = new Session();
  for (const [index, line] of made.entries()) {
    const call = kind === "grammar" ? "\nf a" : "";
    session.machine.resize(20 + index * 7 % 100, 5 + index * 3 % 40);
    session.type(`${line}${call}\r`, LINE_NS);
    // An open paste is closed, an editor's search or a running job ended.
    if (session.shell.exit === null) session.type("\x1b[201~\x03", LINE_NS);
    if (session.shell.exit === null) session.type("\x03", LINE_NS);
    if (session.shell.exit !== null || (index + 1) % LINES_PER_MACHINE === 0) {
      session = new Session();
      continue;
    }
    const answer = session.type(`"echo" ok-${index}\r`, 10 * LINE_NS);
    // News of background jobs may come between the answer and the prompt.
    const [, after] = answer.split(`\nok-${index}\n`);
    assertStringIncludes(after ?? "", "kettle$ ", JSON.stringify(line));
  }
}
