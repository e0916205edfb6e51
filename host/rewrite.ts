// Turns a checked file into a factory: a module that exports one function,
// which makes a fresh instance of the program each time it is called. On the
// way every yield* gets its number, every loop its count, and imports and
// exports become parameters and results. Adds no line, so lines stay true.

import type { Identifier } from "acorn";
import { Edits } from "./edits.ts";
import { LOOPS_MAX } from "./messages.ts";
import {
  builderName,
  functionAround,
  kettleName,
  type Parsed,
} from "./parsed.ts";
import { ModuleRewriter, type ModuleShape } from "./rewrite_module.ts";
import { isFunction, type Node } from "./scope.ts";

export interface Rewritten extends ModuleShape {
  code: string;
}

/** What the host hands to a factory, as the code calls it. */
const HOST =
  "{base:$$base,loops:$$loops,at:$$at,bare:$$bare,built:$$built,spin:$$spin,console:$$console}";

export function rewrite(parsed: Parsed): Rewritten {
  return new Rewriter(parsed).result();
}

class Rewriter {
  readonly #edits = new Edits();
  readonly #module: ModuleRewriter;
  #uses: Map<Node, Identifier[]> | null = null;

  constructor(readonly parsed: Parsed) {
    this.#module = new ModuleRewriter(parsed, this.#edits);
    for (const node of parsed.names.nodes) this.#node(node);
  }

  result(): Rewritten {
    const { header, footer, shape } = this.#module;
    const body = this.#edits.apply(this.parsed.code);
    const factory =
      `($$kettle, $$files, $$host) => { const ${HOST} = $$host; ${header} ${body}\n${footer}\n}`;
    return { code: `export default ${factory};\n`, ...shape };
  }

  #node(node: Node): void {
    switch (node.type) {
      case "YieldExpression":
        return this.#yield(node);
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "WhileStatement":
      case "DoWhileStatement":
        return this.#countLoop(node.body, node.start);
      case "CallExpression":
        this.#built(node);
        return this.#callback(node);
      case "FunctionDeclaration":
      case "FunctionExpression":
        return this.#countRecursion(node);
      case "Identifier":
        return this.#console(node);
      default:
        return this.#module.statement(node);
    }
  }

  // ----------------------------------------------------------- calls

  #wrap(node: Node, name: string, offset: number): void {
    const site = this.parsed.sites.number(offset);
    const comma = node.type === "SequenceExpression" ? ["(", ")"] : ["", ""];
    this.#edits.open(node.start, `${name}(${comma[0]}`);
    this.#edits.close(node.end, node.start, `${comma[1]},$$base+${site})`);
  }

  #yield(node: Node & { type: "YieldExpression" }): void {
    if (!node.argument) return;
    this.#wrap(node.argument, node.delegate ? "$$at" : "$$bare", node.start);
  }

  /** A call that is built here and used elsewhere, or never. */
  #built(node: Node): void {
    if (builderName(this.parsed, node) === null) return;
    if (!this.#goesStraightOn(node)) this.#wrap(node, "$$built", node.start);
  }

  /** Its value goes into yield*, into another call, or to the caller. */
  #goesStraightOn(node: Node): boolean {
    const { parsed } = this;
    const parent = parsed.names.parents.get(node)!;
    switch (parent.type) {
      case "YieldExpression":
        return true;
      case "CallExpression":
        return kettleName(parsed, parent.callee) !== null;
      case "ReturnStatement": {
        const around = functionAround(parsed, parent);
        return (around as { generator?: boolean } | null)?.generator !== true;
      }
      case "ArrowFunctionExpression":
        return parent.body === node;
      case "ConditionalExpression":
        return parent.test !== node && this.#goesStraightOn(parent);
      case "LogicalExpression":
        return parent.right === node && this.#goesStraightOn(parent);
      default:
        return false;
    }
  }

  // ----------------------------------------------------------- counting

  #countLoop(body: Node, offset: number): void {
    const site = this.parsed.sites.number(offset);
    const check = `if(++$$loops.n>${LOOPS_MAX})$$spin($$base+${site});`;
    if (body.type === "BlockStatement") {
      return this.#edits.open(body.start + 1, check);
    }
    this.#edits.open(body.start, `{${check}`);
    this.#edits.close(body.end, body.start, "}");
  }

  /** A function that calls itself by name is a loop as well. */
  #countRecursion(
    node: Node & { type: "FunctionDeclaration" | "FunctionExpression" },
  ): void {
    if (!node.id || !this.#callsItself(node)) return;
    const site = this.parsed.sites.number(node.start);
    const name = JSON.stringify(node.id.name);
    this.#edits.open(
      node.body.start + 1,
      `if(++$$loops.n>${LOOPS_MAX})$$spin($$base+${site},${name});`,
    );
  }

  #callsItself(node: Node): boolean {
    for (const use of this.#usesOf(node)) {
      const parent = this.parsed.names.parents.get(use);
      if (
        parent?.type === "CallExpression" && parent.callee === use &&
        use.start >= node.start && use.end <= node.end
      ) return true;
    }
    return false;
  }

  /** Where the name is used that a function declares. */
  #usesOf(declaration: Node): readonly Identifier[] {
    this.#uses ??= usesByDeclaration(this.parsed);
    return this.#uses.get(declaration) ?? [];
  }

  /** What the kernel calls by itself begins with a fresh count. */
  #callback(node: Node & { type: "CallExpression" }): void {
    const name = kettleName(this.parsed, node.callee);
    if (name !== "push" && name !== "sigaction") return;
    for (const argument of node.arguments) {
      const fn = this.#functionMeant(argument);
      if (fn !== null) this.#edits.open(fn.body.start + 1, "$$loops.n=0;");
    }
  }

  #functionMeant(node: Node): { body: Node } | null {
    if (node.type === "ObjectExpression") {
      for (const property of node.properties) {
        if (property.type !== "Property") continue;
        const fn = this.#functionMeant(property.value);
        if (fn !== null) return fn;
      }
      return null;
    }
    const meant = node.type === "Identifier"
      ? this.parsed.names.bindings.get(node)?.declaration
      : node;
    if (meant === undefined || !isFunction(meant)) return null;
    return meant.body.type === "BlockStatement" ? meant : null;
  }

  #console(node: Node & { type: "Identifier" }): void {
    if (node.name !== "console") return;
    if (this.parsed.names.bindings.get(node) !== null) return;
    const parent = this.parsed.names.parents.get(node);
    const text = parent?.type === "Property" && parent.shorthand
      ? "console: $$console"
      : "$$console";
    this.#edits.replace(node.start, node.end, text);
  }
}

function usesByDeclaration(parsed: Parsed): Map<Node, Identifier[]> {
  const uses = new Map<Node, Identifier[]>();
  for (const [use, binding] of parsed.names.bindings) {
    if (binding === null) continue;
    const list = uses.get(binding.declaration);
    if (list === undefined) uses.set(binding.declaration, [use]);
    else list.push(use);
  }
  return uses;
}
