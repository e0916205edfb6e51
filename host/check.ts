// The pass that keeps beginners honest: it looks at a file's syntax tree for
// what would otherwise fail silently or late, and says it with line and fix.
// It changes nothing and does not know how programs are run.

import type { Identifier } from "acorn";
import type { BareCall } from "./compiled.ts";
import { nearest } from "../userland/lib/nearest.ts";
import { KETTLE_NAMES } from "./kettle_names.ts";
import { ENGINE_GLOBALS, HOST_GLOBALS, MESSAGES, placed } from "./messages.ts";
import {
  builderName,
  functionAround,
  isLibraryCall,
  isRoutineCall,
  kettleName,
  type Parsed,
  textOf,
} from "./parsed.ts";
import { exportName, isFunction, type Node } from "./scope.ts";

/** What was found, in the order of the lines. */
export interface Findings {
  errors: string[];
  notes: string[];
  bareCalls: BareCall[];
}

/** Looks at everything in a file. */
export function checkFile(parsed: Parsed): Findings {
  const report = new Report(parsed);
  for (const [name, binding] of parsed.names.bindings) {
    if (binding === null) checkFreeName(report, name);
  }
  for (const node of parsed.names.nodes) checkNode(report, node);
  return report.findings();
}

/** Collects sentences with their lines. */
class Report {
  #errors: { line: number; text: string }[] = [];
  #notes: { line: number; text: string }[] = [];
  readonly bareCalls: BareCall[] = [];

  constructor(readonly parsed: Parsed) {}

  error(node: Node, text: string): void {
    this.#errors.push({ line: this.parsed.sites.lineOf(node.start), text });
  }

  note(node: Node, text: string): void {
    this.#notes.push({ line: this.parsed.sites.lineOf(node.start), text });
  }

  findings(): Findings {
    return {
      errors: this.#print(this.#errors),
      notes: this.#print(this.#notes),
      bareCalls: this.bareCalls,
    };
  }

  #print(list: { line: number; text: string }[]): string[] {
    const { file } = this.parsed;
    const sorted = [...list].sort((a, b) => a.line - b.line);
    return [...new Set(sorted.map((it) => placed(file, it.line, it.text)))];
  }
}

function checkNode(report: Report, node: Node): void {
  switch (node.type) {
    case "ExpressionStatement":
      return checkStatement(report, node.expression);
    case "YieldExpression":
      return checkYield(report, node);
    case "AwaitExpression":
      return report.error(node, MESSAGES.awaited(withoutAwait(report, node)));
    case "ForOfStatement":
      if (node.await) {
        report.error(node, MESSAGES.awaited("for (… of …) { yield* … }"));
      }
      return;
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      if (node.async) report.error(node, asyncText(report, node));
      return;
    case "ImportDeclaration":
      return checkImport(report, node);
    case "ImportExpression":
      return report.error(node, MESSAGES.dynamicImport());
    case "MetaProperty":
      if (node.meta.name === "import") {
        report.error(node, MESSAGES.notDefined("import.meta", null));
      }
      return;
    case "CallExpression":
      checkSleep(report, node);
      return checkSpawn(report, node);
  }
}

// ------------------------------------------------------------- free names

function checkFreeName(report: Report, node: Identifier): void {
  const { parents } = report.parsed.names;
  const parent = parents.get(node)!;
  if (parent.type === "UnaryExpression" && parent.operator === "typeof") return;
  if (isMathRandom(node, parent)) {
    return report.error(node, HOST_GLOBALS["Math.random"]!);
  }
  const { name } = node;
  if (KETTLE_NAMES.has(name)) {
    return report.error(node, MESSAGES.notImported(name));
  }
  if (Object.hasOwn(HOST_GLOBALS, name)) {
    return report.error(node, HOST_GLOBALS[name]!);
  }
  if (ENGINE_GLOBALS.has(name)) return;
  report.error(node, MESSAGES.notDefined(name, nearestName(report, name)));
}

function isMathRandom(node: Identifier, parent: Node): boolean {
  return node.name === "Math" && parent.type === "MemberExpression" &&
    parent.object === node && nameOfProperty(parent) === "random";
}

function nameOfProperty(node: Node & { type: "MemberExpression" }): string {
  const { property } = node;
  return node.computed
    ? String((property as { value?: unknown }).value)
    : (property as { name?: string }).name ?? "";
}

function nearestName(report: Report, name: string): string | null {
  const own = report.parsed.names.top.keys();
  return nearest(name, [...own, ...KETTLE_NAMES, ...ENGINE_GLOBALS]);
}

// ------------------------------------------------------------- calls that go nowhere

/** A whole statement that only builds a call. */
function checkStatement(report: Report, node: Node): void {
  const { parsed } = report;
  switch (node.type) {
    case "LogicalExpression":
      return checkStatement(report, node.right);
    case "ConditionalExpression":
      checkStatement(report, node.consequent);
      return checkStatement(report, node.alternate);
    case "SequenceExpression":
      return node.expressions.forEach((each) => checkStatement(report, each));
    case "UnaryExpression":
      return checkStatement(report, node.argument);
  }
  const name = builderName(parsed, node);
  const text = textOf(parsed, node);
  if (name !== null) report.error(node, MESSAGES.neverUsed(text, name));
  else if (isRoutineCall(parsed, node) || isLibraryCall(parsed, node)) {
    report.error(node, MESSAGES.routineNeverRun(text));
  } else noteBareCall(report, node, text);
}

/** A call of something imported: whether it is a function*, linking will tell. */
function noteBareCall(report: Report, node: Node, text: string): void {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier") {
    return;
  }
  const { names, sites } = report.parsed;
  const from = names.bindings.get(node.callee)?.from;
  if (from === undefined || from.specifier === "kettle") return;
  const line = sites.lineOf(node.start);
  report.bareCalls.push({ ...from, line, text });
}

/** `yield read(…)`: in main it is always a mistake, elsewhere with a call. */
function checkYield(
  report: Report,
  node: Node & { type: "YieldExpression" },
): void {
  const { argument, delegate } = node;
  if (delegate || !argument) return;
  const { parsed } = report;
  const around = functionAround(parsed, node);
  const inMain = around?.type === "FunctionDeclaration" &&
    around.id?.name === "main";
  if (
    inMain || builderName(parsed, argument) !== null ||
    isRoutineCall(parsed, argument)
  ) report.error(node, MESSAGES.needsStar(textOf(parsed, argument)));
}

/** `sleep(100)`: the unit is missing. */
function checkSleep(
  report: Report,
  node: Node & { type: "CallExpression" },
): void {
  if (kettleName(report.parsed, node.callee) !== "sleep") return;
  const [first] = node.arguments;
  if (first?.type !== "Literal" || typeof first.value !== "number") return;
  if (first.value > 0 && first.value < 1000) {
    report.note(node, MESSAGES.sleepUnit(String(first.value)));
  }
}

/** `spawn(function* () { … })`: an inner function cannot be had afresh. */
function checkSpawn(
  report: Report,
  node: Node & { type: "CallExpression" },
): void {
  const { parsed } = report;
  const name = kettleName(parsed, node.callee);
  const [program] = node.arguments;
  if (name !== "spawn" && name !== "exec" || program === undefined) return;
  const meant = program.type === "Identifier"
    ? parsed.names.bindings.get(program)?.declaration
    : program;
  if (meant === undefined || !isFunction(meant)) return;
  if (meant === program || functionAround(parsed, meant) !== null) {
    report.error(node, MESSAGES.innerProgram(`${name}(…)`));
  }
}

// ------------------------------------------------------------- await and async

/** The statement as it should be written. */
function withoutAwait(report: Report, node: Node): string {
  const { parsed } = report;
  let statement = node;
  while (!/Statement|Declaration$/.test(statement.type)) {
    const parent = parsed.names.parents.get(statement);
    if (parent === undefined || isFunction(parent)) break;
    statement = parent;
  }
  const { start, end } = statement.type.endsWith("Statement") ||
      statement.type === "VariableDeclaration"
    ? statement
    : node;
  const text = parsed.code.slice(start, end);
  const [line = ""] = text.split("\n");
  return line.replace(/\bawait\b\s*/g, "yield* ");
}

function asyncText(report: Report, node: Node): string {
  const { id } = node as { id?: Identifier | null };
  const parent = report.parsed.names.parents.get(node);
  const name = id?.name ??
    (parent?.type === "VariableDeclarator" && parent.id.type === "Identifier"
      ? parent.id.name
      : "() { … }");
  return MESSAGES.asyncFunction(name);
}

// ------------------------------------------------------------- imports

function checkImport(
  report: Report,
  node: Node & { type: "ImportDeclaration" },
): void {
  const specifier = String(node.source.value);
  if (/^\.{0,2}\//.test(specifier)) return;
  if (specifier !== "kettle") {
    return report.error(node, MESSAGES.notAModule(specifier));
  }
  for (const part of node.specifiers) {
    if (part.type === "ImportNamespaceSpecifier") continue;
    const name = part.type === "ImportDefaultSpecifier"
      ? "default"
      : exportName(part.imported);
    if (KETTLE_NAMES.has(name)) continue;
    const near = nearest(name, KETTLE_NAMES);
    report.error(part, MESSAGES.notExported(name, "kettle", near));
  }
}
