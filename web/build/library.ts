// What the editor's language service knows before it has seen a program: the
// types of the language, what the machine gives besides, the sources behind
// `import … from "kettle"`, and the manual for what is shown at a name. Built
// from this checkout and from the compiler's own declarations.

import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import type { Library } from "../editor/language_protocol.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const DECLARATIONS = join(ROOT, "node_modules/typescript/lib");
/** The language as programs have it: no page, no files of a host, no timers. */
const LANGUAGE = ["es2024", "es2025.iterator"];
/** The manual's books that tell of names in `kettle`. */
const BOOKS = ["2_calls.md", "3_library.md"];

/** What a program has of the engine besides the language. */
const ENGINE = `/** Notes in the trace: they cost no time. */
declare const console: {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  debug(...values: unknown[]): void;
};
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}
declare function structuredClone<T>(value: T): T;
declare function atob(text: string): string;
declare function btoa(text: string): string;
`;

export function readLibrary(): Library {
  const libs: Record<string, string> = {};
  for (const name of LANGUAGE) addDeclarations(name, libs);
  const kettle: Record<string, string> = {};
  addSources("mod.ts", kettle);
  const pages = Object.fromEntries(
    BOOKS.map((name) => [name, readFromRoot(`userland/man/${name}`)]),
  );
  return { libs, roots: LANGUAGE.map(fileOf), engine: ENGINE, kettle, pages };
}

function fileOf(name: string): string {
  return `lib.${name}.d.ts`;
}

/** A set of declarations, with those it refers to. */
function addDeclarations(name: string, into: Record<string, string>): void {
  const file = fileOf(name);
  if (Object.hasOwn(into, file)) return;
  const text = readFileSync(join(DECLARATIONS, file), "utf8");
  into[file] = text;
  for (const [, other] of text.matchAll(/<reference lib="([^"]+)"/g)) {
    addDeclarations(other!, into);
  }
}

/** A source, with those it imports. */
function addSources(file: string, into: Record<string, string>): void {
  if (Object.hasOwn(into, file)) return;
  const text = readFromRoot(file);
  into[file] = text;
  for (const [, other] of text.matchAll(/from "(\.[^"]+)"/g)) {
    addSources(posix.join(posix.dirname(file), other!), into);
  }
}

function readFromRoot(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
