// What the loader would say of a file, said while it is written: the same
// compile, the same checks, the same words. Only the step from TypeScript to
// JavaScript is TypeScript's own here, because it is there already and
// esbuild's 3.7 MB are not.

import ts from "typescript";
import { compileFile } from "../../host/compile_file.ts";
import { baseName, type CompiledFile } from "../../host/compiled.ts";
import {
  link,
  type ReadFile,
  resolveImport,
  type Unit,
} from "../../host/link.ts";
import { MESSAGES } from "../../host/messages.ts";
import type { Transform, Transformed } from "../../host/transform.ts";
import { fileNameOf } from "./language_files.ts";

/** A sentence about a line, from 1. */
export interface Said {
  line: number;
  text: string;
  isNote: boolean;
}

const UNITS_MAX = 200;
const PLACED = /^(\S+):(\d+) {2}([\s\S]*)$/;

export class LoaderCheck {
  readonly #readFile: ReadFile;
  readonly #units = new Map<string, Promise<Unit>>();

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** What it says of this file, in the order of the lines. */
  async of(path: string, source: string): Promise<Said[]> {
    const units = new Map<string, Unit>();
    await this.#bring(path, source, units);
    const { file } = units.get(path)!;
    const linked = link(
      path,
      source,
      this.#readFile,
      (path) => units.get(path) ?? null,
    );
    const errors = linked !== null && "errors" in linked ? linked.errors : [];
    const main = file.notProgram;
    const isLibrary = main === null || main.endsWith(MESSAGES.noMain());
    const wrong = isLibrary ? errors : [...errors, main];
    return [
      ...wrong.map((text) => placedIn(file, source, text, false)),
      ...file.notes.map((text) => placedIn(file, source, text, true)),
    ];
  }

  /** Compiles a file and all that it imports. */
  async #bring(
    path: string,
    source: string,
    into: Map<string, Unit>,
  ): Promise<void> {
    if (into.has(path)) return;
    const unit = await this.#unit(path, source);
    into.set(path, unit);
    for (const { specifier } of unit.file.imports) {
      const found = resolveImport(path, specifier, this.#readFile);
      if (found !== null) await this.#bring(found.path, found.source, into);
    }
  }

  #unit(path: string, source: string): Promise<Unit> {
    const key = `${path}\0${source}`;
    const known = this.#units.get(key);
    if (known !== undefined) return known;
    const made = compileFile(path, source, transform).then((file) => ({
      file,
      factory: file.errors.length > 0 ? null : nothing,
    }));
    if (this.#units.size >= UNITS_MAX) {
      this.#units.delete(this.#units.keys().next().value!);
    }
    this.#units.set(key, made);
    return made;
  }
}

/** It is only looked at, never run. */
function nothing() {
  return { exports: {}, functions: {} };
}

/** `hello.ts:3  text` about this file; about another, at the line that imports one. */
function placedIn(
  file: CompiledFile,
  source: string,
  sentence: string,
  isNote: boolean,
): Said {
  const [, name, line, text] = PLACED.exec(sentence) ?? [];
  if (text === undefined) return { line: 1, text: sentence, isNote };
  if (name === baseName(file.path)) return { line: Number(line), text, isNote };
  const stem = name!.replace(/\.ts$/, "");
  const rows = source.split("\n");
  const at = rows.findIndex((row) =>
    /\bfrom\b|^import/.test(row) && row.includes(stem)
  );
  return { line: Math.max(1, at + 1), text: sentence, isNote };
}

/** TypeScript's, for one file by itself. */
export const transform: Transform = (source, { path }) =>
  Promise.resolve(transpiled(source, path));

function transpiled(source: string, path: string): Transformed {
  const { outputText: code, sourceMapText: map, diagnostics = [] } = ts
    .transpileModule(source, {
      fileName: fileNameOf(path),
      reportDiagnostics: true,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        sourceMap: true,
      },
    });
  const problems = diagnostics.flatMap(({ file, start, messageText }) => {
    if (file === undefined || start === undefined) return [];
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    const text = ts.flattenDiagnosticMessageText(messageText, " ");
    return [{ text, line: line + 1, column: character }];
  });
  return problems.length > 0 ? { problems } : { code, map: map! };
}
