// A program that takes the whole terminal: raw keys, the alternate screen, and
// everything put back at the end, also when a signal ends it. Does not know
// what is shown.

import {
  close,
  getpid,
  isatty,
  kill,
  open,
  read,
  ready,
  type Routine,
  sigaction,
  type SignalName,
  SysError,
  ttymode,
  within,
  write,
} from "kettle";
import { type Key, KeyDecoder } from "../sh/keys.ts";

/** The other screen, no wrapping, pasted text marked; and back, with the cursor to be seen. */
const ENTER = "\x1b[?1049h\x1b[?7l\x1b[?2004h";
const LEAVE = "\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";
const ENDING: readonly SignalName[] = ["HUP", "INT", "QUIT", "TERM"];

/** The terminal, while a program has it. */
export class FullScreen {
  #keys = new KeyDecoder();

  constructor(
    readonly fd: number,
    readonly output: number,
    /** How the terminal was before. */
    readonly before: { mode: "cooked" | "raw"; echo: boolean },
  ) {}

  *enter(): Routine {
    yield* ttymode(this.fd, "raw");
    yield* write(this.output, ENTER);
  }

  *leave(): Routine {
    const { mode, echo } = this.before;
    yield* write(this.output, LEAVE);
    yield* ttymode(this.fd, mode, { echo });
  }

  /** Stops the program and all of its group; after `fg` it has the screen again. */
  *suspend(): Routine {
    yield* this.leave();
    yield* kill(0, "TSTP");
    yield* this.enter();
  }

  /** Its size in cells, as it is now. */
  *size(): Routine<{ columns: number; rows: number }> {
    const { columns, rows } = yield* ttymode(this.fd);
    return { columns, rows };
  }

  /** Whether keys are here already: drawing can wait for them. */
  *hasMore(): Routine<boolean> {
    try {
      return (yield* within(0, ready(this.fd, "in"))).in;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return false;
    }
  }

  /** The next key, or `resize`; null when there are no more, for ever. */
  *key(): Routine<Key | null> {
    while (true) {
      const byte = yield* this.#byte();
      if (byte === null) return { name: "resize" };
      if (byte === undefined) return null;
      const key = this.#keys.feed(byte);
      if (key !== null) return key;
    }
  }

  *write(text: string): Routine {
    yield* write(this.output, text);
  }

  /**
   * One byte, so that what is typed behind the last key is left to the shell;
   * null when a signal came: the terminal has another size, perhaps.
   */
  *#byte(): Routine<number | undefined | null> {
    try {
      return (yield* read(this.fd, 1))[0];
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "EINTR") throw error;
      return null;
    }
  }
}

/**
 * Gives `body` the terminal and puts everything back after it. A signal that ends
 * the program has everything put back, too, and then `atEnd` runs. ENOTTY if
 * there is no terminal.
 */
export function* withFullScreen<T>(
  body: (screen: FullScreen) => Routine<T>,
  atEnd?: () => Routine,
): Routine<T> {
  const isInput = yield* isatty(0);
  const fd = isInput ? 0 : yield* open("/dev/tty", "r+");
  const output = (yield* isatty(1)) ? 1 : yield* open("/dev/tty", "r+");
  const screen = new FullScreen(fd, output, yield* ttymode(fd));
  yield* endWith(screen, atEnd);
  yield* sigaction("WINCH", { fn: () => {} });
  yield* screen.enter();
  try {
    return yield* body(screen);
  } finally {
    yield* screen.leave();
    for (const signal of [...ENDING, "WINCH"] as const) {
      yield* sigaction(signal, "dfl");
    }
    if (fd !== 0) yield* close(fd);
    if (output !== 1) yield* close(output);
  }
}

/** A signal that ends the program puts the terminal back first. */
function* endWith(screen: FullScreen, atEnd?: () => Routine): Routine {
  const fn = function* (signal: SignalName): Routine {
    yield* screen.leave();
    if (atEnd !== undefined) yield* atEnd();
    yield* sigaction(signal, "dfl");
    yield* kill(yield* getpid(), signal);
  };
  for (const signal of ENDING) yield* sigaction(signal, { fn });
}
