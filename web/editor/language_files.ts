// The files as the language service sees them: those of the machine under their
// own paths, the sources behind "kettle" and the language's declarations beside
// them. What an import means is what it means to the loader. It knows no editor.

import ts from "typescript";
import { resolveImport } from "../../host/link.ts";
import type { Library } from "./language_protocol.ts";

const LIBS = "/.typescript";
const KETTLE = "/.kettle";
const ENGINE = `${LIBS}/engine.d.ts`;
export const KETTLE_DOOR = `${KETTLE}/mod.ts`;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  allowImportingTsExtensions: true,
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  types: [],
};

interface Versioned {
  text: string;
  version: number;
  snapshot: ts.IScriptSnapshot;
}

export class LanguageFiles implements ts.LanguageServiceHost {
  readonly #files = new Map<string, Versioned>();
  readonly #options: ts.CompilerOptions;
  /** What was asked about: the service checks these and what they import. */
  #roots: string[] = [ENGINE];
  #versions = 0;

  constructor({ libs, roots, engine, kettle }: Library) {
    for (const [name, text] of Object.entries(libs)) {
      this.#put(`${LIBS}/${name}`, text);
    }
    for (const [name, text] of Object.entries(kettle)) {
      this.#put(`${KETTLE}/${name}`, text);
    }
    this.#put(ENGINE, engine);
    this.#options = { ...OPTIONS, lib: roots };
  }

  /** A file of the machine; null: it is gone. */
  set(path: string, text: string | null): void {
    if (text === null) this.#files.delete(fileNameOf(path));
    else if (this.read(path) !== text) this.#put(fileNameOf(path), text);
  }

  /** What a path of the machine holds. */
  readonly read = (path: string): string | null =>
    this.#files.get(path)?.text ??
      this.#files.get(fileNameOf(path))?.text ?? null;

  /** From now on it is one of the files that are checked. */
  lookAt(path: string): string {
    const name = fileNameOf(path);
    if (!this.#roots.includes(name)) this.#roots = [ENGINE, name];
    return name;
  }

  #put(name: string, text: string): void {
    const snapshot = ts.ScriptSnapshot.fromString(text);
    this.#files.set(name, { text, version: ++this.#versions, snapshot });
  }

  // ----------------------------------------------------------- for the service

  getCompilationSettings(): ts.CompilerOptions {
    return this.#options;
  }

  getScriptFileNames(): string[] {
    return this.#roots.filter((name) => this.#files.has(name));
  }

  getScriptVersion(name: string): string {
    return String(this.#files.get(name)?.version ?? 0);
  }

  getScriptSnapshot(name: string): ts.IScriptSnapshot | undefined {
    return this.#files.get(name)?.snapshot;
  }

  getCurrentDirectory(): string {
    return "/home";
  }

  getDefaultLibFileName(): string {
    return `${LIBS}/lib.d.ts`;
  }

  fileExists(name: string): boolean {
    return this.#files.has(name);
  }

  readFile(name: string): string | undefined {
    return this.#files.get(name)?.text;
  }

  resolveModuleNameLiterals(
    literals: readonly ts.StringLiteralLike[],
    from: string,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] {
    return literals.map(({ text }) => {
      const name = this.#meaning(from, text);
      if (name === null) return { resolvedModule: undefined };
      const resolvedFileName = name;
      return { resolvedModule: { resolvedFileName, extension: ".ts" } };
    });
  }

  #meaning(from: string, specifier: string): string | null {
    if (specifier === "kettle") return KETTLE_DOOR;
    if (!/^\.{0,2}\//.test(specifier)) return null;
    const found = resolveImport(from, specifier, this.read);
    return found === null ? null : fileNameOf(found.path);
  }
}

/** Programs of /bin have no extension, and the service wants one. */
export function fileNameOf(path: string): string {
  return path.endsWith(".ts") ? path : `${path}.ts`;
}

/** Whether it is a file of the machine, and not one of ours beside it. */
export function isInMachine(name: string): boolean {
  return !name.startsWith(`${LIBS}/`) && !name.startsWith(`${KETTLE}/`);
}
