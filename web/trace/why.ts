// The answer to "why?" for any slice: who waits for what, where the device is,
// how long, and what else stands in the way. Made from the folded trace alone;
// it knows neither the kernel nor the screen.

import type { Lane, Slice } from "./lane.ts";
import type { TraceModel } from "./trace_model.ts";
import { duration, moment } from "../parts/units.ts";

/** A piece of the sentence; `code` is what the machine says. */
export interface Phrase {
  text: string;
  style: "plain" | "bold" | "code";
}

export interface Explanation {
  laneId: string;
  start: number;
  end: number;
  question: string;
  answer: Phrase[];
  /** At the right of the drawer: word, value. */
  facts: [string, string][];
}

interface Scene {
  model: TraceModel;
  lane: Lane;
  slice: Slice;
  /** The moment asked about. */
  at: number;
  now: number;
}

type Writer = (scene: Scene) => { question: string; answer: Phrase[] };

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
  const scene = { model, lane, slice, at: slice.end > now ? now - 1 : at, now };
  const write = lane.kind === "thread" ? THREAD[slice.state] : undefined;
  const { question, answer } = (write ?? WRITERS[lane.kind])(scene);
  return {
    laneId,
    start: slice.start,
    end: Math.min(slice.end, model.now),
    question,
    answer,
    facts: factsOf(scene),
  };
}

// ------------------------------------------------------------- threads

const THREAD: { [state in Slice["state"]]?: Writer } = {
  run: (scene) => ({
    question: `What does ${scene.lane.name} do?`,
    answer: [
      bold(`${scene.lane.name} runs.`),
      plain(` It has ${cpuOf(scene)} for itself, for ${length(scene)}.`),
    ],
  }),
  kernel: kernelWorks,
  callback: (scene) => ({
    question: `Why did ${scene.lane.name} stop what it did?`,
    answer: [
      bold(`The kernel interrupted ${scene.lane.name}`),
      plain(" to run its callback for "),
      code(scene.slice.about),
      plain(`. It took ${length(scene)}; then it goes on where it was.`),
    ],
  }),
  ready: (scene) => ({
    question: `Why is ${scene.lane.name} not running?`,
    answer: [
      bold(`${scene.lane.name} is ready, and queued for a CPU.`),
      plain(` ${whoHasCpus(scene)} ${waited(scene)}`),
    ],
  }),
  disk: (scene) => waits(scene, "the disk", diskPlace(scene)),
  net: (scene) => waits(scene, "the network", ""),
  keys: (scene) =>
    waits(scene, "keys", "Nothing happens until somebody types."),
  timer: (scene) => waits(scene, "a timer", "It asked to sleep."),
  lock: (scene) => waits(scene, "a lock", "Another thread holds it."),
  event: (scene) => waits(scene, "an event", ""),
};

function kernelWorks(scene: Scene): { question: string; answer: Phrase[] } {
  const { lane, slice } = scene;
  if (slice.about === "") {
    return {
      question: `What does ${lane.name} do?`,
      answer: [
        bold(`The CPU switches to ${lane.name}.`),
        plain(` The switch costs ${length(scene)}.`),
      ],
    };
  }
  const interrupt = slice.about.startsWith("interrupt: ");
  const what = interrupt
    ? [bold(`An interrupt from ${slice.label} took the CPU`), plain(" from ")]
    : [bold("The kernel works"), plain(" for ")];
  const call = interrupt
    ? [plain(lane.name)]
    : [plain(`${lane.name}: `), code(slice.about)];
  return {
    question: `What does ${lane.name} do?`,
    answer: [...what, ...call, plain(`. It costs ${length(scene)}.`)],
  };
}

function waits(
  scene: Scene,
  what: string,
  more: string,
): { question: string; answer: Phrase[] } {
  const { lane, slice } = scene;
  const answer = [bold(`${lane.name} waits for ${what}`)];
  if (slice.about !== "") answer.push(plain(": "), code(slice.about));
  answer.push(plain("."));
  if (more !== "") answer.push(plain(` ${more}`));
  answer.push(plain(` ${waited(scene)}`));
  if (slice.end > scene.now) answer.push(plain(` ${whoHasCpus(scene)}`));
  return { question: `Why is ${lane.name} not running?`, answer };
}

/** What the disk does at that moment, and for how long. */
function diskPlace({ model, at }: Scene): string {
  const [found] = model.slicesAt("disk", at);
  if (found === undefined) return "The disk has not begun.";
  const left = duration(found.slice.end - at);
  const about = found.slice.about;
  return `${about[0]!.toUpperCase()}${about.slice(1)}; ${left} of that to go.`;
}

function whoHasCpus({ model, at }: Scene): string {
  const taken = model.slicesAt("cpu", at);
  if (taken.length === 0) return "No CPU is busy.";
  return taken.map(({ lane, slice }) =>
    `${capital(lane.name)} is taken by ${
      slice.about.startsWith("interrupt: ") ? "an interrupt from " : ""
    }${slice.label}.`
  ).join(" ");
}

function cpuOf({ model, at, lane }: Scene): string {
  const mine = model.slicesAt("cpu", at).find(({ slice }) =>
    slice.label === lane.name
  );
  return mine?.lane.name ?? "a CPU";
}

// ------------------------------------------------------------- the other lanes

const WRITERS: { [kind in Lane["kind"]]: Writer } = {
  thread: (scene) => ({
    question: `What does ${scene.lane.name} do?`,
    answer: [bold(scene.slice.label), plain(` for ${length(scene)}.`)],
  }),
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
  network: (scene) =>
    scene.slice.state === "packet"
      ? {
        question: "What does the network card do?",
        answer: [
          bold("It puts a packet on the wire, bit by bit: "),
          code(scene.slice.about),
          plain(`. Sending takes ${length(scene)}.`),
        ],
      }
      : {
        question: "What is on the cable?",
        answer: [
          bold("A packet is on its way: "),
          code(scene.slice.about),
          plain("."),
        ],
      },
};

/** What a pending request waits for, in words. */
const PENDING: { [state in Slice["state"]]?: string } = {
  disk: "for the disk",
  net: "for the network",
  keys: "for somebody to type",
  timer: "for a time to come",
  lock: "for a lock",
};

function pending(scene: Scene): { question: string; answer: Phrase[] } {
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

function posted(scene: Scene): { question: string; answer: Phrase[] } {
  return {
    question: `What is the dotted part of ${scene.lane.name}?`,
    answer: [
      bold("Its event waits to be taken. "),
      plain(`${scene.slice.about}. ${waited(scene)}`),
    ],
  };
}

function explainNothing(
  model: TraceModel,
  lane: Lane,
  at: number,
): Explanation {
  const happened = at < model.now;
  const answer = !happened
    ? "That has not happened yet."
    : lane.kind === "cpu"
    ? `${capital(lane.name)} was idle: no thread was ready.`
    : lane.kind === "thread"
    ? `${lane.name} did not live at that moment.`
    : `Nothing was there at ${moment(at)}.`;
  return {
    laneId: lane.id,
    start: at,
    end: at,
    question: `What did ${lane.name} do at ${moment(at)}?`,
    answer: [bold(answer)],
    facts: [],
  };
}

// ------------------------------------------------------------- words

function factsOf({ lane, slice, now }: Scene): [string, string][] {
  const facts: [string, string][] = [
    [lane.kind, nameOf(lane)],
    ["from", moment(slice.start)],
    ["to", slice.end > now ? "not ended" : moment(slice.end)],
    ["lasts", duration(Math.min(slice.end, now) - slice.start)],
  ];
  if (slice.request > 0 && lane.kind !== "request") {
    facts.push(["request", `#${slice.request}`]);
  }
  return facts;
}

function nameOf({ kind, name, note }: Lane): string {
  return kind === name ? note : `${name} ${note}`.trim();
}

function length({ slice, now }: Scene): string {
  return duration(Math.min(slice.end, now) - slice.start);
}

function waited(scene: Scene): string {
  return scene.slice.end > scene.now
    ? `${length(scene)} so far.`
    : `It took ${length(scene)}.`;
}

function bold(text: string): Phrase {
  return { text, style: "bold" };
}

function code(text: string): Phrase {
  return { text, style: "code" };
}

function plain(text: string): Phrase {
  return { text, style: "plain" };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The sentence as plain text, for those who listen. */
export function asText(answer: Phrase[]): string {
  return answer.map((phrase) => phrase.text).join("");
}
