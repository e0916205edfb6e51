// top on a terminal: draws its lists, serves keys between two of them, asks for a
// delay or a process where a key wants one. What a list says is not known here.

import {
  clock,
  getpid,
  kill,
  read,
  type Routine,
  s,
  sigaction,
  SysError,
  text,
  ttymode,
  within,
} from "kettle";
import type { FullScreen } from "./full_screen.ts";
import { signalNamed } from "./process_match.ts";
import { strerror } from "./strerror.ts";
import { look, type Order, type TopView } from "./top_view.ts";

const HELP = [
  "q  end             space  look now",
  "P  by CPU          M      by memory",
  "T  by CPU time     N      by number",
  "H  threads         c      whole commands",
  "i  only the busy   k      send a signal",
  "d  another delay   h      this, and back",
];
const ORDERS: Record<string, Order> = {
  P: "cpu",
  M: "memory",
  T: "time",
  N: "pid",
};
const CTRL_C = "\x03",
  CTRL_Z = "\x1a",
  ESCAPE = "\x1b",
  RETURN = "\r",
  RUBOUT = "\x7f";
/** No cursor, home; reverse for titles; the rest of the line or screen empty. */
const HOME = "\x1b[?25l\x1b[H", REVERSE = "\x1b[7m", PLAIN = "\x1b[0m";
const LINE_END = "\x1b[K", BELOW = "\x1b[J";
/** Which line has the titles. */
const TITLES = 6;

/** What a key did. */
type Step = "stay" | "look" | "end";

interface Question {
  words: string;
  typed: string;
  answer: (typed: string) => Routine | void;
}

export class TopSession {
  #message = "";
  #help = false;
  #question: Question | null = null;

  constructor(
    readonly screen: FullScreen,
    readonly view: TopView,
    public delayNs: number,
  ) {}

  /** Shows so many lists, or fewer if a key ends it. */
  *run(times: number): Routine<number> {
    yield* sigaction("WINCH", { fn() {} }); // a read under way ends with EINTR
    for (let time = 0; time < times; time += 1) {
      const current = yield* look();
      this.view.take(current);
      yield* this.#draw();
      if (yield* this.#keysUntil(current.now.atNs + this.delayNs)) return 0;
    }
    return 0;
  }

  /** Serves keys until it is time for the next list; true: it is to end. */
  *#keysUntil(dueNs: number): Routine<boolean> {
    while (true) {
      const leftNs = dueNs - (yield* clock());
      if (leftNs <= 0) return false;
      let again = false;
      for (const key of yield* this.#keys(leftNs)) {
        const step = yield* this.#press(key);
        if (step === "end") return true;
        if (step === "look") again = true;
      }
      if (again) return false;
      if ((yield* clock()) < dueNs) yield* this.#draw();
    }
  }

  /** What is typed within a time; nothing, too, when the window changes. */
  *#keys(limitNs: number): Routine<string> {
    try {
      const bytes = yield* within(limitNs, read(this.screen.fd, 64));
      return bytes.length === 0 ? "q" : text(bytes);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.code !== "ETIME" && error.code !== "EINTR") throw error;
      return "";
    }
  }

  *#press(key: string): Routine<Step> {
    this.#message = "";
    if (key === CTRL_C) return "end";
    if (key === CTRL_Z) return yield* this.#suspend();
    if (this.#question !== null) return yield* this.#type(key, this.#question);
    if (this.#help) this.#help = false;
    else if (key === "h" || key === "?") this.#help = true;
    const { options } = this.view;
    const order = ORDERS[key];
    if (order !== undefined) options.order = order;
    if (key === "H") options.threads = !options.threads;
    if (key === "c") options.commands = !options.commands;
    if (key === "i") options.busy = !options.busy;
    if (key === "k") {
      this.#ask("PID to signal: ", (pid) => this.#askSignal(pid));
    }
    if (key === "d" || key === "s") {
      const words = `Change delay from ${this.delayNs / s} to: `;
      this.#ask(words, (typed) => this.#setDelay(typed));
    }
    return key === "q"
      ? "end"
      : key === " " || key === RETURN
      ? "look"
      : "stay";
  }

  /** Stops until CONT comes, with the terminal as it was before. */
  *#suspend(): Routine<Step> {
    const { screen } = this;
    yield* screen.write("\x1b[0m\x1b[?25h\x1b[?1049l");
    yield* ttymode(screen.fd, "cooked", { echo: true });
    yield* kill(yield* getpid(), "TSTP");
    yield* ttymode(screen.fd, "raw");
    yield* screen.write("\x1b[?1049h");
    return "look";
  }

  // ----------------------------------------------------------- questions

  #ask(words: string, answer: Question["answer"]): void {
    this.#question = { words, typed: "", answer };
  }

  *#type(key: string, question: Question): Routine<Step> {
    if (key === ESCAPE) this.#question = null;
    else if (key === RUBOUT || key === "\b") {
      question.typed = question.typed.slice(0, -1);
    } else if (key !== RETURN) question.typed += key;
    else {
      this.#question = null;
      const more = question.answer(question.typed.trim());
      if (more !== undefined) yield* more;
      return "look";
    }
    return "stay";
  }

  #setDelay(typed: string): void {
    const delayNs = Math.round(Number(typed) * s);
    if (typed !== "" && delayNs > 0 && delayNs < 1e6 * s) {
      this.delayNs = delayNs;
    } else this.#message = "Unacceptable floating point";
  }

  #askSignal(typed: string): void {
    if (/^\d+$/.test(typed)) {
      this.#ask(
        `Send pid ${typed} signal [15/TERM]: `,
        (signal) => this.#send(Number(typed), signal || "TERM"),
      );
    } else if (typed !== "") this.#message = "Unacceptable integer";
  }

  *#send(pid: number, name: string): Routine {
    const signal = signalNamed(name);
    if (signal === null) {
      this.#message = "Unrecognized signal";
      return;
    }
    try {
      yield* kill(pid, signal);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.#message = `Failed signal pid '${pid}' with '${name}': ${
        strerror(error)
      }`;
    }
  }

  // ----------------------------------------------------------- drawing

  *#draw(): Routine {
    const { columns, rows } = yield* this.screen.size();
    const question = this.#question;
    const message = question === null
      ? this.#message
      : question.words + question.typed;
    const lines = this.#help
      ? ["Keys:", "", ...HELP]
      : this.view.lines(columns, rows, message);
    const drawn = lines.slice(0, rows).map((line, at) =>
      !this.#help && at === TITLES
        ? REVERSE + line.padEnd(columns) + PLAIN
        : line + LINE_END
    );
    yield* this.screen.write(HOME + drawn.join("\n") + BELOW);
  }
}
