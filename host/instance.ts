// What a running program's code calls while it runs: the other end of what
// rewrite.ts puts into it. One object per running instance, since it holds the
// loop count and the list of calls that were built. Does not know the kernel.

import { Call } from "../kernel/abi.ts";
import { argumentsText, callText } from "../kernel/call_text.ts";
import { LIBRARY_PROTOTYPES } from "./kettle_names.ts";
import { LOOPS_HEAVY, LOOPS_MAX, MESSAGES } from "./messages.ts";

/** A call that was built and never used. */
export interface Leftover {
  site: number;
  name: string;
  args: string;
}

/** A mistake of the program, thrown where it happens: its message says it all. */
export class ProgramError extends Error {}

/** A loop, or a recursion, that made no call for too long. */
export class RunawayLoop extends ProgramError {}

/** Calls remembered before those that were used since are forgotten. */
const BUILT_MAX = 256;

type AnyCall = Call<unknown>;

/** The services of one instance; {@link forFile} gives each file its own numbers. */
export class InstanceHost {
  readonly loops = { n: 0 };
  readonly #describe: (site: number) => string | null;
  #built: { call: AnyCall; site: number }[] = [];
  #saidHeavy = false;
  #note: (text: string) => void;

  /** Notes are added to `notes` until {@link noteTo} says otherwise. */
  constructor(
    describe: (site: number) => string | null,
    readonly notes: string[],
  ) {
    this.#describe = describe;
    this.#note = (text) => notes.push(text);
  }

  /** Changes where notes go. */
  noteTo(note: (text: string) => void): void {
    this.#note = note;
  }

  /** What a factory takes as `$$host`; its sites count from `base`. */
  forFile(base: number): Record<string, unknown> {
    return {
      base,
      loops: this.loops,
      at: (value: unknown, site: number) => this.#at(value, site),
      bare: (value: unknown, site: number) => this.#bare(value, site),
      built: (value: unknown, site: number) => this.#remember(value, site),
      spin: (site: number, name?: string) => this.#spin(site, name),
      console: this.#console(),
    };
  }

  /** Every operand of yield* comes through here. */
  #at(value: unknown, site: number): unknown {
    if (value instanceof Call) {
      if (value.used) throw this.#error(site, usedTwice(value));
      if (this.loops.n >= LOOPS_HEAVY) this.#heavy(site);
      this.loops.n = 0;
      value.site = site;
      return value;
    }
    if (isIterator(value)) {
      const library = LIBRARY_PROTOTYPES.has(Object.getPrototypeOf(value));
      return library ? new Adopted(value, site, this.loops) : value;
    }
    throw this.#error(site, MESSAGES.notYieldable(describeValue(value)));
  }

  /** Said at the first call after so much work, and then no more. */
  #heavy(site: number): void {
    if (this.#saidHeavy) return;
    this.#saidHeavy = true;
    this.#note(this.#placed(site, MESSAGES.heavyWork(this.loops.n)));
  }

  #bare(value: unknown, site: number): unknown {
    if (!(value instanceof Call)) return value;
    throw this.#error(site, MESSAGES.needsStar(callText(value)));
  }

  #spin(site: number, name?: string): never {
    this.loops.n = LOOPS_MAX; // caught and carried on, it is thrown again
    const text = name === undefined
      ? MESSAGES.runawayLoop()
      : MESSAGES.runawayRecursion(name);
    throw new RunawayLoop(this.#placed(site, text));
  }

  #error(site: number, text: string): ProgramError {
    return new ProgramError(this.#placed(site, text));
  }

  #placed(site: number, text: string): string {
    return `${this.#describe(site) ?? "?"}  ${text}`;
  }

  // ----------------------------------------------------------- leftovers

  #remember(value: unknown, site: number): unknown {
    if (!(value instanceof Call)) return value;
    value.site = site;
    if (this.#built.length >= BUILT_MAX) this.#forgetUsed();
    if (this.#built.length < BUILT_MAX) this.#built.push({ call: value, site });
    return value;
  }

  #forgetUsed(): void {
    this.#built = this.#built.filter(({ call }) => !call.used);
  }

  /** Calls that were built and never used, one for each place. */
  leftovers(): Leftover[] {
    try {
      return this.#unused();
    } catch {
      return []; // a program may have made a trap of its own call
    }
  }

  #unused(): Leftover[] {
    this.#forgetUsed();
    const bySite = new Map<number, Leftover>();
    for (const { call, site } of this.#built) {
      const args = argumentsText(call);
      bySite.set(site, { site, name: call.name, args });
    }
    return [...bySite.values()];
  }

  // ----------------------------------------------------------- console

  /** console.log and its like: a note in the trace that costs no time. */
  #console(): Record<string, (...values: unknown[]) => void> {
    const note = (...values: unknown[]) =>
      this.#note(values.map(noteText).join(" "));
    return {
      log: note,
      info: note,
      warn: note,
      error: note,
      debug: note,
      trace: note,
      table: note,
      dir: note,
    };
  }
}

interface AnyIterator {
  next(value?: unknown): IteratorResult<unknown, unknown>;
  return?(value?: unknown): IteratorResult<unknown, unknown>;
  throw?(error?: unknown): IteratorResult<unknown, unknown>;
}

function isIterator(value: unknown): value is AnyIterator {
  return typeof value === "object" && value !== null &&
    typeof (value as AnyIterator).next === "function" &&
    typeof (value as Iterable<unknown>)[Symbol.iterator] === "function";
}

/** A routine of the library: its calls count as made where it was called. */
class Adopted implements AnyIterator {
  constructor(
    readonly inner: AnyIterator,
    readonly site: number,
    readonly loops: { n: number },
  ) {}

  [Symbol.iterator](): this {
    return this;
  }

  next(value?: unknown): IteratorResult<unknown, unknown> {
    return this.#adopt(this.inner.next(value));
  }

  return(value?: unknown): IteratorResult<unknown, unknown> {
    return this.#adopt(
      this.inner.return?.(value) ?? { done: true, value },
    );
  }

  throw(error?: unknown): IteratorResult<unknown, unknown> {
    if (this.inner.throw === undefined) throw error;
    return this.#adopt(this.inner.throw(error));
  }

  #adopt(
    result: IteratorResult<unknown, unknown>,
  ): IteratorResult<unknown, unknown> {
    const { value } = result;
    if (!result.done && value instanceof Call) {
      this.loops.n = 0;
      if (value.site === 0) value.site = this.site;
    }
    return result;
  }
}

function usedTwice(call: AnyCall): string {
  return MESSAGES.usedTwice(callText(call));
}

/** What stands after yield*, in words; never calls code of the program. */
function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "function") {
    return `the function ${value.name || "itself"}: call it, with ( )`;
  }
  if (typeof value === "object") {
    if (Array.isArray(value)) return "an array";
    if (value instanceof Promise) return "a promise";
    return `an object`;
  }
  return `the ${typeof value} ${String(value).slice(0, 32)}`;
}

function noteText(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    if (value instanceof Error) return String(value);
    if (typeof value === "object" && value !== null) {
      return JSON.stringify(value) ?? String(value);
    }
    return String(value);
  } catch {
    return "a value that cannot be printed";
  }
}
