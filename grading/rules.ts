// Rules that many assignments need: bounds on threads, memory, open files and
// time, nothing left behind, texts that must be equal. Each reads a run and says
// what was expected, what was seen, and where.

import type { Counts, TraceEvent } from "../kernel/mod.ts";
import type { Finding, Rule } from "./assignment.ts";
import type { Run } from "./run.ts";

// ------------------------------------------------------------- findings

export function found(
  ok: boolean,
  expected: string,
  seen: string,
  atNs?: number,
): Finding {
  return atNs === undefined
    ? { ok, expected, seen }
    : { ok, expected, seen, atNs };
}

/** A number that must not be larger. */
export function atMost(
  value: number,
  limit: number,
  what: string,
  atNs?: number,
): Finding {
  return found(
    value <= limit,
    `at most ${limit} ${what}`,
    `${value} ${what}`,
    atNs,
  );
}

/** A time that must not be longer. */
export function within(valueNs: number, limitNs: number, what = ""): Finding {
  const words = what === "" ? "" : `${what} `;
  return found(
    valueNs <= limitNs,
    `${words}at most ${ms(limitNs)}`,
    `${words}${ms(valueNs)}`,
  );
}

const SHOWN = 60;

/** Two texts must be equal; told by the first line that differs. */
export function sameText(
  seen: string | null,
  expected: string,
  what: string,
): Finding {
  if (seen === expected) return found(true, what, "the same");
  if (seen === null) return found(false, what, "there is none");
  const theirs = seen.split("\n"), ours = expected.split("\n");
  const line = ours.findIndex((text, i) => text !== theirs[i]);
  const at = line < 0 ? ours.length : line;
  return found(
    false,
    `${what}, line ${at + 1}: ${quoted(ours[at])}`,
    `line ${at + 1}: ${
      quoted(theirs[at])
    } (${seen.length} of ${expected.length} characters)`,
  );
}

function quoted(line: string | undefined): string {
  if (line === undefined) return "no such line";
  const text = line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
  return JSON.stringify(text);
}

export function ms(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}

// ------------------------------------------------------------- at every moment

/** The most of something that comes and goes, and when it first went over the limit. */
export function peak(
  events: Iterable<TraceEvent>,
  limit: number,
  change: (event: TraceEvent) => number,
): { most: number; atNs: number } {
  let now = 0, most = 0, atNs = 0;
  for (const event of events) {
    now += change(event);
    if (now > limit && most <= limit) atNs = event.at;
    most = Math.max(most, now);
  }
  return { most, atNs };
}

/** Threads of the program and of those it started, all together, at any moment. */
export function threadsAtMost(limit: number): Rule {
  return {
    name: `never more than ${limit} ${limit === 1 ? "thread" : "threads"}`,
    check(run) {
      const { most, atNs } = peak(
        run.ownEvents(),
        limit,
        ({ kind }) =>
          kind === "thread_create" ? 1 : kind === "thread_exit" ? -1 : 0,
      );
      return atMost(most, limit, "threads at once", atNs);
    },
  };
}

/** Stacks and processes, as the kernel counts them. */
export function memoryAtMost(limitBytes: number): Rule {
  const kib = (bytes: number) => Math.round(bytes / 1024);
  return {
    name: `never more than ${kib(limitBytes)} KiB of memory`,
    check: ({ costs }) =>
      found(
        costs.memoryBytes <= limitBytes,
        `at most ${kib(limitBytes)} KiB`,
        `${kib(costs.memoryBytes)} KiB`,
      ),
  };
}

/** Open files, pipes and sockets of the whole machine, at any moment; three are those it begins with. */
export function openFilesAtMost(limit: number): Rule {
  return {
    name: `never more than ${limit} files open`,
    check(run) {
      const { most, atNs } = peak(
        run.events(),
        limit,
        (event) =>
          event.kind === "object_create" && event.what === "file"
            ? 1
            : event.kind === "object_release" && event.what === "file"
            ? -1
            : 0,
      );
      return atMost(most, limit, "open files at once", atNs);
    },
  };
}

const ASKED = /^-?\d+, (\d+)/;

/** No read asks for more at once. */
export function readsAtMost(limitBytes: number): Rule {
  return {
    name: `no read of more than ${limitBytes} bytes`,
    check(run) {
      let most = 0, atNs = 0;
      for (const event of run.ownEvents()) {
        const count = asked(event);
        if (count > most) [most, atNs] = [count, event.at];
      }
      return atMost(most, limitBytes, "bytes in one read", atNs);
    },
  };
}

/** How many bytes a read asks for, through whichever door; 0 is no read. */
function asked(event: TraceEvent): number {
  const isCall = event.kind === "sys_enter" || event.kind === "request_submit";
  if (!isCall || !/^p?read$/.test(event.call)) return 0;
  return Number(ASKED.exec(event.args)?.[1] ?? 0);
}

/** What was read and not yet written, in pieces: each read with bytes is one more, each write one less. */
export function piecesInHandAtMost(limit: number): Rule {
  return {
    name: `never more than ${limit} pieces in hand`,
    check(run) {
      const calls = new Map<number, string>();
      let now = 0;
      const { most, atNs } = peak(run.ownEvents(), limit, (event) => {
        if (event.kind === "request_submit") calls.set(event.id, event.call);
        const call = endedCall(event, calls);
        const isWrite = now > 0 && /^p?write$/.test(call);
        const change = /^p?read$/.test(call) ? 1 : isWrite ? -1 : 0;
        now += change;
        return change;
      });
      return atMost(most, limit, "pieces read and not written", atNs);
    },
  };
}

/** Which call ends well here, with something in its result; "" if none does. */
function endedCall(
  event: TraceEvent,
  calls: ReadonlyMap<number, string>,
): string {
  if (event.kind !== "sys_exit" && event.kind !== "request_complete") return "";
  if (!event.ok || event.result === '""') return "";
  return event.kind === "sys_exit" ? event.call : calls.get(event.id) ?? "";
}

/** It asks the kernel rarely enough: no loop that only looks. */
export function trapsAtMost(limit: number): Rule {
  return {
    name: `no more than ${limit} calls`,
    check: ({ costs }) => atMost(costs.traps, limit, "calls"),
  };
}

// ------------------------------------------------------------- in all

/** CPU work that the program declared and began, ns. */
export function computeOf(run: Run): number {
  let sumNs = 0;
  for (const event of run.ownEvents()) {
    if (event.kind === "sys_enter" && event.call === "compute") {
      sumNs += timeIn(event.args);
    }
  }
  return sumNs;
}

const UNITS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  "µs": 1e3,
  ms: 1e6,
  s: 1e9,
};

/** `12.5 ms` at the beginning of a call's arguments, in ns. */
export function timeIn(args: string): number {
  const found = /^([\d.,]+) ?(ns|us|µs|ms|s)?/.exec(args);
  if (found === null) return 0;
  return Number(found[1]!.replaceAll(",", "")) * UNITS[found[2] ?? "ns"]!;
}

// ------------------------------------------------------------- at the end

/** What must be as before: files open, threads, processes … `slack` allows for some. */
export function noLeak(slack: Partial<Counts> = {}): Rule {
  const names = [
    "processes",
    "threads",
    "openFiles",
    "pipes",
    "sockets",
    "requests",
    "handles",
    "callbacks",
  ] as const;
  return {
    name: "nothing is left behind",
    check({ before, after }) {
      const leaks = names.filter((name) =>
        after[name] > before[name] + (slack[name] ?? 0)
      ).map((name) => `${after[name] - before[name]} more ${WORDS[name]}`);
      return found(
        leaks.length === 0,
        "as much as there was before",
        leaks.join(", ") || "nothing",
      );
    },
  };
}

const WORDS: Record<string, string> = {
  processes: "processes",
  threads: "threads",
  openFiles: "open files",
  pipes: "pipes",
  sockets: "sockets",
  requests: "requests under way",
  handles: "events that nobody took",
  callbacks: "callbacks",
};

/** It ends in time. */
export function endsWithin(limitNs: number): Rule {
  return {
    name: `done within ${ms(limitNs)}`,
    check: (run: Run) => within(run.endedNs, limitNs),
  };
}
