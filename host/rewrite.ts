// Turns a checked file into a factory: a module that exports one function,
// which makes a fresh instance of the program each time it is called. On the
// way every yield* gets its number, every loop its count, and imports and
// exports become parameters and results. Adds no line, so lines stay true.

import type { Identifier } from "acorn";
import { Edits } from "./edits.ts";
import type { FileImport } from "./compiled.ts";
import { KETTLE_NAMES } from "./kettle_names.ts";
import { LOOPS_MAX } from "./messages.ts";
import {
  builderName,
  functionAround,
  kettleName,
  type Parsed,
} from "./parsed.ts";
import { type Binding, exportName, isFunction, type Node } from "./scope.ts";

export interface Rewritten {
  code: string;
  imports: FileImport[];
  exports: string[];
  routines: string[];
  changing: string[];
}

/** What the host hands to a factory, as the code calls it. */
const HOST =
  "{base:$$base,loops:$$loops,at:$$at,bare:$$bare,built:$$built,spin:$$spin,console:$$console}";

export function rewrite(parsed: Parsed): Rewritten {
  return new Rewriter(parsed).result();
}

class Rewriter {
  readonly #edits = new Edits();
  readonly #imports: FileImport[] = [];
  /** `const { read } = $$kettle;` … */
  readonly #header: string[] = [];
  /** Exported name → the expression for its value. */
  readonly #exports = new Map<string, string>();
  readonly #stars: string[] = [];
  readonly #functions = new Set<string>();
  #uses: Map<Node, Identifier[]> | null = null;

  constructor(readonly parsed: Parsed) {
    for (const node of parsed.names.nodes) this.#node(node);
    for (const [name, { declaration, kind }] of parsed.names.top) {
      if (kind === "function" || isFunctionVariable(declaration)) {
        this.#functions.add(name);
      }
    }
  }

  result(): Rewritten {
    const { parsed } = this;
    const header =
      `export default ($$kettle, $$files, $$host) => { const ${HOST} = $$host; ${
        this.#header.join(" ")
      } `;
    const exports = [...this.#stars.map((from) => `...${from}`)]
      .concat(
        [...this.#exports].map(([name, value]) =>
          `${JSON.stringify(name)}: ${value}`
        ),
      );
    const footer = `\nreturn { exports: { ${
      exports.join(", ")
    } }, functions: { ${[...this.#functions].join(", ")} } };\n};\n`;
    return {
      code: header + this.#edits.apply(parsed.code) + footer,
      imports: this.#imports,
      exports: [...this.#exports.keys(), ...this.#starNames()],
      routines: this.#exportsThat(({ declaration }) =>
        (declaration as { generator?: boolean }).generator === true
      ),
      changing: this.#exportsThat(({ changes }) => changes),
    };
  }

  /** What `export * from "kettle"` adds. */
  #starNames(): string[] {
    return this.#stars.includes("$$kettle") ? [...KETTLE_NAMES] : [];
  }

  #exportsThat(holds: (binding: Binding) => boolean): string[] {
    const { top } = this.parsed.names;
    return [...this.#exports].filter(([, value]) => {
      const binding = top.get(value);
      return binding !== undefined && holds(binding);
    }).map(([name]) => name);
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
      case "ImportDeclaration":
        return this.#import(node);
      case "ExportNamedDeclaration":
        return this.#exportNamed(node);
      case "ExportAllDeclaration":
        return this.#exportAll(node);
      case "ExportDefaultDeclaration":
        return this.#exportDefault(node);
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

  // ----------------------------------------------------------- imports and exports

  /** The expression for a module's exports. */
  #module(
    specifier: string,
    node: Node,
    names: string[],
    star = false,
  ): string {
    if (specifier === "kettle") return "$$kettle";
    const line = this.parsed.sites.lineOf(node.start);
    const number = this.#imports.push({ specifier, line, names, star }) - 1;
    return `$$files[${number}]`;
  }

  #import(node: Node & { type: "ImportDeclaration" }): void {
    const names: string[] = [];
    const parts: string[] = [];
    let whole: string | null = null;
    for (const part of node.specifiers) {
      if (part.type === "ImportNamespaceSpecifier") {
        whole = part.local.name;
        continue;
      }
      const name = part.type === "ImportDefaultSpecifier"
        ? "default"
        : exportName(part.imported);
      names.push(name);
      parts.push(`${JSON.stringify(name)}: ${part.local.name}`);
    }
    const from = this.#module(String(node.source.value), node, names);
    if (whole !== null) this.#header.push(`const ${whole} = ${from};`);
    if (parts.length > 0) {
      this.#header.push(`const { ${parts.join(", ")} } = ${from};`);
    }
    this.#cut(node);
  }

  #exportNamed(node: Node & { type: "ExportNamedDeclaration" }): void {
    const { declaration, source } = node;
    if (declaration) {
      this.#edits.replace(node.start, declaration.start, "");
      for (const name of declaredNames(declaration)) {
        this.#exports.set(name, name);
      }
      return;
    }
    const local = node.specifiers.map((part) => exportName(part.local));
    const from = source
      ? this.#module(String(source.value), node, local)
      : null;
    node.specifiers.forEach((part, index) => {
      const name = local[index]!;
      const value = from === null ? name : `${from}[${JSON.stringify(name)}]`;
      this.#exports.set(exportName(part.exported), value);
    });
    this.#cut(node);
  }

  #exportAll(node: Node & { type: "ExportAllDeclaration" }): void {
    const from = this.#module(
      String(node.source.value),
      node,
      [],
      !node.exported,
    );
    if (node.exported) this.#exports.set(exportName(node.exported), from);
    else this.#stars.push(from);
    this.#cut(node);
  }

  #exportDefault(node: Node & { type: "ExportDefaultDeclaration" }): void {
    const { declaration } = node;
    const named = declaration.type === "FunctionDeclaration" ||
        declaration.type === "ClassDeclaration"
      ? declaration.id?.name
      : undefined;
    if (named !== undefined) {
      this.#edits.replace(node.start, declaration.start, "");
    } else {
      this.#edits.replace(node.start, declaration.start, "const $$default = ");
      this.#edits.close(declaration.end, declaration.start, ";");
    }
    this.#exports.set("default", named ?? "$$default");
  }

  /** Takes a statement out, but not its line breaks. */
  #cut(node: Node): void {
    const text = this.parsed.code.slice(node.start, node.end);
    this.#edits.replace(node.start, node.end, text.replace(/[^\n]+/g, ""));
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

function declaredNames(node: Node): string[] {
  if (node.type === "VariableDeclaration") {
    return node.declarations.flatMap(({ id }) =>
      id.type === "Identifier" ? [id.name] : []
    );
  }
  const { id } = node as { id?: { name: string } | null };
  return id ? [id.name] : [];
}

function isFunctionVariable(declaration: Node): boolean {
  return declaration.type === "VariableDeclarator" &&
    declaration.id.type === "Identifier" &&
    declaration.init != null && isFunction(declaration.init);
}
