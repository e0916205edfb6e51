// Whether a file can be started as a program: it must export a generator as
// its default. A file that cannot may still be imported by others.

import { MESSAGES, placed } from "./messages.ts";
import type { Parsed } from "./parsed.ts";
import { exportName, isFunction, type Node } from "./scope.ts";

/** Why this file is no program, with line and fix; null if it is one. */
export function whyNoProgram(parsed: Parsed): string | null {
  const exported = defaultExport(parsed);
  if (exported !== null) return checkFunction(parsed, exported);
  const main = parsed.names.top.get("main");
  if (main === undefined) return placed(parsed.file, 1, MESSAGES.noMain());
  return checkFunction(parsed, main.declaration) ??
    said(parsed, main.declaration, MESSAGES.mainNotExported());
}

/** What is exported as default: a declaration, or an expression. */
function defaultExport(parsed: Parsed): Node | null {
  for (const statement of parsed.program.body) {
    if (statement.type === "ExportDefaultDeclaration") {
      return meant(parsed, statement.declaration);
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const part of statement.specifiers) {
      if (exportName(part.exported) !== "default") continue;
      return statement.source ? part : meant(parsed, part.local);
    }
  }
  return null;
}

function meant(parsed: Parsed, node: Node): Node {
  if (node.type !== "Identifier") return node;
  return parsed.names.bindings.get(node)?.declaration ?? node;
}

function checkFunction(parsed: Parsed, node: Node): string | null {
  const value = node.type === "VariableDeclarator" && node.init
    ? node.init
    : node;
  if (isFunction(value)) {
    if ((value as unknown as { generator: boolean }).generator) return null;
    return said(parsed, node, MESSAGES.mustBeGenerator("main"));
  }
  const certain = ["ClassDeclaration", "Literal", "ObjectExpression"];
  if (!certain.includes(value.type)) return null;
  return said(parsed, node, MESSAGES.mainNotFunction());
}

function said(parsed: Parsed, node: Node, text: string): string {
  return placed(parsed.file, parsed.sites.lineOf(node.start), text);
}
