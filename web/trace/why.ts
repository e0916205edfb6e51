// The answer to "why?" for any slice: who waits for what, where the device is,
// how long, and what else stands in the way. Made from the folded trace alone;
// it knows neither the kernel nor the screen.

import { type Arrow, arrowsOf, goalOf, originOf, type Place } from "./flow.ts";
import type { Lane, Slice } from "./lane.ts";
import {
  type Answer,
  asText,
  bold,
  capital,
  code,
  type Phrase,
  plain,
} from "./phrases.ts";
import { length, type Scene, waited } from "./scene.ts";
import { STATES } from "./states.ts";
import type { TraceModel } from "./trace_model.ts";
import { explainAbsent, explainThread } from "./why_thread.ts";
import { duration, grouped, moment } from "../parts/units.ts";

export { asText };
export type { Arrow, Phrase, Place };

/** One instant of a slice, in words. */
export interface EventLine {
  at: number;
  text: string;
}

/** A line of a program. */
export interface SourceLine {
  path: string;
  line: number;
}

export interface Explanation {
  laneId: string;
  /** The lane as it is named, and what it is. */
  name: string;
  kind: Lane["kind"];
  start: number;
  end: number;
  question: string;
  answer: Phrase[];
  /** At the right of the drawer: word, value. */
  facts: [string, string][];
  /** Where it came from, and where it goes. */
  origin: Place | null;
  goal: Place | null;
  arrows: Arrow[];
  /** Which call of which process it is in; 0 is unknown. */
  pid: number;
  site: number;
  /** The line of that call, if whoever asks knows the programs. */
  source: SourceLine | null;
  /** What happened in it, and how much more there is than is told. */
  events: EventLine[];
  moreEvents: number;
}

/** Why the lane was as it was at a moment; null if there is no such lane. */
export function explain(
  model: TraceModel,
  laneId: string,
  at: number,
): Explanation | null {
  const lane = model.lane(laneId);
  if (lane === null) return null;
  const slice = lane.at(at);
  if (slice === null) return explainNothing(model, lane, at);
  const { now } = model;
  // Of a slice that lasts, the present is what matters.
  const present = Math.max(slice.start, now - 1);
  const scene = { model, lane, slice, at: slice.end > now ? present : at, now };
  const thread = model.threadOf(lane);
  const { question, answer } = WRITERS[lane.kind](scene);
  return {
    laneId,
    name: lane.name,
    kind: lane.kind,
    start: slice.start,
    end: Math.min(slice.end, now),
    question,
    answer,
    facts: factsOf(scene),
    origin: originOf(scene),
    goal: goalOf(scene),
    arrows: arrowsOf(scene),
    pid: thread?.pid ?? 0,
    site: slice.site,
    source: null,
    events: [],
    moreEvents: 0,
  };
}

type Writer = (scene: Scene) => Answer;

const WRITERS: { [kind in Lane["kind"]]: Writer } = {
  thread: explainThread,
  cpu: (scene) => ({
    question: `What does ${scene.lane.name} do?`,
    answer: [
      bold(
        scene.slice.state === "run"
          ? `${capital(scene.lane.name)} runs ${scene.slice.label}`
          : `${capital(scene.lane.name)} is in the kernel`,
      ),
      plain(
        scene.slice.state === "run"
          ? ` for ${length(scene)}.`
          : `, for ${scene.slice.label}: ${length(scene)}.`,
      ),
    ],
  }),
  request: (scene) =>
    scene.slice.state === "posted" ? posted(scene) : pending(scene),
  disk: (scene) => ({
    question: "What does the disk do?",
    answer: [
      bold(`${capital(scene.slice.about)}.`),
      plain(` That part takes ${length(scene)}.`),
    ],
  }),
  network: onTheWire,
  socket: (scene) => {
    const [state = "", ...rest] = scene.slice.about.split(": ");
    const words = rest.join(": ") || state;
    return {
      question: `What is ${scene.lane.name} waiting for?`,
      answer: [
        bold(`${capital(words)}.`),
        ...(rest.length === 0 ? [] : [plain(" TCP calls that "), code(state)]),
        plain(rest.length === 0 ? ` ${waited(scene)}` : `. ${waited(scene)}`),
      ],
    };
  },
};

function onTheWire(scene: Scene): Answer {
  if (scene.slice.state !== "packet") {
    return {
      question: "What is on the cable?",
      answer: [
        bold("A packet is on its way: "),
        code(scene.slice.about),
        plain("."),
      ],
    };
  }
  return {
    question: "What does the network card do?",
    answer: [
      bold("It puts a packet on the wire, bit by bit: "),
      code(scene.slice.about),
      plain(`. Sending takes ${length(scene)}.`),
    ],
  };
}

/** What a pending request waits for, in words. */
const PENDING: { [state in Slice["state"]]?: string } = {
  disk: "for the disk",
  net: "for the network",
  keys: "for somebody to type",
  timer: "for a time to come",
  lock: "for a lock",
};

function pending(scene: Scene): Answer {
  const what = PENDING[scene.slice.state] ?? "for something to happen";
  return {
    question: `What is ${scene.lane.name}?`,
    answer: [
      bold(`It is on the kernel's list, and waits ${what}: `),
      code(scene.slice.about),
      plain(`. The thread that asked need not wait. ${waited(scene)}`),
    ],
  };
}

function posted(scene: Scene): Answer {
  return {
    question: `What is the dotted part of ${scene.lane.name}?`,
    answer: [
      bold("Its event waits to be taken. "),
      plain(`${scene.slice.about}. ${waited(scene)}`),
    ],
  };
}

// ------------------------------------------------------------- nothing there

function explainNothing(
  model: TraceModel,
  lane: Lane,
  at: number,
): Explanation {
  return {
    laneId: lane.id,
    name: lane.name,
    kind: lane.kind,
    start: at,
    end: at,
    question: lane.kind === "thread"
      ? `Why was ${lane.name} not running at ${moment(at)}?`
      : `What did ${lane.name} do at ${moment(at)}?`,
    answer: [bold(nothing(model, lane, at))],
    facts: [whoseFact(model, lane)],
    origin: null,
    goal: null,
    arrows: [],
    pid: model.threadOf(lane)?.pid ?? 0,
    site: 0,
    source: null,
    events: [],
    moreEvents: 0,
  };
}

function nothing(model: TraceModel, lane: Lane, at: number): string {
  if (at > model.now) return "That has not happened yet.";
  if (at < model.beginsNs) return lostWords(model);
  switch (lane.kind) {
    case "thread":
      return explainAbsent(model, lane, at);
    case "cpu":
      return `${capital(lane.name)} was idle: no thread was ready.`;
    case "disk":
      return "The disk had nothing to do.";
    case "socket":
      return `${capital(lane.name)} was closed.`;
    default:
      return `Nothing was there at ${moment(at)}.`;
  }
}

/** What is no longer kept. */
export function lostWords({ lost, beginsNs }: TraceModel): string {
  return `What happened before ${moment(beginsNs)} is no longer kept: ` +
    `the oldest ${
      grouped(lost)
    } events made room. Going back plays them again.`;
}

// ------------------------------------------------------------- facts

function factsOf({ model, lane, slice, now }: Scene): [string, string][] {
  const { letter, name } = STATES[slice.state];
  const facts: [string, string][] = [
    whoseFact(model, lane),
    ["state", `${letter} ${name}`],
    ["from", moment(slice.start)],
    ["to", slice.end > now ? "not ended" : moment(slice.end)],
    ["lasts", duration(Math.min(slice.end, now) - slice.start)],
  ];
  if (slice.request > 0 && lane.kind !== "request") {
    facts.push(["request", `#${slice.request}`]);
  }
  return facts;
}

function whoseFact(model: TraceModel, lane: Lane): [string, string] {
  const thread = model.threadOf(lane);
  return [
    lane.kind,
    thread === null
      ? nameOf(lane)
      : `${lane.name}, pid ${thread.pid}, tid ${thread.tid}`,
  ];
}

function nameOf({ kind, name, note }: Lane): string {
  return kind === name ? note : `${name} ${note}`.trim();
}
