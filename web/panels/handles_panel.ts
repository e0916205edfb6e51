/// <reference lib="dom" />
// The panel Handles and files: of each process its event queues, what reports
// again and again, armed callbacks, what it holds back, and what its numbers
// mean. It shows a view and knows nothing else.

import { made, setText } from "../parts/elements.ts";
import { grouped } from "../parts/units.ts";
import type { Status } from "../protocol.ts";
import type { HandlesView, ProcessHandles, QueueRow } from "./handles_model.ts";
import type { Chosen } from "./panel_list.ts";
import { ChoiceTable, counted, Sentence } from "./panel_parts.ts";
import type { OpenPanel, PanelPlace } from "./panel_place.ts";

export function open(place: PanelPlace): OpenPanel<"handles"> {
  return new HandlesPanel(place);
}

class HandlesPanel implements OpenPanel<"handles"> {
  readonly #place: PanelPlace;
  readonly #sum = new Sentence("doing");
  readonly #queues: ChoiceTable;
  readonly #callbacks: ChoiceTable;
  readonly #files: ChoiceTable;
  readonly #more = made("p", "hint");

  constructor(place: PanelPlace) {
    this.#place = place;
    const choose = (key: string) => this.#choose(Number(key.split("/")[0]));
    this.#queues = new ChoiceTable("Queues", [
      "program",
      "queue",
      "pending",
      "events untaken",
    ], choose);
    this.#callbacks = new ChoiceTable("Callbacks and masks", [
      "program",
      "armed",
      "due",
      "held back",
    ], choose);
    this.#files = new ChoiceTable("File descriptors", [
      "program",
      "fd",
      "what it is",
    ], choose);
    place.body.append(
      this.#sum.element,
      this.#queues.element,
      this.#callbacks.element,
      this.#files.element,
      this.#more,
    );
  }

  show(view: HandlesView, status: Status | null): void {
    this.#place.note(counted(view.handles, "handle", "handles"));
    this.#sum.say(handleWords(view), status?.state === "running");
    this.#queues.show(
      view.processes.flatMap((process) =>
        process.queues.map((queue) => ({
          key: `${process.pid}/${queue.id}.${queue.tid}`,
          cells: [
            nameOf(process),
            queueWords(queue),
            grouped(queue.pending),
            untakenWords(queue),
          ],
        }))
      ),
    );
    this.#callbacks.show(
      view.processes.filter(({ armed, masks }) => armed > 0 || masks.length > 0)
        .map((process) => ({
          key: `${process.pid}/c`,
          cells: [
            nameOf(process),
            grouped(process.armed),
            grouped(process.due),
            maskWords(process),
          ],
        })),
    );
    this.#files.show(view.processes.flatMap((process) => [
      ...process.files.map(({ fd, text }) => ({
        key: `${process.pid}/f${fd}`,
        cells: [nameOf(process), String(fd), text],
      })),
    ]));
    const { more } = view;
    setText(
      this.#more,
      more > 0 ? `and ${counted(more, "more process", "more processes")}` : "",
    );
  }

  select(what: Chosen | null): void {
    const pid = what?.pid ?? 0;
    this.#callbacks.choose(`${pid}/c`);
  }

  /** A process is chosen by its first thread, which has its number. */
  #choose(pid: number): void {
    this.#place.choose({ tid: pid, pid, request: 0 });
  }
}

export function handleWords(view: HandlesView): string {
  const files = `${
    counted(view.files, "descriptor is", "descriptors are")
  } open.`;
  if (view.handles === 0) {
    return `No program holds a handle. One appears here with submit or push. ${files}`;
  }
  const multishot = view.processes.reduce((sum, it) => sum + it.multishot, 0);
  const again = multishot === 0
    ? ""
    : ` ${counted(multishot, "reports", "report")} again and again.`;
  const armed = view.armed === 0
    ? ""
    : ` ${counted(view.armed, "callback is", "callbacks are")} armed.`;
  return `${counted(view.handles, "handle", "handles")}, ${
    counted(view.untaken, "event", "events")
  } that nobody has taken.${again}${armed} ${files}`;
}

function nameOf({ name, pid }: ProcessHandles): string {
  return `${name} ${pid}`;
}

function queueWords({ id, tid, capacity }: QueueRow): string {
  return id === 0
    ? `of thread ${tid}, no limit`
    : `queue ${id}, of ${grouped(capacity)}`;
}

function untakenWords({ untaken, capacity }: QueueRow): string {
  return untaken >= capacity ? `${grouped(untaken)}: full` : grouped(untaken);
}

function maskWords({ masks }: ProcessHandles): string {
  if (masks.length === 0) return "nothing";
  const words = masks.map(({ tid, mask }) =>
    `${mask.replace(/["[\]]/g, "")} (thread ${tid})`
  );
  return words.slice(0, 3).join(", ");
}
