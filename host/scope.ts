// Which declaration each name in a module means. One walk over the syntax tree
// with a stack of scopes; a name that no scope declares is free: it belongs to
// the engine, or is a mistake. Knows JavaScript's rules and nothing of Kettle.

import type { AnyNode, Identifier, Program } from "acorn";

export type Node = AnyNode;

/** One declared name. */
export interface Binding {
  name: string;
  kind: "import" | "function" | "class" | "variable" | "parameter";
  /** What declares it: the function, the declarator, the import specifier. */
  declaration: Node;
  /** For imports: the module, and the name there (`*` is all of it). */
  from?: { specifier: string; name: string };
  /** Assigned to inside a function, after the module has run. */
  changes: boolean;
}

export interface Resolution {
  /** What each identifier that is used means; null: it is free. */
  bindings: Map<Identifier, Binding | null>;
  /** The module's own names. */
  top: Map<string, Binding>;
  parents: Map<Node, Node>;
  /** All nodes, outermost first, in the order of the text. */
  nodes: Node[];
}

type Scope = Map<string, Binding>;

/** Resolves every name of a module. */
export function resolveNames(program: Program): Resolution {
  const walk = new Walk();
  walk.visit(program, null);
  return walk.resolution;
}

/** Calls `visit` with each node directly inside a node, in the order of the text. */
function eachChild(node: Node, visit: (child: Node) => void): void {
  const fields = node as unknown as Record<string, unknown>;
  for (const name in fields) {
    const value = fields[name];
    if (isNode(value)) visit(value);
    else if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null &&
    typeof (value as Node).type === "string";
}

export function isFunction(node: Node): node is Node & { body: Node } {
  return node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression";
}

class Walk {
  readonly resolution: Resolution = {
    bindings: new Map(),
    top: new Map(),
    parents: new Map(),
    nodes: [],
  };
  #scopes: Scope[] = [];
  #functionDepth = 0;

  visit(node: Node, parent: Node | null): void {
    this.resolution.nodes.push(node);
    if (parent !== null) this.resolution.parents.set(node, parent);
    const scope = this.#scopeOf(node);
    if (scope !== null) this.#scopes.push(scope);
    if (isFunction(node)) this.#functionDepth += 1;
    eachChild(node, (child) => {
      if (isUse(child, node)) this.#use(child, node);
      else if (!isOnlyAName(child, node)) this.visit(child, node);
    });
    if (isFunction(node)) this.#functionDepth -= 1;
    if (scope !== null) this.#scopes.pop();
  }

  #use(node: Identifier, parent: Node): void {
    const { resolution } = this;
    resolution.nodes.push(node);
    resolution.parents.set(node, parent);
    const binding = this.#find(node.name);
    resolution.bindings.set(node, binding);
    if (binding !== null && this.#functionDepth > 0 && isChange(node, parent)) {
      binding.changes = true;
    }
  }

  #find(name: string): Binding | null {
    for (let depth = this.#scopes.length - 1; depth >= 0; depth -= 1) {
      const binding = this.#scopes[depth]!.get(name);
      if (binding !== undefined) return binding;
    }
    return null;
  }

  /** The names a node declares for what is inside it; null if it is no scope. */
  #scopeOf(node: Node): Scope | null {
    if (node.type === "Program") {
      const scope = this.resolution.top;
      declareVars(scope, node);
      declareStatements(scope, node.body);
      return scope;
    }
    if (isFunction(node)) return functionScope(node);
    if (node.type === "BlockStatement" || node.type === "StaticBlock") {
      const scope: Scope = new Map();
      if (node.type === "StaticBlock") declareVars(scope, node);
      declareStatements(scope, node.body);
      return scope;
    }
    if (node.type === "SwitchStatement") {
      const scope: Scope = new Map();
      for (const { consequent } of node.cases) {
        declareStatements(scope, consequent);
      }
      return scope;
    }
    return smallScope(node);
  }
}

function functionScope(node: Node): Scope {
  const scope: Scope = new Map();
  if (node.type === "FunctionExpression" && node.id) {
    declare(scope, node.id.name, "function", node);
  }
  if (node.type !== "ArrowFunctionExpression") {
    declare(scope, "arguments", "parameter", node);
  }
  const { params } = node as unknown as { params: Node[] };
  for (const param of params) declarePattern(scope, param, "parameter", param);
  declareVars(scope, (node as unknown as { body: Node }).body);
  return scope;
}

/** Loops, catch clauses and classes with a name of their own. */
function smallScope(node: Node): Scope | null {
  const scope: Scope = new Map();
  if (node.type === "ForStatement" && node.init) {
    declareStatements(scope, [node.init]);
  } else if (node.type === "ForInStatement" || node.type === "ForOfStatement") {
    declareStatements(scope, [node.left]);
  } else if (node.type === "CatchClause" && node.param) {
    declarePattern(scope, node.param, "variable", node);
  } else if (node.type === "ClassExpression" && node.id) {
    declare(scope, node.id.name, "class", node);
  }
  return scope.size === 0 ? null : scope;
}

/** `let`, `const`, functions, classes and imports that stand directly here. */
function declareStatements(scope: Scope, statements: readonly Node[]): void {
  for (const statement of statements) {
    if (statement.type === "ImportDeclaration") {
      declareImports(scope, statement);
    } else if (
      statement.type === "ExportNamedDeclaration" && statement.declaration
    ) declareStatements(scope, [statement.declaration]);
    else if (statement.type === "ExportDefaultDeclaration") {
      declareStatements(scope, [statement.declaration]);
    } else if (
      statement.type === "VariableDeclaration" && statement.kind !== "var"
    ) {
      for (const declarator of statement.declarations) {
        declarePattern(scope, declarator.id, "variable", declarator);
      }
    } else if (statement.type === "FunctionDeclaration" && statement.id) {
      declare(scope, statement.id.name, "function", statement);
    } else if (statement.type === "ClassDeclaration" && statement.id) {
      declare(scope, statement.id.name, "class", statement);
    }
  }
}

function declareImports(
  scope: Scope,
  node: Node & { type: "ImportDeclaration" },
): void {
  const specifier = String(node.source.value);
  for (const part of node.specifiers) {
    const name = part.type === "ImportDefaultSpecifier"
      ? "default"
      : part.type === "ImportNamespaceSpecifier"
      ? "*"
      : exportName(part.imported);
    declare(scope, part.local.name, "import", part).from = { specifier, name };
  }
}

/** An exported or imported name: an identifier, or a string. */
export function exportName(node: Node): string {
  return node.type === "Identifier"
    ? node.name
    : String((node as { value?: unknown }).value);
}

/** Statements and their parts: not functions, classes or expressions. */
const MAY_HOLD_VARS =
  /^(?!Expression|Return|Throw).*Statement$|^(SwitchCase|CatchClause|VariableDeclaration|ExportNamedDeclaration)$/;

/** `var` belongs to the function, however deep it stands. */
function declareVars(scope: Scope, node: Node): void {
  if (node.type === "VariableDeclaration" && node.kind === "var") {
    for (const declarator of node.declarations) {
      declarePattern(scope, declarator.id, "variable", declarator);
    }
  }
  eachChild(node, (child) => {
    if (MAY_HOLD_VARS.test(child.type)) declareVars(scope, child);
  });
}

function declarePattern(
  scope: Scope,
  pattern: Node,
  kind: Binding["kind"],
  declaration: Node,
): void {
  if (pattern.type === "Identifier") {
    declare(scope, pattern.name, kind, declaration);
  } else if (pattern.type === "ObjectPattern") {
    for (const property of pattern.properties) {
      const inner = property.type === "RestElement"
        ? property.argument
        : property.value;
      declarePattern(scope, inner, kind, pattern);
    }
  } else if (pattern.type === "ArrayPattern") {
    for (const inner of pattern.elements) {
      if (inner !== null) declarePattern(scope, inner, kind, pattern);
    }
  } else if (pattern.type === "AssignmentPattern") {
    declarePattern(scope, pattern.left, kind, pattern);
  } else if (pattern.type === "RestElement") {
    declarePattern(scope, pattern.argument, kind, pattern);
  }
}

function declare(
  scope: Scope,
  name: string,
  kind: Binding["kind"],
  declaration: Node,
): Binding {
  const binding: Binding = { name, kind, declaration, changes: false };
  scope.set(name, binding);
  return binding;
}

/** An identifier that means a variable, not a property or a label. */
function isUse(node: Node, parent: Node): node is Identifier {
  return node.type === "Identifier" && !isOnlyAName(node, parent);
}

/** `b` in `a.b`, `{ b: 1 }`, `break b`, `export { a as b }`: no variable. */
function isOnlyAName(node: Node, parent: Node): boolean {
  switch (parent.type) {
    case "MemberExpression":
      return node === parent.property && !parent.computed;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return node === parent.key && !parent.computed;
    case "LabeledStatement":
      return node === parent.label;
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
    case "ImportDeclaration":
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
    case "ExportAllDeclaration":
      return true;
    case "ExportNamedDeclaration":
      return parent.source != null;
    case "ExportSpecifier":
      return node !== parent.local;
    default:
      return false;
  }
}

function isChange(node: Identifier, parent: Node): boolean {
  return (parent.type === "AssignmentExpression" && parent.left === node) ||
    parent.type === "UpdateExpression" ||
    ((parent.type === "ForInStatement" || parent.type === "ForOfStatement") &&
      parent.left === node);
}
