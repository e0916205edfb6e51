// What compiling one file gives: plain data that can be cached, sent to a
// worker, or written into a module ahead of time. Knows neither the compiler
// that makes it nor the loader that links and runs it.

/** One file, compiled. Everything in it can be cloned and printed as JSON. */
export interface CompiledFile {
  /** Where the file is in the machine: `/home/hello.ts`. */
  path: string;
  /** A module: `export default ($$kettle, $$files, $$host) => { … }`; "" with errors. */
  code: string;
  /** The source line of every site; site n stands at `lines[n - 1]`. */
  lines: number[];
  /** The source line of every line of the code, for errors; may be empty. */
  rows: number[];
  /** The other files it imports; `$$files` holds their exports in this order. */
  imports: FileImport[];
  exports: string[];
  /** Which of them are function*: a call of one only makes a routine. */
  routines: string[];
  /** Statements that only call an imported function. */
  bareCalls: BareCall[];
  /** Exports that a function may change later: others cannot import those. */
  changing: string[];
  /** Why it cannot run: `hello.ts:3  …`, one line each. */
  errors: string[];
  /** Why it cannot be started as a program, though others may import it. */
  notProgram: string | null;
  /** Things worth saying once that do not stop it. */
  notes: string[];
}

/** `import { names } from "specifier"`, at a line. */
export interface FileImport {
  specifier: string;
  line: number;
  names: string[];
  /** `export * from`: its exports are ours. */
  star: boolean;
}

/** `helper(3);`: a mistake if helper is a function*, which its own file knows. */
export interface BareCall {
  specifier: string;
  name: string;
  line: number;
  text: string;
}

/** What a compiled file's factory gives for one instance. */
export interface Instance {
  exports: Record<string, unknown>;
  /** Every function of the file's top level, by name. */
  functions: Record<string, unknown>;
}

/** The default export of a compiled file's code. */
export type Factory = (
  kettle: Record<string, unknown>,
  files: Record<string, unknown>[],
  host: unknown,
) => Instance;

/** `/home/hello.ts` → `hello.ts`: how messages call a file. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A file that does not compile. */
export function failedFile(path: string, errors: string[]): CompiledFile {
  return {
    path,
    code: "",
    lines: [],
    rows: [],
    imports: [],
    exports: [],
    routines: [],
    bareCalls: [],
    changing: [],
    errors,
    notProgram: null,
    notes: [],
  };
}
