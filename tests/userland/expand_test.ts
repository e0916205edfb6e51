// Expansion without a kernel: parameters, splitting, quotes, patterns, arithmetic.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { ArithmeticProblem, calculate } from "../../userland/sh/arithmetic.ts";
import {
  expandWords,
  ExpansionProblem,
  type Scope,
} from "../../userland/sh/expand.ts";
import {
  compilePattern,
  escapePattern,
  isMagic,
} from "../../userland/sh/glob.ts";
import { Parser } from "../../userland/sh/parser.ts";
import { splitLine } from "../../userland/sh/read.ts";
import { type Command, SyntaxProblem } from "../../userland/sh/tree.ts";

function scope(
  variables: Record<string, string>,
  parameters: string[] = [],
): Scope {
  return {
    get: (name) => /^\d/.test(name) ? parameters[+name - 1] : variables[name],
    set: (name, value) => void (variables[name] = value),
    parameters,
    // deno-lint-ignore require-yield
    *capture() {
      return "captured  text\n".trimEnd();
    },
  };
}

/** The fields of `source`'s words. Without file name patterns nothing traps. */
function expand(
  source: string,
  variables: Record<string, string> = {},
  parameters: string[] = [],
): string[] {
  const [item] = new Parser(source).all().items;
  const { words } = item!.node as Command;
  const step = expandWords(scope(variables, parameters), words).next();
  assertEquals(step.done, true, "the expansion made a call");
  return step.value as string[];
}

test("an unquoted value is split, a quoted one is not", () => {
  assertEquals(expand('$x "$x"', { x: " a  b " }), ["a", "b", " a  b "]);
  assertEquals(expand('a$x"c"', { x: "1 2" }), ["a1", "2c"]);
  assertEquals(expand("[$u] $u", {}), ["[]"]);
  assertEquals(expand("\"$u\" ''", {}), ["", ""]);
});

test("IFS decides where to split; blanks collapse, others do not", () => {
  assertEquals(expand("$x", { x: "a::b:", IFS: ":" }), ["a", "", "b"]);
  assertEquals(expand("$x", { x: ":a : b", IFS: " :" }), ["", "a", "b"]);
  assertEquals(expand("$x", { x: "a b", IFS: "" }), ["a b"]);
});

test("defaults, alternatives and assignments", () => {
  const variables: Record<string, string> = { empty: "", set: "v" };
  const source = "${u:-def} ${u:=new} $u ${set:+alt} ${empty-x} ${empty:-y}";
  assertEquals(expand(source, variables), ["def", "new", "new", "alt", "y"]);
  assertEquals(variables.u, "new");
  assertEquals(expand('${u:-a b} "${u:-a b}"', {}), ["a", "b", "a b"]);
  assertEquals(expand("${u:-'a b'}", {}), ["a b"]);
  assertThrows(() => expand("${u:?gone}"), ExpansionProblem, "u: gone");
});

test("lengths and cut-off ends", () => {
  const variables = { x: "a/b/c.tar.gz", y: "äö😀" };
  assertEquals(expand("${#y} ${#u}", variables), ["3", "0"]);
  assertEquals(expand("${x##*/} ${x#*/} ${x%.*} ${x%%.*}", variables), [
    "c.tar.gz",
    "b/c.tar.gz",
    "a/b/c.tar",
    "a/b/c",
  ]);
  assertEquals(expand("\"${x%'.*'}\"", { x: "a.*" }), ["a"]);
});

test('"$@" is a field for each parameter, "$*" is one', () => {
  const all = ["a", "b c"];
  assertEquals(expand('"$@" "$*" $@', {}, all), [
    "a",
    "b c",
    "a b c",
    "a",
    "b",
    "c",
  ]);
  assertEquals(expand('x"$@"y', {}, all), ["xa", "b cy"]);
  assertEquals(expand('"$@"', {}, []), []);
  assertEquals(expand('"$*"', { IFS: "-" }, all), ["a-b c"]);
  assertEquals(expand("${#@} $1 ${2}", {}, all), ["2", "a", "b", "c"]);
});

test("a command's output is split unless quoted", () => {
  assertEquals(expand('$(x) "$(x)" `x`'), [
    "captured",
    "text",
    "captured  text",
    "captured",
    "text",
  ]);
});

test("arithmetic has C's operators, 64 bits and variables", () => {
  const values: Record<string, string> = { a: "3", b: "a+1", neg: "-5" };
  const variables = scope(values);
  const cases: Record<string, string> = {
    "2+3*4": "14",
    "(2+3)*4": "20",
    "7/2": "3",
    "-7/2": "-3",
    "7%3": "1",
    "1<<4|1": "17",
    "a+$": "",
    "b*2": "8",
    "c=a*2": "6",
    "1?2:3": "2",
    "0||0": "0",
    "1&&neg": "1",
    "!a": "0",
    "~0": "-1",
    "0x10+010": "24",
    "9223372036854775807+1": "-9223372036854775808",
    "": "0",
    "a==3&&b>a": "1",
    "0&&(1/0)": "0",
  };
  for (const [expression, expected] of Object.entries(cases)) {
    if (expected === "") {
      assertThrows(() => calculate(expression, variables), ArithmeticProblem);
    } else assertEquals(calculate(expression, variables), expected, expression);
  }
  assertEquals(values.c, "6");
  assertThrows(() => calculate("1/0", variables), ArithmeticProblem, "zero");
  assertThrows(() => calculate("a+=1", variables), SyntaxProblem, "+=");
  values.loop = "loop";
  assertThrows(() => calculate("loop", variables), ArithmeticProblem);
});

test("patterns match whole names", () => {
  const matches = (pattern: string, text: string) =>
    compilePattern(pattern).test(text);
  assertEquals(matches("*.c", "a.c"), true);
  assertEquals(matches("*.c", "a.cc"), false);
  assertEquals(matches("?", "😀"), true);
  assertEquals(matches("[a-c]x", "bx"), true);
  assertEquals(matches("[!a-c]x", "bx"), false);
  assertEquals(matches("[[:digit:]]*", "4a"), true);
  assertEquals(matches("[]x]", "]"), true);
  assertEquals(matches("[", "["), true);
  assertEquals(matches("[z-a]", "[z-a]"), true);
  assertEquals(matches("a\\*", "a*"), true);
  assertEquals(matches("a\\*", "ab"), false);
  assertEquals(matches("*", "two\nlines"), true);
});

test("quoting makes a pattern plain", () => {
  for (const text of ["*", "[a]", "?", "\\", "a\\*[b"]) {
    assertEquals(isMagic(escapePattern(text)), false);
    assertEquals(compilePattern(escapePattern(text)).test(text), true);
  }
  assertEquals(isMagic("["), false);
});

test("read splits a line into as many fields as there are names", () => {
  const split = (line: string, count: number, ifs = " \t\n", raw = false) =>
    splitLine(line, count, ifs, raw);
  assertEquals(split("  a  b c  d ", 3), ["a", "b", "c  d"]);
  assertEquals(split("a", 2), ["a", ""]);
  assertEquals(split("a:b::c", 3, ":"), ["a", "b", ":c"]);
  assertEquals(split("a : b", 2, " :"), ["a", "b"]);
  assertEquals(split("a\\ b c", 2), ["a b", "c"]);
  assertEquals(split("a\\ b", 2, " ", true), ["a\\", "b"]);
});
