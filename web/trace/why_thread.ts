// Why a thread is not running, or what it does: a sentence for each state it can
// be in, before its beginning and after its end too.

import type { Lane } from "./lane.ts";
import type { Thread } from "./machine_lanes.ts";
import {
  type Answer,
  bold,
  code,
  listed,
  type Phrase,
  plain,
} from "./phrases.ts";
import {
  cpuOf,
  diskPlace,
  length,
  type Scene,
  waited,
  whoHasCpus,
} from "./scene.ts";
import type { State } from "./states.ts";
import type { TraceModel } from "./trace_model.ts";
import { moment } from "../parts/units.ts";

type Writer = (scene: Scene) => Answer;

const INTERRUPT = "interrupt: ";
const SWITCH = "switch: ";
const STOPPED = "stopped: ";

/** A sentence for each state that a thread's slice can have. */
export function explainThread(scene: Scene): Answer {
  const write = WRITERS[scene.slice.state];
  if (write !== undefined) return write(scene);
  const { lane, slice } = scene;
  return {
    question: `What does ${lane.name} do?`,
    answer: [bold(slice.label), plain(` for ${length(scene)}.`)],
  };
}

const WRITERS: { [state in State]?: Writer } = {
  run: (scene) => ({
    question: `What does ${scene.lane.name} do?`,
    answer: [
      bold(`${scene.lane.name} runs.`),
      plain(` It has ${cpuOf(scene)} for itself, for ${length(scene)}.`),
      ...heldBack(scene),
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
  ready: isReady,
  disk: (scene) => waits(scene, "the disk", diskPlace(scene)),
  net: (scene) => waits(scene, "the network", ""),
  keys: (scene) =>
    waits(scene, "keys", "Nothing happens until somebody types."),
  timer: (scene) => waits(scene, "a timer", "It asked to sleep."),
  lock: (scene) => waits(scene, "a lock", "Another thread holds it."),
  event: (scene) =>
    scene.slice.about.startsWith(STOPPED)
      ? isStopped(scene)
      : waits(scene, awaited(scene), ""),
};

function kernelWorks(scene: Scene): Answer {
  const { lane, slice } = scene;
  const question = `What does ${lane.name} do?`;
  if (slice.about.startsWith(INTERRUPT)) {
    return {
      question: `Why is ${lane.name} not running?`,
      answer: [
        bold(`An interrupt from ${slice.label} took the CPU`),
        plain(` from ${lane.name}. It costs ${length(scene)}.`),
      ],
    };
  }
  if (slice.about.startsWith(SWITCH) || slice.about === "") {
    const call = slice.about.slice(SWITCH.length);
    const goesOn = call === ""
      ? []
      : [plain(", which goes on with "), code(call)];
    return {
      question,
      answer: [
        bold(`The CPU switches to ${lane.name}`),
        ...goesOn,
        plain(`. The switch costs ${length(scene)}.`),
      ],
    };
  }
  return {
    question,
    answer: [
      bold("The kernel works"),
      plain(` for ${lane.name}: `),
      code(slice.about),
      plain(`. It costs ${length(scene)}.`),
      ...heldBack(scene),
    ],
  };
}

function isReady(scene: Scene): Answer {
  const { lane, model, at } = scene;
  const others = model.readyAt(at, lane.machine, lane);
  const queue = others.length === 0
    ? ""
    : ` Queued as well: ${listed(others)}.`;
  return {
    question: `Why is ${lane.name} not running?`,
    answer: [
      bold(`${lane.name} is ready, and queued for a CPU.`),
      plain(` ${whoHasCpus(scene)}${queue} ${waited(scene)}`),
      ...heldBack(scene),
    ],
  };
}

function isStopped(scene: Scene): Answer {
  const { lane, slice } = scene;
  return {
    question: `Why is ${lane.name} not running?`,
    answer: [
      bold(`${lane.name} is stopped by ${slice.about.slice(STOPPED.length)}.`),
      plain(` It goes on when somebody sends SIGCONT. ${waited(scene)}`),
    ],
  };
}

/** What a thread that waits for an event waits for, by the call it is in. */
const AWAITED: { [call: string]: string } = {
  waitpid: "a child to end",
  join: "a thread to end",
  pause: "a callback or a signal",
  wait: "an event",
  ready: "a descriptor to be ready",
  futexWait: "a lock",
  read: "somebody to write",
  write: "somebody to read",
};

function awaited({ slice }: Scene): string {
  if (/pipe \S+ is (empty|full)/.test(slice.label)) return "a pipe";
  if (slice.label.startsWith("the host")) return "the host";
  const call = /^\w+/.exec(slice.about)?.[0] ?? "";
  return AWAITED[call] ?? "an event";
}

function waits(scene: Scene, what: string, more: string): Answer {
  const { lane, slice } = scene;
  const answer = [bold(`${lane.name} waits for ${what}`)];
  const { label, about } = slice;
  if (label !== "" && label !== about) {
    answer.push(plain(": "), code(label));
    if (about !== "") answer.push(plain(", in "), code(about));
  } else if (about !== "") answer.push(plain(": "), code(about));
  answer.push(plain("."));
  if (more !== "") answer.push(plain(` ${more}`));
  answer.push(plain(` ${waited(scene)}`));
  if (slice.end > scene.now) answer.push(plain(` ${whoHasCpus(scene)}`));
  answer.push(...heldBack(scene));
  return { question: `Why is ${lane.name} not running?`, answer };
}

/** Callbacks that have come and cannot run. */
function heldBack({ model, lane, at }: Scene): Phrase[] {
  const thread = model.threadOf(lane);
  if (thread === null) return [];
  const due = thread.rows.filter((row) => {
    const slice = row.lane.at(at);
    return slice?.label === "callback due";
  }).length;
  if (due === 0) return [];
  const mask = thread.masks.findLast((mask) => mask.at <= at);
  const many = due === 1 ? "1 callback has" : `${due} callbacks have`;
  return [
    plain(
      mask?.holds === true
        ? ` ${many} come and cannot run: masked since ${moment(mask.at)}.`
        : ` ${many} come, to run when it has a CPU.`,
    ),
  ];
}

// ------------------------------------------------------------- no slice

/** Why there is nothing on a thread's lane at a moment. */
export function explainAbsent(
  model: TraceModel,
  lane: Lane,
  at: number,
): string {
  const thread = model.threadOf(lane);
  const { name } = lane;
  if (thread === null) return `${name} is not known any more.`;
  if (at < thread.bornNs) {
    return `${name} did not exist yet: it was created at ${
      moment(thread.bornNs)
    }.`;
  }
  if (at >= thread.endedNs) return ended(thread, at);
  return `${name} was between two calls: that takes no time.`;
}

function ended(thread: Thread, at: number): string {
  const { lane: { name }, process, tid, endedNs } = thread;
  const when = moment(endedNs);
  if (process === null || process.endedNs > at) {
    return `${name} had ended: thread ${tid} returned at ${when}, and its process goes on.`;
  }
  const how = `${name} had ended ${process.ending}, at ${when}`;
  if (process.reapedNs <= at || process.endedNs === Infinity) return `${how}.`;
  return `${how}. It is a zombie: ${process.parent} has not asked for its status yet.`;
}
