// The state of one shell: variables, functions, parameters, jobs, traps, and the
// table of descriptors that a redirection changes. It can be put into text and
// read back, which is how a subshell gets its copy. Does not parse or run.

import {
  chdir,
  getcwd,
  getpid,
  getppid,
  type Routine,
  type SignalName,
  SysError,
  waitpid,
  write,
} from "kettle";
import { exitStatus, type Job, Jobs } from "./jobs.ts";
import { optionLetters, type OptionName } from "./options.ts";
import { type Node, Problem } from "./tree.ts";

/** What a descriptor number means to a command → the shell's own number. */
export type Descriptors = Record<number, number>;

export interface Variable {
  /** null: `export NAME` before it got a value. */
  value: string | null;
  exported: boolean;
  readonly?: boolean;
}

/** What a subshell is given: all state, but the children are not its own. */
interface Copy {
  name: string;
  pid: number;
  status: number;
  lastBackground: number;
  loops: number;
  options: OptionName[];
  parameters: string[];
  variables: [string, Variable][];
  functions: [string, Node][];
  ignored: SignalName[];
  descriptors: number[];
  /** In an interactive shell: `jobs | cat`, `kill $(jobs -p)`. */
  jobs: readonly Job[];
  /** If it is asked for. */
  history: string[];
}

/** `break`, `continue` and `return` on their way out. */
export class Leave extends Error {
  constructor(
    readonly how: "break" | "continue" | "return",
    public levels: number,
    readonly status = 0,
  ) {
    super(how);
  }
}

/** `exit` on its way out. */
export class ExitShell extends Error {
  constructor(readonly status: number) {
    super("exit");
  }
}

/** ^C: everything up to the prompt is given up. */
export class Interrupted extends Error {}

export class Shell {
  /** `$0`, also in front of messages. */
  name = "sh";
  pid = 0;
  status = 0;
  lastBackground = 0;
  /** Status of the last `$(…)`, for a command that is only assignments. */
  captureStatus = 0;
  parameters: string[] = [];
  readonly variables = new Map<string, Variable>();
  readonly functions = new Map<string, Node>();
  jobs = new Jobs();
  /** Signal (or EXIT) → command text; empty text means ignored. */
  readonly traps = new Map<SignalName | "EXIT", string>();
  /** Signals that came and whose trap has not run yet. */
  pending: SignalName[] = [];
  /** A prompt, job control, and a shell that survives mistakes. */
  interactive = false;
  /** The shell's own process group, if it has job control. */
  group = 0;
  interrupted = false;
  /** The window got another size while a line was edited. */
  resized = false;
  /** `exit` was refused once because of stopped jobs. */
  warnedOfJobs = false;
  /** Loops and function calls around what is being run. */
  loops = 0;
  calls = 0;
  /** Commands inside one another that are being run. */
  depth = 0;
  /** What `local` hid, for each function being run. */
  readonly hidden: Map<string, Variable | undefined>[] = [];
  /** What `set -u` and its like turned on. */
  readonly options = new Set<OptionName>();
  /** How the command being run was written, for the list of jobs. */
  currentText = "";
  descriptors: Descriptors = { 0: 0, 1: 1, 2: 2 };
  /** Own numbers that `exec` opened and that some descriptor still means. */
  kept: number[] = [];
  /** The lines typed so far, oldest first. */
  history: string[] = [];

  /** `builtins`: the names of the commands that the shell runs itself. */
  constructor(readonly builtins: ReadonlySet<string>) {}

  // ------------------------------------------------------------- variables

  get(name: string): string | undefined {
    if (/^\d+$/.test(name)) {
      return name === "0" ? this.name : this.parameters[Number(name) - 1];
    }
    switch (name) {
      case "?":
        return String(this.status);
      case "#":
        return String(this.parameters.length);
      case "$":
        return String(this.pid);
      case "!":
        return this.lastBackground > 0
          ? String(this.lastBackground)
          : undefined;
      case "-":
        return optionLetters(this.options) + (this.interactive ? "im" : "");
    }
    return this.variables.get(name)?.value ?? undefined;
  }

  set(name: string, value: string, exported = false): void {
    const before = this.variables.get(name);
    this.refuseReadonly(name);
    const kept = exported || before?.exported === true ||
      this.options.has("allexport");
    this.variables.set(name, { value, exported: kept });
  }

  unset(name: string): void {
    this.refuseReadonly(name);
    this.variables.delete(name);
  }

  refuseReadonly(name: string): void {
    if (this.variables.get(name)?.readonly !== true) return;
    throw new Problem(`${name}: is read only`);
  }

  /** Puts a variable back as it was. */
  restore(name: string, variable: Variable | undefined): void {
    if (variable === undefined) this.variables.delete(name);
    else this.variables.set(name, variable);
  }

  /** What a program is given as its environment. */
  environment(): Record<string, string> {
    const result: Record<string, string> = {};
    for (const [name, { value, exported }] of this.variables) {
      if (exported && value !== null) result[name] = value;
    }
    return result;
  }

  // ------------------------------------------------------------- descriptors

  /** The shell's own number for a command's descriptor. EBADF. */
  descriptor(fd: number): number {
    const own = this.descriptors[fd];
    if (own === undefined) throw new SysError("EBADF", "write", { fd });
    return own;
  }

  *print(output: string | Uint8Array): Routine {
    if (output.length > 0) yield* write(this.descriptor(1), output);
  }

  /** Says `sh: message` on standard error. */
  *complain(message: string): Routine {
    yield* this.tell(`${this.name}: ${message}\n`);
  }

  /** Writes to standard error. */
  *tell(message: string): Routine {
    const fd = this.descriptors[2];
    if (fd !== undefined) yield* write(fd, message);
  }

  // ------------------------------------------------------------- children

  /** Waits until some child ends or stops, and notes it. False: there is none. */
  *collect(nohang = false): Routine<boolean> {
    try {
      const change = yield* waitpid(-1, { untraced: true, nohang });
      if (change.pid === 0) return false;
      this.jobs.record(change);
      return true;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.code === "EINTR") return true;
      if (error.code === "ECHILD") return false;
      throw error;
    }
  }

  /** Waits for a child that is in no job and gives its status. */
  *waitFor(pid: number): Routine<number> {
    while (true) {
      const ended = this.jobs.claim(pid);
      if (ended !== undefined) return exitStatus(ended);
      if (!(yield* this.collect())) return 127;
    }
  }

  // ------------------------------------------------------------- working directory

  *changeDirectory(path: string): Routine {
    yield* chdir(path);
    const before = this.get("PWD");
    if (before !== undefined) this.set("OLDPWD", before);
    this.set("PWD", yield* getcwd(), true);
  }

  // ------------------------------------------------------------- copies

  /** The state as text, for a subshell that runs `node`. */
  serialise(node: Node, descriptors: Descriptors): string {
    const ignored = [...this.traps].flatMap(([signal, text]) =>
      text === "" && signal !== "EXIT" ? [signal] : []
    );
    const copy: Copy = {
      name: this.name,
      pid: this.pid,
      status: this.status,
      lastBackground: this.lastBackground,
      loops: this.loops,
      options: [...this.options],
      parameters: this.parameters,
      variables: [...this.variables],
      functions: [...this.functions],
      ignored,
      descriptors: Object.keys(descriptors).map(Number),
      jobs: this.interactive ? this.jobs.listed : this.jobs.inherited,
      history: [],
    };
    const text = JSON.stringify({ copy, node });
    if (!/\bhistory\b/.test(text)) return text;
    return JSON.stringify({ copy: { ...copy, history: this.history }, node });
  }

  /** A shell made from such text, and what it is to run. */
  static deserialise(
    text: string,
    builtins: ReadonlySet<string>,
  ): { shell: Shell; node: Node } {
    const { copy, node } = JSON.parse(text) as { copy: Copy; node: Node };
    const shell = new Shell(builtins);
    shell.name = copy.name;
    shell.pid = copy.pid;
    shell.status = copy.status;
    shell.lastBackground = copy.lastBackground;
    shell.loops = copy.loops;
    for (const option of copy.options) shell.options.add(option);
    shell.parameters = copy.parameters;
    for (const [name, value] of copy.variables) {
      shell.variables.set(name, value);
    }
    for (const [name, body] of copy.functions) shell.functions.set(name, body);
    for (const signal of copy.ignored) shell.traps.set(signal, "");
    shell.jobs = new Jobs(copy.jobs);
    shell.history = copy.history;
    shell.descriptors = {};
    for (const fd of copy.descriptors) shell.descriptors[fd] = fd;
    return { shell, node };
  }

  /** A new shell, with the environment it was given. */
  static *start(
    environment: Record<string, string>,
    builtins: ReadonlySet<string>,
  ): Routine<Shell> {
    const shell = new Shell(builtins);
    shell.pid = yield* getpid();
    for (const [name, value] of Object.entries(environment)) {
      shell.set(name, value, true);
    }
    if (shell.get("PATH") === undefined) shell.set("PATH", "/bin", true);
    if (shell.get("HOME") === undefined) shell.set("HOME", "/home", true);
    shell.set("PWD", yield* getcwd(), true);
    shell.set("PPID", String(yield* getppid()));
    return shell;
  }
}
