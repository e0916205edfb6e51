/// <reference lib="dom" />
// The panel Pending requests, "what the kernel babysits": a row for each, and
// below how many, how many events nobody has taken, who is done next. A row that
// is chosen is chosen everywhere. It shows a view and knows nothing else.

import { made, setText } from "../parts/elements.ts";
import { duration, grouped } from "../parts/units.ts";
import type { Status } from "../protocol.ts";
import type { Chosen } from "./panel_list.ts";
import { ChoiceTable, counted, Sentence } from "./panel_parts.ts";
import type { OpenPanel, PanelPlace } from "./panel_place.ts";
import type { RequestRow, RequestsView } from "./requests_model.ts";

const EMPTY =
  "Nothing is pending. A request appears here when a program blocks, submits or pushes one.";

/** A panel that is no higher than this is low; it shows so many rows. */
const LOW_PX = 320;
const LOW_ROWS = 5;

export function open(place: PanelPlace): OpenPanel<"requests"> {
  return new RequestsPanel(place);
}

class RequestsPanel implements OpenPanel<"requests"> {
  readonly #place: PanelPlace;
  readonly #table: ChoiceTable;
  readonly #more = made("p", "hint");
  readonly #sum = new Sentence("sum");
  #rows: RequestRow[] = [];
  #chosen: Chosen | null = null;

  constructor(place: PanelPlace) {
    this.#place = place;
    place.note("what the kernel babysits");
    this.#table = new ChoiceTable(
      "Pending requests",
      ["#", "program", "request", "door", "waits for", "age"],
      (key) => this.#choose(key),
      true,
    );
    place.body.append(this.#table.element, this.#more, this.#sum.element);
  }

  show(view: RequestsView, status: Status | null): void {
    this.#rows = this.#shownOf(view.rows);
    this.#table.show(this.#rows.map((row) => ({
      key: row.key,
      state: row.state,
      label: `${nameOf(row)}, ${row.who}: ${row.text}`,
      title: `${row.who} (pid ${row.pid}): ${row.text}`,
      cells: [
        row.id === 0 ? "·" : String(row.id),
        row.who,
        row.text,
        row.door,
        row.waits,
        duration(view.now - row.sinceNs),
      ],
    })));
    const more = view.rows.length + view.more - this.#rows.length;
    setText(this.#more, more > 0 ? `and ${grouped(more)} more` : "");
    this.#sum.say(sumWords(view), status?.state === "running");
    this.select(this.#chosen);
  }

  /** In a low panel five and how many more; the one that is chosen is among them. */
  #shownOf(rows: RequestRow[]): RequestRow[] {
    const { clientHeight } = this.#place.body;
    if (rows.length <= LOW_ROWS + 1 || clientHeight > LOW_PX) return rows;
    const shown = rows.slice(0, LOW_ROWS);
    const chosen = rows.findIndex((row) => this.#isChosen(row));
    if (chosen >= LOW_ROWS) shown[LOW_ROWS - 1] = rows[chosen]!;
    return shown;
  }

  #isChosen({ tid, id }: RequestRow): boolean {
    const what = this.#chosen;
    return what !== null && tid === what.tid && id === what.request;
  }

  select(what: Chosen | null): void {
    this.#chosen = what;
    const row = this.#rows.find((each) => this.#isChosen(each));
    this.#table.choose(row?.key ?? "");
  }

  #choose(key: string): void {
    const row = this.#rows.find((each) => each.key === key);
    if (row === undefined) return;
    const { tid, pid, id } = row;
    this.#place.choose({ tid, pid, request: id });
  }
}

function nameOf({ id, door }: RequestRow): string {
  return id === 0 ? `a call that ${door}s` : `#${id} by ${door}`;
}

/** `3 pending, 0 events waiting to be taken. Next: #13, in 0.85 ms.` */
export function sumWords(view: RequestsView): string {
  const { rows, pending, untaken, next } = view;
  if (rows.length === 0) return EMPTY;
  const sum = `${grouped(pending)} pending, ${
    counted(untaken, "event", "events")
  } waiting to be taken.`;
  if (next === null) return sum;
  const { row, leftNs } = next;
  const who = row.id === 0
    ? `the ${nameOfCall(row)} of ${row.who}`
    : `#${row.id}`;
  return `${sum} Next: ${who}, in ${duration(leftNs)}.`;
}

function nameOfCall({ text }: RequestRow): string {
  return text.slice(0, text.indexOf("("));
}
