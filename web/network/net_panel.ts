/// <reference lib="dom" />
// The panel Network: the picture, the packets on the way, the header of the one
// that was chosen, who listens and who is connected, what was dropped. It does not
// know the machine.

import type { NetView } from "./net_model.ts";
import { PACKET_KINDS, PACKETS } from "./net_packets.ts";
import { NetPicture } from "./net_picture.ts";
import type { FlightView } from "./net_way.ts";
import {
  bytesWords,
  endWords,
  headerWords,
  netCounts,
  netSentence,
  packetWords,
  queueWords,
  wayWords,
} from "./net_words.ts";
import type { Status } from "../protocol.ts";
import { duration, grouped } from "../parts/units.ts";
import type { OpenPanel, PanelPlace } from "../panels/panel_place.ts";
import { fillTerms, made, setText } from "../parts/elements.ts";

const PACKETS_SHOWN = 6;
const LISTENERS_SHOWN = 8;
const SPEAK_EVERY_MS = 1000;
const FRAME_NS = 33e6;
/** A packet that is drawn fewer times on its way cannot be followed. */
const FRAMES_MIN = 6;

interface Row {
  cells: string[];
  /** A packet that can be chosen. */
  flight?: FlightView;
}

export function open(place: PanelPlace): OpenPanel<"network"> {
  return new NetPanel(place);
}

class NetPanel implements OpenPanel<"network"> {
  readonly #place: PanelPlace;
  readonly #picture = new NetPicture((id) => this.#choose(id));
  readonly #doing = made("p", "doing");
  readonly #fast = made("p", "hint");
  readonly #chosen = made("dl", "counts");
  readonly #packets = new Table(
    "Packets on the way",
    ["packet", "from", "to", "way done", "arrives in"],
    (flight) => this.#chooseFlight(flight),
  );
  readonly #more = made("p", "hint");
  readonly #listeners = new Table(
    "Listening sockets",
    ["socket", "wait to be accepted", "turned away"],
  );
  readonly #connections = new Table(
    "Connections",
    ["client", "server", "bytes"],
  );
  readonly #moreConnections = made("p", "hint");
  readonly #counts = made("dl", "counts");
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  #redraw = () => {};
  #view: NetView | null = null;
  /** The one that was chosen, as it was seen last. */
  #flight: FlightView | null = null;
  #spokenAt = 0;

  constructor(place: PanelPlace) {
    this.#place = place;
    place.body.append(
      this.#doing,
      this.#picture.element,
      this.#fast,
      legend(),
      this.#chosen,
      this.#packets.element,
      this.#more,
      this.#listeners.element,
      this.#connections.element,
      this.#moreConnections,
      this.#counts,
    );
  }

  // ----------------------------------------------------------- showing

  show(view: NetView, status: Status | null): void {
    this.#view = view;
    this.#redraw = () => this.show(view, status);
    const runs = status?.state === "running";
    this.#followChosen(view, runs);
    this.#picture.draw(view, {
      hidesGliding: runs && this.#still.matches,
      selected: this.#flight?.id ?? 0,
    });
    this.#speak(netSentence(view), runs);
    this.#place.note(noteOf(view));
    const isFast = runs &&
      view.ways.some((way) =>
        way.travelling > 0 && isTooFast(view, way.cable, status.speed)
      );
    setText(
      this.#fast,
      isFast
        ? "At this speed a packet is there before it is drawn. Slow time down to see it go."
        : "",
    );
    this.#showPackets(view);
    this.#showSockets(view);
    fillTerms(this.#counts, netCounts(view));
  }

  /** To those who listen at most once a second, while time passes. */
  #speak(sentence: string, runs: boolean): void {
    if (this.#doing.textContent === sentence) return;
    const soon = performance.now() - this.#spokenAt < SPEAK_EVERY_MS;
    this.#doing.setAttribute("aria-live", runs && soon ? "off" : "polite");
    if (!soon) this.#spokenAt = performance.now();
    this.#doing.textContent = sentence;
  }

  #showPackets(view: NetView): void {
    const { now } = view;
    const flights = view.ways.flatMap((way) => way.flights)
      .sort((a, b) => a.arriveNs - b.arriveNs);
    const rows = flights.slice(0, PACKETS_SHOWN).map((flight): Row => ({
      flight,
      cells: [
        packetWords(flight),
        flight.words.from,
        flight.words.to,
        wayWords(flight, now),
        duration(flight.arriveNs - now),
      ],
    }));
    this.#packets.show(rows, this.#flight?.id ?? 0);
    const all = view.ways.reduce((sum, way) => sum + way.travelling, 0);
    const more = all - rows.length;
    setText(this.#more, more > 0 ? `and ${grouped(more)} more` : "");
    fillTerms(
      this.#chosen,
      this.#flight === null ? [] : headerWords(this.#flight, now),
    );
  }

  #showSockets(view: NetView): void {
    const listeners = view.listeners.slice(0, LISTENERS_SHOWN);
    this.#listeners.show(listeners.map((listener) => ({
      cells: [
        `${listener.machine}:${listener.port}`,
        queueWords(listener),
        grouped(listener.turnedAway),
      ],
    })));
    const { connections, connectionCount } = view;
    this.#connections.show(connections.map((connection) => ({
      cells: [
        endWords(connection.client),
        endWords(connection.server),
        bytesWords(connection),
      ],
    })));
    const more = connectionCount - connections.length;
    setText(this.#moreConnections, more > 0 ? `and ${grouped(more)} more` : "");
  }

  // ----------------------------------------------------------- choosing

  #choose(id: number): void {
    const found = this.#view?.ways.flatMap((way) => way.flights)
      .find((flight) => flight.id === id);
    if (found !== undefined) this.#chooseFlight(found);
  }

  /** Choosing it again lets it go. */
  #chooseFlight(flight: FlightView): void {
    this.#flight = this.#flight?.id === flight.id ? null : flight;
    this.#redraw();
  }

  /** When time passes, one that has arrived is let go. */
  #followChosen(view: NetView, runs: boolean): void {
    if (this.#flight === null) return;
    const { id, arriveNs } = this.#flight;
    if (runs && arriveNs < view.now) {
      this.#flight = null;
      return;
    }
    for (const way of view.ways) {
      for (const flight of way.flights) {
        if (flight.id === id) this.#flight = flight;
      }
    }
  }
}

/** The card of the first machine, and what was lost on its cables. */
function noteOf({ drops }: NetView): string {
  const dropped = drops.reduce((sum, [, count]) => sum + count, 0);
  return `eth0, ${grouped(dropped)} dropped`;
}

function isTooFast(view: NetView, cable: number, speed: number): boolean {
  const { latencyNs } = view.cables[cable]!;
  return latencyNs < FRAMES_MIN * FRAME_NS * speed;
}

/** Rows of words under a heading; without rows it is not there. */
class Table {
  readonly element = made("div", "rows");
  readonly #body: HTMLTableSectionElement;
  #rows: Row[] = [];

  constructor(
    name: string,
    heads: string[],
    onChoose: (flight: FlightView) => void = () => {},
  ) {
    const table = document.createElement("table");
    table.createCaption().textContent = name;
    const head = table.createTHead().insertRow();
    for (const word of heads) {
      const cell = made("th", "") as HTMLTableCellElement;
      cell.scope = "col";
      cell.textContent = word;
      head.append(cell);
    }
    this.#body = table.createTBody();
    this.element.append(table);
    this.element.hidden = true;
    this.#body.addEventListener("click", ({ target }) => {
      const row = (target as HTMLElement).closest("tr");
      const { flight } = this.#rows[row?.sectionRowIndex ?? -1] ?? {};
      if (flight !== undefined) onChoose(flight);
    });
  }

  show(rows: Row[], selected = 0): void {
    this.#rows = rows;
    this.element.hidden = rows.length === 0;
    const { rows: shown } = this.#body;
    while (shown.length > rows.length) this.#body.deleteRow(-1);
    while (shown.length < rows.length) this.#addRow(rows[shown.length]!);
    rows.forEach(({ cells, flight }, i) => {
      const row = shown[i]!;
      cells.forEach((text, j) => setText(textOf(row.cells[j]!), text));
      if (flight === undefined) return;
      const isChosen = String(flight.id === selected);
      const button = row.cells[0]!.firstElementChild!;
      if (button.getAttribute("aria-pressed") !== isChosen) {
        button.setAttribute("aria-pressed", isChosen);
      }
    });
  }

  #addRow({ cells, flight }: Row): void {
    const row = this.#body.insertRow();
    cells.forEach((_, i) => {
      const cell = made(i === 0 ? "th" : "td", "") as HTMLTableCellElement;
      if (i === 0) cell.scope = "row";
      if (i === 0 && flight !== undefined) {
        const button = made("button", "packet-row") as HTMLButtonElement;
        button.type = "button";
        cell.append(button);
      }
      row.append(cell);
    });
  }
}

/** Where the words of a cell stand: in its button, if it has one. */
function textOf(cell: HTMLElement): Element {
  return cell.firstElementChild ?? cell;
}

function legend(): HTMLElement {
  const list = made("ul", "packet-legend");
  for (const kind of PACKET_KINDS) {
    const entry = made("li", "");
    const letter = made("b", kind);
    letter.textContent = PACKETS[kind].letter;
    entry.append(letter, ` ${PACKETS[kind].name}`);
    list.append(entry);
  }
  return list;
}
