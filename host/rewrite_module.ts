// Imports and exports of a file, as parameters and results of its factory: what
// is imported comes in at the top, what is exported goes out at the end, and
// the statements themselves are cut out of the code between.

import type { FileImport } from "./compiled.ts";
import type { Edits } from "./edits.ts";
import { KETTLE_NAMES } from "./kettle_names.ts";
import type { Parsed } from "./parsed.ts";
import { type Binding, exportName, isFunction, type Node } from "./scope.ts";

/** What other files need to know of a file. */
export interface ModuleShape {
  imports: FileImport[];
  exports: string[];
  /** Exports that are function*. */
  routines: string[];
  /** Exports that a function assigns to. */
  changing: string[];
}

export class ModuleRewriter {
  readonly #imports: FileImport[] = [];
  /** `const { read } = $$kettle;` … */
  readonly #header: string[] = [];
  /** Exported name → the expression for its value. */
  readonly #exports = new Map<string, string>();
  readonly #stars: string[] = [];
  readonly #edits: Edits;

  constructor(readonly parsed: Parsed, edits: Edits) {
    this.#edits = edits;
  }

  /** Takes an import or export out of the code; leaves anything else alone. */
  statement(node: Node): void {
    switch (node.type) {
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

  /** What the factory begins with, once every statement was seen. */
  get header(): string {
    return this.#header.join(" ");
  }

  /** What it ends with: the exports, and every function of the top level. */
  get footer(): string {
    const stars = this.#stars.map((from) => `...${from}`);
    const named = [...this.#exports].map(([name, value]) =>
      `${JSON.stringify(name)}: ${value}`
    );
    const exports = [...stars, ...named].join(", ");
    const functions = this.#functions().join(", ");
    return `return { exports: { ${exports} }, functions: { ${functions} } };`;
  }

  get shape(): ModuleShape {
    return {
      imports: this.#imports,
      exports: [...this.#exports.keys(), ...this.#starNames()],
      routines: this.#exportsThat(({ declaration }) =>
        (declaration as { generator?: boolean }).generator === true
      ),
      changing: this.#exportsThat(({ changes }) => changes),
    };
  }

  #functions(): string[] {
    return [...this.parsed.names.top].filter(([, { declaration, kind }]) =>
      kind === "function" || isFunctionVariable(declaration)
    ).map(([name]) => name);
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
