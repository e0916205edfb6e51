// From one file to a whole program: which file each import means, in which
// order they are set up, and what is wrong between them. Knows paths and
// compiled files; neither compiles nor runs anything.

import { nearest } from "../userland/lib/nearest.ts";
import {
  baseName,
  type CompiledFile,
  type Factory,
  type FileImport,
} from "./compiled.ts";
import { MESSAGES, placed } from "./messages.ts";

export type ReadFile = (path: string) => string | null;

/** A compiled file that can make instances. */
export interface Unit {
  file: CompiledFile;
  /** null when it did not compile. */
  factory: Factory | null;
  /** What stack traces call its code. */
  url?: string;
}

/** A file in its place in a program. */
export interface LinkedFile {
  unit: Unit;
  /** Its sites count from here. */
  base: number;
  /** For each of its imports, the number of that file in the program. */
  imports: number[];
}

/** The files of a program, each after those it imports; the last is the program's own. */
export interface LinkedProgram {
  files: LinkedFile[];
}

/** Where a relative import leads: the path and source, or null. */
export function resolveImport(
  from: string,
  specifier: string,
  readFile: ReadFile,
): { path: string; source: string } | null {
  const plain = joinPath(from, specifier);
  const names = plain.endsWith(".ts")
    ? [plain, plain.slice(0, -3)]
    : [plain, `${plain}.ts`];
  for (const path of names) {
    const source = readFile(path);
    if (source !== null) return { path, source };
  }
  return null;
}

/** `/sh/run.ts` and `../lib/text.ts` give `/lib/text.ts`. */
export function joinPath(from: string, specifier: string): string {
  const parts = specifier.startsWith("/") ? [] : from.split("/").slice(1, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/**
 * Links a program, asking `find` for each file. null: some file is not
 * compiled yet; `errors`: it cannot run.
 */
export function link(
  path: string,
  source: string,
  readFile: ReadFile,
  find: (path: string, source: string) => Unit | null,
): LinkedProgram | { errors: string[] } | null {
  const linker = new Linker(readFile, find);
  const whole = linker.add(path, source, []);
  if (whole === null) return null;
  if (linker.errors.length > 0) return { errors: linker.errors };
  return { files: linker.files };
}

class Linker {
  readonly files: LinkedFile[] = [];
  readonly errors: string[] = [];
  readonly #numbers = new Map<string, number>();
  #nextBase = 0;

  constructor(
    readonly readFile: ReadFile,
    readonly find: (path: string, source: string) => Unit | null,
  ) {}

  /** Adds a file after those it imports and gives its number; −1 with errors, null if not compiled. */
  add(path: string, source: string, chain: string[]): number | null {
    const known = this.#numbers.get(path);
    if (known !== undefined) return known;
    const unit = this.find(path, source);
    if (unit === null) return null;
    if (unit.factory === null) return this.#failed(unit.file.errors);
    const imports: number[] = [];
    for (const each of unit.file.imports) {
      const number = this.#addImport(unit.file, each, [...chain, path]);
      if (number === null) return null;
      imports.push(number);
    }
    return this.#place(path, unit, imports);
  }

  #place(path: string, unit: Unit, imports: number[]): number {
    const base = this.#nextBase;
    this.#nextBase += unit.file.lines.length;
    const number = this.files.push({ unit, base, imports }) - 1;
    this.#numbers.set(path, number);
    return number;
  }

  #failed(errors: string[]): number {
    for (const error of errors) {
      if (!this.errors.includes(error)) this.errors.push(error);
    }
    return -1;
  }

  #addImport(
    from: CompiledFile,
    { specifier, line, names }: FileImport,
    chain: string[],
  ): number | null {
    const { path } = from;
    const file = baseName(path);
    const said = (text: string) => this.#failed([placed(file, line, text)]);
    const found = resolveImport(path, specifier, this.readFile);
    if (found === null) return said(MESSAGES.noSuchFile(specifier));
    if (chain.includes(found.path)) {
      const circle = [...chain.slice(chain.indexOf(found.path)), found.path];
      return said(MESSAGES.cycle(circle.map(baseName).join(" → ")));
    }
    const number = this.add(found.path, found.source, chain);
    if (number === null || number < 0) return number;
    this.#checkBareCalls(from, specifier, this.files[number]!);
    for (const name of names) {
      const problem = nameProblem(this.files[number]!, name, specifier);
      if (problem !== null) said(problem);
    }
    return number;
  }

  /** Statements that call a function* of that file without yield*. */
  #checkBareCalls(
    from: CompiledFile,
    specifier: string,
    { unit: { file } }: LinkedFile,
  ): void {
    for (const call of from.bareCalls) {
      if (call.specifier !== specifier) continue;
      if (!file.routines.includes(call.name)) continue;
      const text = MESSAGES.routineNeverRun(call.text);
      this.#failed([placed(baseName(from.path), call.line, text)]);
    }
  }
}

function nameProblem(
  { unit: { file } }: LinkedFile,
  name: string,
  specifier: string,
): string | null {
  if (file.changing.includes(name)) {
    return MESSAGES.changingImport(name, baseName(file.path));
  }
  if (file.exports.includes(name) || file.imports.some((it) => it.star)) {
    return null;
  }
  return MESSAGES.notExported(name, specifier, nearest(name, file.exports));
}
