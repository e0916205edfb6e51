/// <reference lib="dom" />
// The panel Run queue: who has each CPU and for how long, who is ready in which
// order, who waits for what. It shows a view and knows nothing else.

import { made, setText } from "../parts/elements.ts";
import { duration, grouped } from "../parts/units.ts";
import type { Status } from "../protocol.ts";
import type { Chosen } from "./panel_list.ts";
import { chip, paintChip, Sentence } from "./panel_parts.ts";
import type { OpenPanel, PanelPlace } from "./panel_place.ts";
import type { RunQueueView, ThreadRow } from "./run_queue_model.ts";

/** More of a kind than this: one less is shown, and how many more there are. */
const SHOWN_MAX = 6;
/** With these the order is the policy's own. */
const OTHER_ORDER: { readonly [policy: string]: string } = {
  fair: "as they came; who has run least is next",
  mlfq: "as they came; the highest level is next",
};

export function open(place: PanelPlace): OpenPanel<"queue"> {
  return new RunQueuePanel(place);
}

class RunQueuePanel implements OpenPanel<"queue"> {
  readonly #place: PanelPlace;
  readonly #running: Group;
  readonly #ready: Group;
  readonly #waiting: Group;
  readonly #stopped: Group;
  readonly #sum = new Sentence("visually-hidden");
  #chosen: Chosen | null = null;

  constructor(place: PanelPlace) {
    this.#place = place;
    const choose = ({ tid, pid }: ThreadRow) =>
      place.choose({ tid, pid, request: 0 });
    this.#running = new Group(choose);
    this.#ready = new Group(choose);
    this.#waiting = new Group(choose);
    this.#stopped = new Group(choose);
    const groups = [this.#running, this.#ready, this.#waiting, this.#stopped];
    place.body.append(
      ...groups.map(({ element }) => element),
      this.#sum.element,
    );
  }

  show(view: RunQueueView, status: Status | null): void {
    const { policy, quantumNs, running, ready, counts, now } = view;
    const turn = policy === "fcfs" ? "" : `, ${duration(quantumNs)}`;
    this.#place.note(`${policy}${turn.replace(".00", "")}`);
    const cpus = running.flatMap((row, cpu) => row === null ? [] : [cpu]);
    this.#running.show({
      name: running.length === 1 ? "on cpu 0" : `on ${cpuWords(cpus)}`,
      empty: "Idle: nobody runs.",
      rows: running.flatMap((row) => row ?? []),
      count: cpus.length,
      words: (row) => duration(now - row.sinceNs),
    });
    const order = OTHER_ORDER[policy];
    this.#ready.show({
      name: order === undefined ? "ready" : `ready, ${order}`,
      empty: "Nobody waits.",
      rows: ready,
      count: counts.ready,
      words: (row) => duration(now - row.sinceNs),
    });
    this.#waiting.show({
      name: "waiting",
      empty: "",
      rows: view.waiting,
      count: counts.waiting,
      words: ({ words }) => words,
    });
    this.#stopped.show({
      name: "stopped",
      empty: "",
      rows: view.stopped,
      count: counts.stopped,
      words: () => "SIGCONT",
    });
    this.#sum.say(sumWords(view), status?.state === "running");
    this.select(this.#chosen);
  }

  select(what: Chosen | null): void {
    this.#chosen = what;
    const groups = [this.#running, this.#ready, this.#waiting, this.#stopped];
    for (const group of groups) group.choose(what?.tid ?? 0);
  }
}

function cpuWords(cpus: number[]): string {
  return cpus.length === 0 ? "no cpu" : `cpu ${cpus.join(", ")}`;
}

/** For those who cannot see it. */
export function sumWords({ running, counts }: RunQueueView): string {
  const names = running.flatMap((row) => row?.name ?? []);
  const who = names.length === 0
    ? "Nobody runs"
    : `${names.join(", ")} ${names.length === 1 ? "runs" : "run"}`;
  return counts.ready === 0
    ? `${who}. Nobody waits for the CPU.`
    : `${who}. ${grouped(counts.ready)} ready.`;
}

interface GroupView {
  name: string;
  /** Said when there is nobody; "" hides the group. */
  empty: string;
  rows: ThreadRow[];
  count: number;
  words(row: ThreadRow): string;
}

/** Threads in the same state, under its name. */
class Group {
  readonly element = made("div", "threads");
  readonly #name = made("h3", "");
  readonly #list = made("ul", "");
  readonly #empty = made("p", "nobody");
  readonly #more = made("p", "hint");
  #rows: ThreadRow[] = [];

  constructor(onChoose: (row: ThreadRow) => void) {
    this.element.append(this.#name, this.#empty, this.#list, this.#more);
    this.#list.addEventListener("click", ({ target }) => {
      const item = (target as Element).closest("li");
      const index = [...this.#list.children].findIndex((it) => it === item);
      const row = this.#rows[index];
      if (row !== undefined) onChoose(row);
    });
  }

  show({ name, empty, rows, count, words }: GroupView): void {
    setText(this.#name, name);
    setText(this.#empty, empty);
    this.element.hidden = count === 0 && empty === "";
    this.#empty.hidden = count > 0;
    this.#rows = count > SHOWN_MAX ? rows.slice(0, SHOWN_MAX - 1) : rows;
    const more = count - this.#rows.length;
    setText(this.#more, more > 0 ? `and ${grouped(more)} more` : "");
    const { children } = this.#list;
    while (children.length > this.#rows.length) {
      this.#list.lastElementChild!.remove();
    }
    while (children.length < this.#rows.length) this.#list.append(newRow());
    this.#rows.forEach((row, i) => fillRow(children[i]!, row, words(row)));
  }

  choose(tid: number): void {
    this.#rows.forEach((row, i) => {
      const button = this.#list.children[i]!.firstElementChild!;
      const isChosen = String(row.tid === tid);
      if (button.ariaPressed !== isChosen) button.ariaPressed = isChosen;
    });
  }
}

function newRow(): HTMLElement {
  const row = made("li", "");
  const button = made("button", "thread") as HTMLButtonElement;
  button.type = "button";
  button.append(chip("ready"), made("span", ""), made("span", "words"));
  row.append(button);
  return row;
}

function fillRow(row: Element, thread: ThreadRow, words: string): void {
  const [sign, name, about] = row.firstElementChild!.children;
  paintChip(sign!, thread.state);
  setText(name!, thread.name);
  setText(about!, words);
  const title = `${thread.name}, pid ${thread.pid}, tid ${thread.tid}`;
  const button = row.firstElementChild as HTMLElement;
  if (button.title !== title) button.title = title;
}
