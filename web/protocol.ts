// What the page and the worker that runs the machine say to each other. The
// worker is not trusted: everything it says is data to be shown or stored as
// blocks of its disk, nothing of it is run. Compiled programs go in as text, because the
// sandbox has no network.

import type { CompiledFile } from "../host/compiled.ts";
import type { Shared } from "../host/share.ts";
import type { Chosen, PanelName, PanelView } from "./panels/panel_list.ts";
import type { State } from "./trace/states.ts";
import type { LaneView } from "./trace/trace_model.ts";
import type { Explanation } from "./trace/why.ts";

/** Blocks of the machine's disk: which (lba / 8), and their 4 KiB one after another. */
export interface DiskBlocks {
  /** The name of the drive's model. */
  model: string;
  /** Of the whole drive. */
  sectors: number;
  numbers: Uint32Array;
  bytes: Uint8Array;
}

/** Files of the visitor: path in the machine → contents. */
export type Files = Record<string, Uint8Array>;

/** Slowed (below 1), as it is (1), or as fast as it goes (Infinity). */
export type Speed = number;

/** What is asked about: the slice under the pointer, or the chosen one. */
export type Purpose = "hover" | "select";

/** What the visitor does with a file; `mild`: not if that makes it another run. */
export type FileAct =
  & { id: number; path: string; mild: boolean }
  & (
    /** In place of that text; null: there was no such file. */
    | { change: "save"; text: string; before: string | null }
    | { change: "move"; to: string }
    | { change: "remove" }
  );

/** What became of it. */
export type FileOutcome =
  | "done"
  /** Time has gone back, and it was mild. */
  | "past"
  /** Somebody else has written. */
  | "changed"
  | "gone"
  | "taken"
  | "directory"
  /** There is no room on the disk. */
  | "full"
  /** The machine has no power. */
  | "off";

/** What took how long in a span of time. */
export interface Measure {
  fromNs: number;
  toNs: number;
  events: number;
  shares: { state: State; ns: number }[];
}

/** Of the slice at a moment, before, after or nearest to it. */
export type Step = 0 | -1 | 1 | "near";

/** From the page to the worker. */
export type ToRunner =
  | {
    kind: "boot";
    /** Everything on the disk; null is a fresh one. */
    disk: DiskBlocks | null;
    /** More files for a fresh one. */
    files: Files;
    columns: number;
    rows: number;
    speed: Speed;
    /** Printed before the first prompt, when there is a reason to start again. */
    notice: string;
    /** What somebody sent: it is run again up to its instant, on a fresh disk. */
    shared?: Shared | null;
  }
  | { kind: "keys"; text: string }
  | { kind: "resize"; columns: number; rows: number }
  /** So many bytes of output are on the screen now. */
  | { kind: "shown"; bytes: number }
  | { kind: "play" }
  | { kind: "pause" }
  /** On by one event. */
  | { kind: "step" }
  /** Back to the instant of the event before. */
  | { kind: "back" }
  /** To that instant, which may be past or to come. */
  | { kind: "goTo"; atNs: number }
  /** On to the next thing on this lane; null: to the next event. */
  | { kind: "next"; laneId: string | null }
  | { kind: "speed"; speed: Speed }
  /** What the timeline shows; `wanted` are the lanes on screen, all if it is not said. */
  | {
    kind: "view";
    fromNs: number;
    toNs: number;
    columns: number;
    wanted?: string[];
    /** So much at both ends is not in view yet. */
    marginNs?: number;
  }
  /** How long what took in a span: on a lane, or on the CPUs. */
  | { kind: "measure"; fromNs: number; toNs: number; laneId: string | null }
  /** Why a lane is as it is. */
  | {
    kind: "explain";
    laneId: string;
    at: number;
    purpose: Purpose;
    step?: Step;
  }
  /** The late files have come: path → source. */
  | { kind: "sources"; sources: Record<string, string> }
  | {
    kind: "compiled";
    id: number;
    file: CompiledFile;
    /** False: it says nothing about the file, so it is not to be kept. */
    lasting: boolean;
  }
  /** Whether a panel is on show. */
  | { kind: "watchPanel"; panel: PanelName; isOpen: boolean }
  /** Chosen in a panel: its lane is explained where time stands. */
  | { kind: "choose"; what: Chosen }
  /** The editor is open, with tabs for these files: tell of them and of /home. */
  | { kind: "watchFiles"; open: string[] }
  | { kind: "fileAct"; act: FileAct }
  /** As if typed into the shell: run this file. */
  | { kind: "runFile"; path: string }
  /** What a program asked of the page. */
  | { kind: "answer"; id: number; answer: Record<string, unknown> }
  /** Tell what of the disk has changed, now, and then "looked". */
  | { kind: "look" }
  /** The run as something to send: "sent". */
  | { kind: "share" }
  /** What was sent is shown as far as it has come. */
  | { kind: "enough" }
  /** A module whose default export makes a file of the world: "exported". */
  | { kind: "export"; code: string; what: string }
  | { kind: "ping"; number: number };

/** A file that is not sent, and why. */
export interface LeftOut {
  path: string;
  bytes: number;
  why: "no text" | "too large";
}

/** A run as something to send. */
export interface Sent {
  shared: Shared;
  leftOut: LeftOut[];
  /** False: it began from a used disk, and was done again from a fresh one. */
  isAsSeen: boolean;
}

/** Where the machine is. */
export interface Status {
  now: number;
  /** Seq of the next event: how many there were. */
  events: number;
  state: MachineState;
  speed: Speed;
  /** What was seen goes on until then: later than now, if time went back. */
  seenNs: number;
  /** When the present command began: the timeline follows from there. */
  episodeNs: number;
  /** When its last program ended: no need to follow further. Infinity before. */
  episodeEndNs: number;
}

export type MachineState =
  /** Time passes. */
  | "running"
  /** Nothing is due: only a key can wake it, and the clock rests. */
  | "idle"
  | "paused"
  /** A program is with the compiler. */
  | "compiling"
  /** A panic: it will not go on. */
  | "dead";

/** From the worker to the page. */
export type FromRunner =
  | { kind: "ready" }
  | { kind: "output"; bytes: Uint8Array }
  /** Time has gone back: the screen is empty, and its output comes again. */
  | { kind: "rewound" }
  | { kind: "status"; status: Status }
  | {
    kind: "slices";
    now: number;
    fromNs: number;
    toNs: number;
    lanes: LaneView[];
    /** The whole recording of cpu 0, for the overview. */
    overview: LaneView[];
    /** What is no longer kept, in words; empty while nothing is lost. */
    lost: string;
  }
  | { kind: "measured"; measure: Measure }
  | ({ kind: "panel" } & PanelView)
  | {
    kind: "explained";
    explanation: Explanation | null;
    purpose: Purpose;
    /** Whose lane it is, for the panels. */
    what: Chosen | null;
  }
  | { kind: "compile"; id: number; path: string; source: string }
  /** Said before a visitor's program gets the worker, so that a hang has a name. */
  | { kind: "running"; name: string }
  /** It does not boot from this disk. */
  | { kind: "refused"; text: string }
  /** What of the disk has changed, as of one moment. */
  | { kind: "disk"; blocks: DiskBlocks }
  | { kind: "looked" }
  /** The files of /home. */
  | { kind: "fileList"; list: { path: string; bytes: number }[] }
  /** What a file holds now; null: it is gone, or (why) cannot be shown. */
  | { kind: "file"; path: string; text: string | null; why: string | null }
  | { kind: "fileDone"; id: number; outcome: FileOutcome }
  /** A program asks at /dev/host: an "answer" is to come. */
  | { kind: "asked"; id: number; name: string; asked: Record<string, unknown> }
  /** On the way to the instant of what was sent, or to sending it. */
  | { kind: "replaying"; nowNs: number; atNs: number }
  /** There: its hash is that of the trace until then. */
  | { kind: "opened"; hash: string; isCut: boolean; nowNs: number }
  | { kind: "sent"; sent: Sent }
  | { kind: "exported"; what: string; bytes: Uint8Array; error: string }
  | { kind: "trouble"; title: string; text: string }
  | { kind: "pong"; number: number };
