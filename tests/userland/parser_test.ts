// The shell's lexer and parser: text to tree, and what it refuses by name.

import { test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Parser } from "../../userland/sh/parser.ts";
import { isComplete } from "../../userland/sh/script.ts";
import {
  type Command,
  type Node,
  SyntaxProblem,
} from "../../userland/sh/tree.ts";

function parse(source: string): Node[] {
  return new Parser(source).all().items.map(({ node }) => node);
}

type AndOr = Extract<Node, { left: Node }>;

/** The words of a simple command that has no expansions. */
function words(source: string): string[] {
  const command = parse(source)[0] as Command;
  return command.words.map((word) =>
    word.map((part) => part.kind === "text" ? part.text : `<${part.kind}>`)
      .join("")
  );
}

function problem(source: string): SyntaxProblem {
  return assertThrows(() => parse(source), SyntaxProblem);
}

test("quotes and backslashes join into words", () => {
  assertEquals(words(`echo 'a  b'"  c  "d`), ["echo", "a  b  c  d"]);
  assertEquals(words(`a\\ b "x\\y" "\\$HOME"`), ["a b", "x\\y", "$HOME"]);
  assertEquals(words("a\\\nb c"), ["ab", "c"]);
  assertEquals(words(`echo "" ''`), ["echo", "", ""]);
});

test("a hash begins a comment only at the beginning of a word", () => {
  assertEquals(words("echo a#b # comment"), ["echo", "a#b"]);
  assertEquals(parse("# nothing").length, 0);
});

test("a pipe binds tighter than && and ||, which are equal, then ; and &", () => {
  const [first, second] = new Parser("a | b && c || d & e").all().items;
  assertEquals(first!.background, true);
  assertEquals(first!.text, "a | b && c || d");
  const or = first!.node as AndOr;
  const and = or.left as AndOr;
  assertEquals([or.kind, and.kind, and.left.kind], ["or", "and", "pipeline"]);
  assertEquals(second!.background, false);
});

test("every compound command becomes a node of its kind", () => {
  const kinds = (source: string) => parse(source).map(({ kind }) => kind);
  assertEquals(kinds("( a ); { a; }"), ["subshell", "group"]);
  assertEquals(kinds("if a; then b; elif c; then d; else e; fi"), ["if"]);
  assertEquals(kinds("while a; do b; done; until a; do b; done"), [
    "loop",
    "loop",
  ]);
  assertEquals(kinds("for i in a b; do c; done\nfor i do c; done"), [
    "for",
    "for",
  ]);
  assertEquals(kinds("case x in a|b) c;; (*) d; esac"), ["case"]);
  assertEquals(kinds("f() { a; }\nf"), ["function", "command"]);
});

test("reserved words are ordinary words in other places", () => {
  assertEquals(words("echo if then done }"), [
    "echo",
    "if",
    "then",
    "done",
    "}",
  ]);
});

test("a redirection may stand anywhere in a command and name a descriptor", () => {
  const [command] = parse("2>&1 cmd <in a >>out") as Command[];
  assertEquals(command!.words.length, 2);
  assertEquals(
    command!.redirects.map(({ fd, operator }) => `${fd}${operator}`),
    ["2>&", "0<", "1>>"],
  );
});

test("a here-doc is read after its line, its delimiter decides on expansion", () => {
  const [plain, after] = parse("cat <<E; echo x\na $v\nE\n") as Command[];
  const target = plain!.redirects[0]!.target;
  assertEquals(target.map(({ kind }) => kind), ["text", "parameter", "text"]);
  assertEquals(after!.words.length, 2);
  const [quoted] = parse("cat <<'E'\na $v\nE") as Command[];
  assertEquals(quoted!.redirects[0]!.target, [
    { kind: "text", text: "a $v\n", quoted: true },
  ]);
  const [stripped] = parse("cat <<-E\n\t\ta\n\tE") as Command[];
  assertEquals(stripped!.redirects[0]!.target.length, 1);
});

test("a tree survives being written as JSON", () => {
  const tree = new Parser('f() { echo "${x:-$(a | b)}" $((1+2)) ~/c; }').all();
  assertEquals(JSON.parse(JSON.stringify(tree)), tree);
});

test("an error says the line and what was found", () => {
  assertEquals(
    problem("echo a\nif then").message,
    "syntax error in line 2: unexpected 'then'",
  );
  for (
    const source of ["fi", "a | | b", "a && ;", ")", "case x in", "(", ";"]
  ) {
    assertStringIncludes(problem(source).message, "unexpected");
  }
});

test("text that more lines could complete is told from text that is wrong", () => {
  const open = ["if true", "while a; do", "( a", "echo 'x", 'echo "x', "a |"];
  open.push("a &&", "echo $(", "cat <<E\nx\n", "f() {", "echo ${x:-y", "a \\");
  for (const source of open) assertEquals(isComplete(source + "\n"), false);
  const closed = ["if then", "echo a", "fi", "cat <<E\nx\nE", "a \\\\"];
  for (const source of closed) assertEquals(isComplete(source + "\n"), true);
});

test("a tilde is the home directory where a word or a value begins", () => {
  assertEquals(words('echo ~ ~/x a~ "~" x=~'), [
    "echo",
    "<tilde>",
    "<tilde>/x",
    "a~",
    "~",
    "x=~",
  ]);
  const { assignments } = parse("x=~/a:~:b~")[0] as Command;
  const kinds = assignments[0]!.value.map((part) =>
    part.kind === "text" ? part.text : part.kind
  );
  assertEquals(kinds, ["tilde", "/a:", "tilde", ":b~"]);
});

test("commands nested too deeply are an error and not a crash", () => {
  for (const open of ["(", "$(", "${x:-", "$(( (", '"$(']) {
    assertThrows(() => parse("echo " + open.repeat(5000)), SyntaxProblem);
  }
  for (const open of ["( ", "{ ", "if ", "while ", "! ( "]) {
    assertThrows(() => parse(open.repeat(5000)), SyntaxProblem, "deeper");
  }
});
