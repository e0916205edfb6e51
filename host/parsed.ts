// A file between the compiler's steps: its source, its JavaScript, the syntax
// tree of that, and what each name in it means. And the few questions that the
// check and the rewriting both ask of it.

import type { Program } from "acorn";
import { BUILDERS, LIBRARY_METHODS } from "./kettle_names.ts";
import type { Node, Resolution } from "./scope.ts";
import type { Sites } from "./sites.ts";

export interface Parsed {
  /** What messages call it: `hello.ts`. */
  file: string;
  source: string;
  code: string;
  program: Program;
  names: Resolution;
  sites: Sites;
}

/** The name in "kettle" that an expression means; null if it means none. */
export function kettleName(parsed: Parsed, node: Node): string | null {
  const { bindings } = parsed.names;
  if (node.type === "Identifier") {
    const from = bindings.get(node)?.from;
    return from?.specifier === "kettle" ? from.name : null;
  }
  if (node.type !== "MemberExpression" || node.computed) return null;
  const { object, property } = node;
  if (object.type !== "Identifier" || property.type !== "Identifier") {
    return null;
  }
  const from = bindings.get(object)?.from;
  return from?.specifier === "kettle" && from.name === "*"
    ? property.name
    : null;
}

/** The kettle function whose call this node is, if its result waits for yield*. */
export function builderName(parsed: Parsed, node: Node): string | null {
  if (node.type !== "CallExpression") return null;
  const name = kettleName(parsed, node.callee);
  return name !== null && BUILDERS.has(name) ? name : null;
}

/** A call of a function* or *method of this file: it makes a routine and runs nothing. */
export function isRoutineCall(parsed: Parsed, node: Node): boolean {
  if (node.type !== "CallExpression") return false;
  const { callee } = node;
  if (callee.type === "Identifier") {
    const binding = parsed.names.bindings.get(callee);
    return binding?.kind === "function" && isGenerator(binding.declaration);
  }
  if (callee.type !== "MemberExpression" || callee.computed) return false;
  if (callee.object.type !== "ThisExpression") return false;
  return ownMethods(parsed, node).some((method) =>
    method.type === "MethodDefinition" && isGenerator(method.value) &&
    method.key.type === callee.property.type && "name" in method.key &&
    method.key.name === (callee.property as { name: string }).name
  );
}

function isGenerator(node: Node): boolean {
  return (node as { generator?: boolean }).generator === true;
}

/** The members of the class around a node. */
function ownMethods(parsed: Parsed, node: Node): readonly Node[] {
  const { parents } = parsed.names;
  for (let at = parents.get(node); at; at = parents.get(at)) {
    if (at.type === "ClassBody") return at.body;
  }
  return [];
}

/** `lock.lock()`, where `const lock = new Mutex()`: a routine of the library. */
export function isLibraryCall(parsed: Parsed, node: Node): boolean {
  if (node.type !== "CallExpression") return false;
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee.computed) return false;
  const { object, property } = callee;
  if (object.type !== "Identifier" || property.type !== "Identifier") {
    return false;
  }
  const made = parsed.names.bindings.get(object)?.declaration;
  if (made?.type !== "VariableDeclarator") return false;
  if (made.init?.type !== "NewExpression") return false;
  const name = kettleName(parsed, made.init.callee);
  return LIBRARY_METHODS.has(`${name}.${property.name}`);
}

/** An expression as it was written, or its beginning if it is long. */
export function textOf(parsed: Parsed, node: Node): string {
  const text = parsed.code.slice(node.start, node.end).replace(/\s+/g, " ");
  if (text.length <= 48) return text;
  return node.type === "CallExpression"
    ? `${parsed.code.slice(node.callee.start, node.callee.end)}(…)`
    : `${text.slice(0, 47)}…`;
}

/** The nearest function around a node; null at the top level. */
export function functionAround(parsed: Parsed, node: Node): Node | null {
  const { parents } = parsed.names;
  for (let at = parents.get(node); at; at = parents.get(at)) {
    if (
      at.type === "FunctionDeclaration" || at.type === "FunctionExpression" ||
      at.type === "ArrowFunctionExpression"
    ) return at;
  }
  return null;
}
