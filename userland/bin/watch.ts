// watch [-n SECONDS] COMMAND: runs a command again and again and shows the first
// screen of what it prints. q or ^C ends it. Where there is no terminal, its
// screens come one after the other.

import {
  cancel,
  clock,
  close,
  isatty,
  kill,
  pipe,
  print,
  type Program,
  read,
  type Routine,
  s,
  sleep,
  spawn,
  submit,
  SysError,
  wait,
  waitpid,
  within,
} from "kettle";
import { options, usageError } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import { type FullScreen, withFullScreen } from "../lib/full_screen.ts";
import { join, text } from "../lib/text.ts";

const USAGE = {
  name: "watch",
  synopsis: "[-n SECONDS] [-t] [-g] [-e] [-q COUNT] COMMAND [ARG]…",
  about: "Runs a command again and again and shows what it prints.",
  options: {
    "-n, --interval SECONDS": "time between two runs (2)",
    "-t, --no-title": "without the line above",
    "-g, --chgexit": "ends when it prints something else",
    "-e, --errexit": "ends when it fails",
    "-q, --equexit COUNT": "ends when it printed the same so often",
    "-x, --exec": "nothing: sh runs it, always",
  },
  stops: true,
};

const CHUNK_BYTES = 65_536;

interface Plan {
  command: string;
  intervalNs: number;
  title: boolean;
  changed: boolean;
  failed: boolean;
  /** Ends after so many equal ones. */
  equal: number;
}

interface Run {
  atNs: number;
  output: string;
  status: number;
}

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing command");
  const seconds = Number(given.n ?? 2);
  if (!(seconds > 0 && seconds < 1e6)) {
    yield* usageError(USAGE, `failed to parse argument: '${given.n}'`);
  }
  const equal = Number(given.q ?? Infinity);
  if (!(equal >= 1)) {
    yield* usageError(USAGE, `failed to parse argument: '${given.q}'`);
  }
  const plan: Plan = {
    command: operands.join(" "),
    intervalNs: Math.round(seconds * s),
    title: given.t === undefined,
    changed: given.g !== undefined,
    failed: given.e !== undefined,
    equal,
  };
  if (!(yield* isatty(1))) return yield* again(plan, null);
  return yield* withFullScreen((screen) => again(plan, screen));
}

/** Runs it until a key or what it prints ends that. */
function* again(
  plan: Plan,
  screen: FullScreen | null,
): Routine<number> {
  const show = screen === null ? plain(plan) : drawn(plan, screen);
  const pausing = screen === null ? pause(plan) : keys(plan, screen);
  let before: string | null = null, same = 0;
  while (true) {
    const run = yield* runOnce(plan.command, screen);
    if (run === null) return 0;
    yield* show(run);
    if (plan.failed && run.status !== 0) return run.status;
    const differs = before !== null && run.output !== before;
    if (plan.changed && differs) return 0;
    same = differs ? 0 : same + 1;
    if (same > plan.equal) return 0;
    before = run.output;
    if (yield* pausing(run)) return 0;
  }
}

/** What it prints, to its end; null: q or ^C was typed meanwhile. */
function* runOnce(
  command: string,
  screen: FullScreen | null,
): Routine<Run | null> {
  const atNs = yield* clock();
  const [from, to] = yield* pipe();
  const fds = { 0: 0, 1: to, 2: to };
  const pid = yield* spawn("/bin/sh", ["-c", command], { fds, group: 0 });
  yield* close(to);
  const output = yield* outputOf(from, screen);
  yield* close(from);
  if (output === null) { // a stopped one has to go on to end
    yield* kill(-pid, "TERM");
    yield* kill(-pid, "CONT");
  }
  const { status = 1 } = yield* waitpid(pid);
  return output === null ? null : { atNs, output, status };
}

function* outputOf(
  from: number,
  screen: FullScreen | null,
): Routine<string | null> {
  const chunks: Uint8Array[] = [];
  const submitKeys = () => submit(read(screen!.fd, 64));
  let reading = yield* submit(read(from, CHUNK_BYTES));
  let typing = screen === null ? null : yield* submitKeys();
  while (true) {
    const all = typing === null ? [reading] : [reading, typing];
    for (const event of yield* wait(all)) {
      if (!event.ok) throw event.error;
      if (event.call !== "read") continue;
      if (event.handle.id === reading.id) {
        if (event.value.length === 0) {
          if (typing !== null) yield* cancel(typing);
          return text(join(chunks));
        }
        chunks.push(event.value);
        reading = yield* submit(read(from, CHUNK_BYTES));
      } else if (event.value.some(isEnd)) {
        yield* cancel(reading);
        return null;
      } else typing = yield* submitKeys();
    }
  }
}

/** `Every 2.0s: ls                    10:00:04` */
function title({ command, intervalNs }: Plan, atNs: number, columns: number) {
  const left = `Every ${(intervalNs / s).toFixed(1)}s: ${command}`;
  const { hour, minute, second } = calendar(atNs);
  const right = `${hour}:${minute}:${second}`;
  const room = Math.max(0, columns - right.length - 1);
  return `${left.slice(0, room).padEnd(room)} ${right}`;
}

function plain(plan: Plan): (run: Run) => Routine {
  return function* ({ atNs, output }) {
    const above = plan.title ? `${title(plan, atNs, 80)}\n\n` : "";
    yield* print(above + output);
  };
}

function pause({ intervalNs }: Plan): (run: Run) => Routine<boolean> {
  return function* () {
    yield* sleep(intervalNs);
    return false;
  };
}

function drawn(plan: Plan, screen: FullScreen): (run: Run) => Routine {
  return function* ({ atNs, output }) {
    const { columns, rows } = yield* screen.size();
    const above = plan.title ? [title(plan, atNs, columns), ""] : [];
    const lines = [...above, ...output.replace(/\n$/, "").split("\n")]
      .slice(0, rows)
      .map((line) => [...line].slice(0, columns).join("") + "\x1b[K");
    yield* screen.write(`\x1b[?25l\x1b[H${lines.join("\n")}\x1b[J`);
  };
}

/** `q` and ^C. */
function isEnd(key: number): boolean {
  return key === 113 || key === 3;
}

/** Waits for the next time; true: q or ^C was typed. */
function keys(
  { intervalNs }: Plan,
  screen: FullScreen,
): (run: Run) => Routine<boolean> {
  return function* () {
    const dueNs = (yield* clock()) + intervalNs;
    while (true) {
      const leftNs = dueNs - (yield* clock());
      if (leftNs <= 0) return false;
      try {
        const typed = yield* within(leftNs, read(screen.fd, 64));
        if (typed.length === 0 || typed.some(isEnd)) return true;
      } catch (error) {
        if (!(error instanceof SysError) || error.code !== "ETIME") throw error;
      }
    }
  };
}
