// From a path or a function to something that runs: the kernel reads the file
// (that takes the disk's time), asks the host's loader for a fresh instance, and
// if the host has to compile first, the world stalls until it has. Whether it
// stalls leaves no mark: it does so in the middle of a trap, which then goes on,
// or, where the disk had to be waited for, in a step of its own.
//
// A file that begins with `#!` is a script, and runs by the program that is named
// there. Divergence from Linux: a file whose name ends in .ts is never one, and
// /usr/bin is /bin.

import { functionName } from "./call_text.ts";
import type { ErrorCode, ErrorDetail, Main } from "./abi.ts";
import type { Machine } from "./kernel.ts";
import type { LoadedProgram } from "./program.ts";
import { type Operation, PENDING } from "./request.ts";

/** A program that is ready to run. */
export interface Runnable {
  main: Main;
  name: string;
  program: LoadedProgram | null;
}

const HASH = 0x23, BANG = 0x21;
/** As much of a script's first line as is looked at: Linux's BINPRM_BUF_SIZE is 256. */
const SCRIPT_LINE_BYTES = 256;
/** Scripts that name scripts: Linux allows five. */
const SCRIPT_DEPTH_MAX = 5;

type Refuse = (code: ErrorCode, detail?: ErrorDetail) => void;

/** Calls `done` with what `program` names, or `refuse`. */
export function loadProgram(
  op: Operation,
  program: unknown,
  refuse: Refuse,
  done: (runnable: Runnable) => void,
  depth = 0,
): void {
  const { machine } = op.thread;
  if (typeof program === "function") {
    return done(runnableFunction(machine, program as Main));
  }
  if (typeof program !== "string") {
    return refuse("EINVAL", { reason: "a program is a path or a function" });
  }
  let inTrap = true;
  machine.files.readProgram(op, program, (bytes, path) => {
    const script = program.endsWith(".ts") ? null : scriptOf(bytes);
    if (script !== null) {
      return loadScript(op, { ...script, path: program, depth }, refuse, done);
    }
    const load = () => loadFile(machine, path, bytes, refuse, done);
    if (inTrap) return load();
    const fire = () => op.state === PENDING && load(); // the power may be gone
    machine.clock.schedule(machine.clock.now, { fire });
  });
  inTrap = false;
}

/** What the first line names: the program, and at most one argument; null if it is no script. */
function scriptOf(
  bytes: Uint8Array,
): { interpreter: string; option: string[] } | null {
  if (bytes[0] !== HASH || bytes[1] !== BANG) return null;
  const head = new TextDecoder().decode(bytes.subarray(0, SCRIPT_LINE_BYTES));
  const match = /^#![ \t]*(\S+)[ \t]*([^\n]*)/.exec(head);
  if (match === null) return null;
  const [, name = "", rest = ""] = match;
  const interpreter = name.replace(/^\/usr(?:\/local)?(?=\/bin\/)/, "");
  const option = rest.trimEnd();
  return { interpreter, option: option === "" ? [] : [option] };
}

interface Script {
  path: string;
  interpreter: string;
  option: string[];
  depth: number;
}

/** The program that a script names, with the script before its arguments. */
function loadScript(
  op: Operation,
  { path, interpreter, option, depth }: Script,
  refuse: Refuse,
  done: (runnable: Runnable) => void,
): void {
  if (depth >= SCRIPT_DEPTH_MAX) {
    return refuse("ENOEXEC", {
      path,
      reason: "its #! leads from one to another",
    });
  }
  const missing: Refuse = (code, detail) =>
    refuse(
      code,
      code === "ENOENT"
        ? { path, reason: `its #! names ${interpreter}, which is not there` }
        : detail,
    );
  loadProgram(op, interpreter, missing, (runnable) => {
    const main: Main = (args) => runnable.main([...option, path, ...args]);
    done({ ...runnable, main, name: path.slice(path.lastIndexOf("/") + 1) });
  }, depth + 1);
}

function runnableFunction(machine: Machine, fn: Main): Runnable {
  const fresh = machine.world.programs.fresh?.(fn) ?? null;
  return {
    main: fresh?.main ?? fn,
    name: fresh?.name ?? (functionName(fn) || "program"),
    program: fresh,
  };
}

/** Asks the loader, as often as the host needs. */
function loadFile(
  machine: Machine,
  path: string,
  bytes: Uint8Array,
  refuse: Refuse,
  done: (runnable: Runnable) => void,
): void {
  const source = decode(bytes);
  if (source === null) {
    return refuse("ENOEXEC", { path, reason: "not text, so not a program" });
  }
  const readFile = (other: string) => {
    const found = machine.files.peek(other);
    return found === null ? null : decode(found);
  };
  const attempt = (): void => {
    const loaded = machine.world.programs.load(path, source, readFile);
    if (loaded === null) {
      machine.world.stall(machine, { path, source, readFile }, attempt);
    } else if ("error" in loaded) {
      refuse("ENOEXEC", { path, reason: loaded.error });
    } else {
      done({ main: loaded.main, name: loaded.name, program: loaded });
    }
  };
  attempt();
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
