// Programs from source text: compiles what the world asks for, keeps it, and
// makes a fresh instance, with module state of its own, each time a program
// starts. It runs in any engine: how a file is compiled is handed in. It knows
// the kernel only by the contract in kernel/program.ts.

import type { Main } from "../kernel/abi.ts";
import type {
  Loaded,
  LoadedProgram as Runnable,
  ProgramLoader,
  Wanted,
} from "../kernel/program.ts";
import {
  baseName,
  type CompiledFile,
  type Factory,
  type Instance,
} from "./compiled.ts";
import { importCode } from "./import_code.ts";
import { InstanceHost, ProgramError } from "./instance.ts";
import { KETTLE } from "./kettle_names.ts";
import {
  link,
  type LinkedProgram,
  type ReadFile,
  resolveImport,
  type Unit,
} from "./link.ts";
import { MESSAGES, placed } from "./messages.ts";

/** A program that can run, with all that the loader knows of it. */
export type LoadedProgram = Required<Runnable>;

/** A file compiled ahead of time, with its factory. */
export interface PrecompiledFile {
  path: string;
  source: string;
  file: CompiledFile;
  factory: Factory;
}

export interface LoaderOptions {
  /** Compiles one file; it never rejects for what the file holds. */
  compile: (path: string, source: string) => Promise<CompiledFile>;
  precompiled?: readonly PrecompiledFile[];
  /** Finds a file compiled ahead of time whose text nobody has given. */
  early?: (path: string, source: string) => EarlyFile | null;
}

export type EarlyFile = Pick<PrecompiledFile, "file" | "factory">;

/** Where a function came from, so that it can be had again in a fresh instance. */
interface Origin {
  program: LinkedProgram;
  /** The file's number in the program. */
  file: number;
  /** Its name among the file's exports or functions. */
  name: string;
  exported: boolean;
}

/** Bun prints a module anew before it runs it, so lines in its stacks are not ours. */
export const STACKS_HAVE_LINES = !("Bun" in globalThis);

/** Versions of files kept; the oldest go first. */
const UNITS_MAX = 1_000;

export class Loader implements ProgramLoader {
  readonly #compile: LoaderOptions["compile"];
  readonly #early: NonNullable<LoaderOptions["early"]>;
  /** By path and source: a file is compiled and imported once. */
  readonly #units = new Map<string, Unit>();
  readonly #underWay = new Map<string, Promise<Unit>>();
  readonly #origins = new WeakMap<object, Origin>();
  #compiled = 0;

  constructor(
    { compile, precompiled = [], early = () => null }: LoaderOptions,
  ) {
    this.#compile = compile;
    this.#early = early;
    for (const { path, source, file, factory } of precompiled) {
      this.#units.set(keyOf(path, source), { file, factory });
    }
  }

  /** How many files were compiled so far: precompiled ones do not count. */
  get compiledCount(): number {
    return this.#compiled;
  }

  // ----------------------------------------------------------- for the kernel

  load(path: string, source: string, readFile: ReadFile): Loaded | null {
    const find = (path: string, source: string) => this.#known(path, source);
    const program = link(path, source, readFile, find);
    if (program === null) return null;
    if ("errors" in program) return { error: program.errors.join("\n") };
    const { notProgram } = program.files.at(-1)!.unit.file;
    if (notProgram !== null) return { error: notProgram };
    return this.#start(program, path);
  }

  fresh(fn: Main): LoadedProgram | null {
    const origin = this.#origins.get(fn);
    if (origin === undefined) return null;
    const { program, file, name, exported } = origin;
    const { instances, host } = this.#instantiate(program);
    const instance = instances[file]!;
    const main = (exported ? instance.exports : instance.functions)[name];
    return this.#loaded(program, host, main as Main, name);
  }

  // ----------------------------------------------------------- for the host

  /** Compiles what the world waits for, with all that it imports. */
  async compile({ path, source, readFile }: Wanted): Promise<void> {
    const seen = new Set<string>();
    const visit = async (path: string, source: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { file } = await this.#unit(path, source);
      const found = file.imports
        .map(({ specifier }) => resolveImport(path, specifier, readFile))
        .filter((it) => it !== null);
      await Promise.all(found.map((it) => visit(it.path, it.source)));
    };
    await visit(path, source);
  }

  #known(path: string, source: string): Unit | null {
    const key = keyOf(path, source);
    const known = this.#units.get(key) ?? this.#early(path, source);
    if (known !== null) this.#units.set(key, known);
    return known;
  }

  #unit(path: string, source: string): Promise<Unit> {
    const key = keyOf(path, source);
    const known = this.#known(path, source);
    if (known !== null) return Promise.resolve(known);
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const promise = this.#make(path, source).finally(() =>
      this.#underWay.delete(key)
    );
    this.#underWay.set(key, promise);
    return promise;
  }

  async #make(path: string, source: string): Promise<Unit> {
    this.#compiled += 1;
    const file = await this.#compile(path, source);
    const imported = file.errors.length > 0
      ? { factory: null }
      : await importCode(file.code);
    const unit = { file, ...imported };
    if (this.#units.size >= UNITS_MAX) this.#forgetOldest();
    this.#units.set(keyOf(path, source), unit);
    return unit;
  }

  #forgetOldest(): void {
    for (const key of this.#units.keys()) {
      this.#units.delete(key);
      return;
    }
  }

  // ----------------------------------------------------------- instances

  #start(program: LinkedProgram, path: string): Loaded {
    const name = baseName(path);
    try {
      const { instances, host } = this.#instantiate(program);
      const main = instances.at(-1)!.exports.default;
      if (typeof main !== "function") {
        return { error: placed(name, 1, MESSAGES.mainNotFunction()) };
      }
      return this.#loaded(program, host, main as Main, name);
    } catch (error) {
      const text = messageOf(error);
      return { error: /^\S+:\d+ {2}/.test(text) ? text : `${name}: ${text}` };
    }
  }

  /** Runs each file's top level once: module state that nobody else sees. */
  #instantiate(
    program: LinkedProgram,
  ): { instances: Instance[]; host: InstanceHost } {
    const host = new InstanceHost(
      (site) => describeSite(program, site),
      program.files.flatMap(({ unit }) => unit.file.notes),
    );
    const instances: Instance[] = [];
    for (const { unit, base, imports } of program.files) {
      const files = imports.map((number) => instances[number]!.exports);
      const instance = unit.factory!(KETTLE, files, host.forFile(base));
      instances.push(instance);
      this.#remember(instance, program, instances.length - 1);
    }
    return { instances, host };
  }

  #remember(instance: Instance, program: LinkedProgram, file: number): void {
    const tables = [
      [instance.functions, false],
      [instance.exports, true],
    ] as const;
    for (const [table, exported] of tables) {
      for (const [name, value] of Object.entries(table)) {
        if (typeof value !== "function" || this.#origins.has(value)) continue;
        this.#origins.set(value, { program, file, name, exported });
      }
    }
  }

  #loaded(
    program: LinkedProgram,
    host: InstanceHost,
    main: Main,
    name: string,
  ): LoadedProgram {
    return {
      main,
      name,
      notes: host.notes,
      describeSite: (site) => describeSite(program, site),
      describeError: (error) => describeError(program, error),
      leftovers: () => host.leftovers(),
      onNote: (sink) => host.noteTo(sink),
    };
  }
}

/** `copy.ts:7` */
function describeSite(program: LinkedProgram, site: number): string | null {
  for (const { unit: { file }, base } of program.files) {
    const line = file.lines[site - base - 1];
    if (line !== undefined) return `${baseName(file.path)}:${line}`;
  }
  return null;
}

/** `copy.ts:7`: the innermost line of the program that an error's stack names. */
function describeError(program: LinkedProgram, error: unknown): string | null {
  if (!STACKS_HAVE_LINES) return null;
  for (const [, url, line] of stackOf(error).matchAll(STACK_PLACE)) {
    const file = program.files.find(({ unit }) => unit.url === url)?.unit.file;
    const row = file?.rows[Number(line) - 1];
    if (row !== undefined) return `${baseName(file!.path)}:${row}`;
  }
  return null;
}

const STACK_PLACE = /(blob:\S+?):(\d+):\d+/g;

/** Its stack; "" if it has none, tells its place itself, or is a trap. */
function stackOf(error: unknown): string {
  try {
    if (!(error instanceof Error) || error instanceof ProgramError) return "";
    return String(error.stack);
  } catch {
    return "";
  }
}

/** What was thrown, in words; it may be anything, a trap as well. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "threw something that cannot be printed";
  }
}

function keyOf(path: string, source: string): string {
  return `${path}\0${source}`;
}
