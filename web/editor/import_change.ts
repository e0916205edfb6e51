// How a name of "kettle" gets into a file: into the import that is there, or as
// a line of its own above the first statement. It only says what to change.

import ts from "typescript";
import type { Change } from "./language_protocol.ts";

const KETTLE = "kettle";

/** `name` may begin with "type ". Nothing to change if there is no such file. */
export function importChange(
  file: ts.SourceFile | undefined,
  name: string,
): Change[] {
  if (file === undefined) return [];
  const list = file.statements.map(namesFromKettle).find((it) =>
    it !== undefined
  );
  if (list === undefined) return [ownLine(file, name)];
  const next = list.elements.find((it) =>
    compared(it.name.text) > compared(name.replace(/^type /, ""))
  );
  if (next !== undefined) {
    const at = next.getStart(file);
    return [{ from: at, to: at, insert: `${name}, ` }];
  }
  const last = list.elements.at(-1);
  const at = last?.getEnd() ?? list.getStart(file) + 1;
  const insert = last === undefined ? ` ${name} ` : `, ${name}`;
  return [{ from: at, to: at, insert }];
}

/** deno fmt's order: letters, whatever their size. */
function compared(name: string): string {
  return name.toLowerCase();
}

function namesFromKettle(node: ts.Statement): ts.NamedImports | undefined {
  if (!ts.isImportDeclaration(node)) return undefined;
  const { moduleSpecifier, importClause } = node;
  const isKettle = ts.isStringLiteral(moduleSpecifier) &&
    moduleSpecifier.text === KETTLE;
  const bindings = importClause?.namedBindings;
  if (!isKettle || bindings === undefined) return undefined;
  const isTypesOnly = importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
  return ts.isNamedImports(bindings) && !isTypesOnly ? bindings : undefined;
}

/** After the comments at the top, which tell of the file. */
function ownLine(file: ts.SourceFile, name: string): Change {
  const first = file.statements[0];
  const line = `import { ${name} } from "${KETTLE}";\n`;
  if (first === undefined) {
    const at = file.text.length;
    const gap = at > 0 && !file.text.endsWith("\n") ? "\n" : "";
    return { from: at, to: at, insert: gap + line };
  }
  const at = first.getStart(file);
  const gap = ts.isImportDeclaration(first) ? "" : "\n";
  return { from: at, to: at, insert: line + gap };
}
