// How a file becomes a running program: the kernel has the bytes, the host has
// the compiler. A loader answers at once, or says null, and then the world
// stalls, with its time unmoved, until the host has compiled. The kernel does
// not know what compiling is.

import type { Main } from "./abi.ts";

/** A program that is ready to run: one fresh instance of it. */
export interface LoadedProgram {
  main: Main;
  name: string;
  /** "copy.ts:7" for a site the loader numbered; null if unknown. */
  describeSite?: (site: number) => string | null;
  /** "copy.ts:7" for where the program itself threw; null if unknown. */
  describeError?: (error: unknown) => string | null;
  /** Calls that were built and never used, when the program ends. */
  leftovers?: () => { site: number; name: string; args: string }[];
  /** Said once, in the trace: "100 nanoseconds; did you mean 100 * ms?" */
  notes?: string[];
  /** Where its `console.log` goes. */
  onNote?: (sink: (text: string) => void) => void;
}

/** What the host answers when the kernel wants to run a file. */
export type Loaded = LoadedProgram | { error: string };

export interface ProgramLoader {
  /**
   * A fresh instance of the program at `path`, each time it is called; null
   * while the host has not compiled it yet.
   */
  load(
    path: string,
    source: string,
    readFile: (path: string) => string | null,
  ): Loaded | null;
  /** A fresh instance of the module that `fn` comes from, and its export of that name; null if it was not loaded. */
  fresh?(fn: Main): LoadedProgram | null;
}

/** What the world waits for the host to compile. */
export interface Wanted {
  path: string;
  source: string;
  readFile: (path: string) => string | null;
}

/** A world without a host runs functions only. */
export const NO_LOADER: ProgramLoader = {
  load: (path) => ({
    error: `${path}: this world has no program loader`,
  }),
};
