// The shell at a terminal: prompt, line editing in raw mode, history kept in a
// file, job control, and a line that goes wrong is only a line. What the lines
// mean is for others.

import {
  getpid,
  mask,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_WRONLY,
  open,
  pause,
  print,
  push,
  read,
  type Routine,
  setpgid,
  sigaction,
  SysError,
  tcsetpgrp,
  ttymode,
  write,
} from "kettle";
import { columnsOf } from "../lib/columns.ts";
import { completion } from "./completion.ts";
import { reportJobs } from "./foreground.ts";
import { isStopped } from "./jobs.ts";
import { KeyDecoder } from "./keys.ts";
import { KillRing } from "./edit_buffer.ts";
import { expandText } from "./expand.ts";
import { LineEditor } from "./line_editor.ts";
import { parseText } from "./parser.ts";
import { scopeOf } from "./pipeline.ts";
import { runText } from "./run.ts";
import { finish, isComplete, runProtected } from "./script.ts";
import { ExitShell, type Shell } from "./shell.ts";
import { sourceFile } from "./source.ts";
import { Problem } from "./tree.ts";
import { interruptOnInt, runTraps } from "./trap.ts";

const GREETING = "Kettle 1.0: a toy kernel in virtual time.\n" +
  "1 CPU, 64 MiB, one disk. Try:\n" +
  "  hello   ls /bin   cat /bin/hello   help";
const PROMPT = "\x1b[32mkettle$\x1b[0m ";
const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";
/** Stands after output whose last line has no end, as in zsh. */
const NO_END = "\x1b[7m%\x1b[27m";
const HISTORY_MAX = 1000;
/** Stands for a newline inside one line of the history file. */
const LINE_SEPARATOR = "\u2028";

/** Reads and runs lines until `exit` or ^D; gives the status. */
export function* runInteractive(
  shell: Shell,
  login: boolean,
): Routine<number> {
  yield* takeTerminal(shell);
  const history = new History(shell);
  const kills = new KillRing();
  yield* history.load();
  if (login) yield* print(GREETING);
  while (true) {
    yield* reportJobs(shell);
    yield* history.save();
    const source = yield* readOrLeave(shell, kills);
    if (source === undefined) break;
    if (source === null) {
      if (yield* mayLeave(shell)) break;
      continue;
    }
    if (source.trim() === "") continue;
    history.add(source);
    const warned = shell.warnedOfJobs;
    const body = () => runText(shell, source + "\n");
    if (yield* runProtected(shell, body)) break;
    if (warned) shell.warnedOfJobs = false;
    yield* beginLine();
  }
  const status = yield* finish(shell);
  yield* history.finish();
  return status;
}

/** The prompt stands at the beginning of a line. */
function* beginLine(): Routine {
  const { atLineStart } = yield* ttymode(0);
  if (!atLineStart) yield* write(1, `${NO_END}\n`);
}

/** A group of its own, in front; stop signals are for jobs, ^C gives up a line. */
function* takeTerminal(shell: Shell): Routine {
  shell.interactive = true;
  yield* mask(["QUIT", "TERM", "TSTP", "TTIN", "TTOU"]);
  yield* interruptOnInt(shell);
  shell.group = yield* getpid();
  try {
    yield* setpgid(0, 0);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
  yield* tcsetpgrp(0, shell.group);
}

/** ^D: with stopped jobs the first one is only a warning. */
function* mayLeave(shell: Shell): Routine<boolean> {
  yield* write(1, "exit\n");
  if (shell.warnedOfJobs || !shell.jobs.all.some(isStopped)) return true;
  shell.warnedOfJobs = true;
  yield* shell.tell("You have stopped jobs.\n");
  return false;
}

/** A command; null at ^D, undefined if a trap said `exit`. */
function* readOrLeave(
  shell: Shell,
  kills: KillRing,
): Routine<string | null | undefined> {
  yield* sigaction("WINCH", { fn: () => void (shell.resized = true) });
  try {
    return yield* readCommand(shell, kills);
  } catch (error) {
    if (error instanceof ExitShell) return undefined;
    throw error;
  } finally {
    yield* ttymode(0, "cooked", { echo: true });
    yield* sigaction("WINCH", "dfl");
  }
}

/** Lines up to the end of a command; null at ^D, empty after ^C. */
function* readCommand(
  shell: Shell,
  kills: KillRing,
): Routine<string | null> {
  let source = "";
  while (true) {
    const prompt = yield* promptOf(shell, source === "" ? "PS1" : "PS2");
    const line = yield* editLine(shell, prompt, kills);
    if (line === null) {
      shell.status = 130;
      if (shell.traps.has("INT")) shell.pending.push("INT");
      yield* ttymode(0, "cooked", { echo: true });
      yield* runTrapsHere(shell);
      return "";
    }
    if (line === undefined) return source === "" ? null : source;
    source += source === "" ? line : "\n" + line;
    if (isComplete(source + "\n")) return source;
  }
}

/** PS1 or PS2, with its variables replaced. */
function* promptOf(shell: Shell, name: "PS1" | "PS2"): Routine<string> {
  const text = shell.get(name);
  if (text === undefined) return name === "PS1" ? PROMPT : "> ";
  try {
    return yield* expandText(scopeOf(shell), parseText(text));
  } catch (error) {
    if (error instanceof Problem) return text;
    throw error;
  }
}

/** One line from the keyboard: null after ^C, undefined at ^D. */
function* editLine(
  shell: Shell,
  prompt: string,
  kills: KillRing,
): Routine<string | null | undefined> {
  const size = yield* ttymode(0, "raw");
  const { history } = shell;
  const editor = new LineEditor({ prompt, history, size, kills });
  const keys = new KeyDecoder();
  yield* write(1, PASTE_ON + editor.draw());
  let outcome = "more";
  while (outcome === "more") {
    // One key at a time: what is typed after Enter belongs to the command.
    const input = yield* readKey(shell);
    if (input === "resize") editor.size = yield* ttymode(0);
    else if (input === "signal") yield* runTrapsBelow(shell, editor);
    else if (input === undefined) outcome = "end";
    else {
      const key = keys.feed(input);
      if (key === null) continue;
      outcome = editor.press(key);
      editor.size = yield* ttymode(0);
    }
    if (outcome === "complete") {
      yield* complete(shell, editor);
      outcome = "more";
    }
    yield* write(1, editor.draw());
  }
  const last = outcome === "abort" ? "^C\n" : outcome === "end" ? "" : "\n";
  yield* write(1, last + PASTE_OFF);
  return outcome === "submit"
    ? editor.text
    : outcome === "abort"
    ? null
    : undefined;
}

/** A byte, undefined at the end, or what happened meanwhile: a trap is to run, the window is another size. */
function* readKey(
  shell: Shell,
): Routine<number | "signal" | "resize" | undefined> {
  while (true) {
    if (shell.pending.length > 0) return "signal";
    if (shell.resized) {
      shell.resized = false;
      return "resize";
    }
    try {
      return (yield* read(0, 1))[0];
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "EINTR") throw error;
    }
  }
}

/** Below the line being edited, which is drawn again after that. */
function* runTrapsBelow(shell: Shell, editor: LineEditor): Routine {
  yield* write(1, editor.leaveScreen() + PASTE_OFF);
  yield* ttymode(0, "cooked", { echo: true });
  yield* runTrapsHere(shell);
  yield* ttymode(0, "raw");
  yield* write(1, PASTE_ON);
}

function* runTrapsHere(shell: Shell): Routine {
  const body = () => runTraps(shell, runText);
  if (yield* runProtected(shell, body)) throw new ExitShell(shell.status);
}

function* complete(shell: Shell, editor: LineEditor): Routine {
  const before = editor.text.slice(0, editor.cursor);
  const { start, candidates, names } = yield* completion(shell, before);
  const list = editor.complete(start, candidates);
  if (list.length === 0) return;
  const shown = columnsOf(names, editor.size.columns);
  yield* write(1, editor.leaveScreen() + shown);
}

/** The lines typed so far, in memory and at the end of ~/.sh_history. */
class History {
  #fd: number | null = null;
  #unsaved = "";
  /** A write is under way. */
  #writing = false;

  constructor(readonly shell: Shell) {}

  get #path(): string {
    return `${this.shell.get("HOME") ?? "/home"}/.sh_history`;
  }

  *load(): Routine {
    try {
      const content = yield* sourceFile(this.shell, this.#path);
      const lines = content.split("\n").filter((line) => line !== "");
      this.shell.history = lines.slice(-HISTORY_MAX).map((line) =>
        line.replaceAll(LINE_SEPARATOR, "\n")
      );
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }

  add(line: string): void {
    const { history } = this.shell;
    if (line.startsWith(" ") || history.at(-1) === line) return;
    history.push(line);
    if (history.length > HISTORY_MAX) history.shift();
    this.#unsaved += line.replaceAll("\n", LINE_SEPARATOR) + "\n";
  }

  /**
   * Gives the disk what is new, and does not wait for it: the kernel says when it
   * is written, so that no event is left untaken while nobody types.
   */
  *save(): Routine {
    if (this.#unsaved === "" || this.#writing) return;
    const flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    try {
      this.#fd ??= yield* open(this.#path, flags);
      const text = this.#unsaved;
      this.#unsaved = "";
      this.#writing = true;
      yield* push(write(this.#fd, text), () => void (this.#writing = false));
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.#writing = false;
    }
  }

  /** Before the shell ends: the last write is waited for. */
  *finish(): Routine {
    while (this.#writing) yield* pause();
    yield* this.save();
    while (this.#writing) yield* pause();
  }
}
