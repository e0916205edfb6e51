/// <reference lib="dom" />
// The page: it joins the machine, the terminal, the time bar and the timeline,
// and says which keys are whose. What any of them does is in its own file.

import { CompilerClient } from "./machine/compiler_client.ts";
import { Drawer } from "./parts/drawer.ts";
import { EditorDesk } from "./editor/editor_desk.ts";
import { fileToShow } from "./editor/shared_file.ts";
import { GradeDesk } from "./grading/grade_desk.ts";
import { type ForScreen, Machine } from "./machine/machine.ts";
import { PageAnswers } from "./machine/page_answers.ts";
import { Overview } from "./timeline/overview.ts";
import type { Shared } from "../host/share.ts";
import type { Purpose, Status } from "./protocol.ts";
import { byId } from "./parts/elements.ts";
import { showLoading } from "./machine/loading.ts";
import { moveRegion } from "./parts/regions.ts";
import { isOnePane, listenToPanes, showPane } from "./parts/panes.ts";
import { makeSplitter } from "./parts/splitter.ts";
import { Views } from "./parts/views.ts";
import {
  openLesson,
  openScenario,
  type Playground,
  viewSources,
} from "./start/doors.ts";
import { claimDisk } from "./machine/claim.ts";
import { type Action, DiskDesk } from "./disk/disk_desk.ts";
import { DiskStore } from "./store/disk_store.ts";
import { keepOffline } from "./offline/keep_offline.ts";
import { askAboutSent, ShareDoor } from "./share/share_door.ts";
import { OldFiles } from "./store/old_files.ts";
import { IndexedShelf, type Shelf } from "./store/shelf.ts";
import { Dock } from "./panels/dock.ts";
import { changeTheme } from "./parts/theme.ts";
import { showTable } from "./timeline/table.ts";
import { Terminal } from "./terminal/terminal.ts";
import { TimeBar } from "./time/time_bar.ts";
import { Timeline } from "./timeline/timeline.ts";
import type { LaneView } from "./trace/trace_model.ts";
import { moment } from "./parts/units.ts";
import type { Span } from "./timeline/viewport.ts";
import type { Explanation } from "./trace/why.ts";

const TABLE_EVERY_MS = 500;
const ANSWER_EVERY_MS = 500;

class Page {
  readonly #figure = byId("figure");
  readonly #table = byId("table");
  readonly #notice = byId("notice");
  readonly #drawer = new Drawer(
    byId("question"),
    byId("answer"),
    byId("facts"),
    {
      onSource: (path, line) => this.#showSource(path, line),
      onPlace: (laneId, at) => this.#timeline.choose(laneId, at),
      onGoTo: (atNs) => this.#machine.send({ kind: "goTo", atNs }),
    },
  );
  readonly #overview: Overview;
  readonly #timeline: Timeline;
  readonly #bar: TimeBar;
  readonly #terminal: Terminal;
  readonly #machine: Machine;
  readonly #compiler = new CompilerClient(showLoading);
  readonly #editor: EditorDesk;
  readonly #answers = new PageAnswers((message) => this.#machine.send(message));
  readonly #desk: DiskDesk;
  readonly #dock: Dock;
  readonly #share: ShareDoor;
  #status: Status | null = null;
  #lanes: LaneView[] = [];
  #lanesNow = 0;
  /** Nothing was played or typed yet: the figure is on show. */
  #fresh = true;
  #tableAt = 0;
  #answeredAt = 0;
  #compiling = 0;

  constructor(
    runnerText: string,
    store: DiskStore,
    old: OldFiles,
    damage: string | null,
    shared: Shared | null,
  ) {
    byId("before").remove();
    this.#terminal = new Terminal(byId("tty"), {
      onKeys: (text) => this.#type(text),
      onResize: (columns, rows) =>
        this.#machine?.send({ kind: "resize", columns, rows }),
    });
    this.#bar = this.#makeBar();
    this.#overview = new Overview(
      byId("overview") as HTMLCanvasElement,
      (span) => this.#timeline.setSpan(span),
    );
    this.#timeline = this.#makeTimeline();
    this.#machine = this.#makeMachine(runnerText, store, old, shared);
    this.#share = new ShareDoor(this.#machine, shared, {
      onTell: (text) => this.#showNotice("", text, true),
      picture: () => ({
        lanes: this.#lanes,
        span: this.#timeline.span,
        now: this.#lanesNow,
      }),
      settle: async () => {
        await this.#machine.look();
        await store.settled();
      },
    });
    this.#editor = this.#makeEditor(shared === null);
    this.#answers.add("edit", (asked) => this.#edit(asked));
    this.#answers.add("lesson", openLesson);
    this.#answers.add("scenario", openScenario);
    this.#answers.add(
      "share",
      async () => ({ link: await this.#share.link() }),
    );
    const grading = new GradeDesk(
      this.#compiler,
      (text, actions) => this.#showNotice("", text, false, actions),
    );
    this.#answers.add("grade", (asked) => grading.grade(asked));
    this.#desk = this.#makeDesk(store);
    this.#dock = this.#makeDock();
    store.onChange = () => {
      if (store.keeping === "kept" && store.blockCount > 0) old.forget();
      this.#desk.keepingChanged();
    };
    this.#listenToButtons();
    this.#listenToKeys();
    makeSplitters();
    listenToPanes();
    new Views(viewSources(this.#forViews()), (name) => {
      if (name === "playground") this.#terminal.focus();
    });
    this.#machine.start();
    this.#terminal.focus();
    keepOffline((text, actions) => this.#showNotice("", text, false, actions));
    if (damage !== null) this.#desk.tellDamage(damage);
    else if (shared === null && store.keeping !== "kept") {
      this.#desk.tellKeeping();
    }
  }

  // ----------------------------------------------------------- making

  #makeBar(): TimeBar {
    return new TimeBar({
      onPlay: () => this.#play(),
      onPause: () => this.#machine.send({ kind: "pause" }),
      onStep: () => {
        this.#begin();
        this.#machine.send({ kind: "step" });
      },
      onBack: () => {
        this.#begin();
        this.#machine.send({ kind: "back" });
      },
      onNext: () => {
        this.#begin();
        const laneId = this.#timeline.selection?.laneId ?? null;
        this.#machine.send({ kind: "next", laneId });
      },
      onSpeed: (speed) => this.#machine.send({ kind: "speed", speed }),
      onGoTo: (atNs) => {
        this.#begin();
        this.#machine.send({ kind: "goTo", atNs });
      },
    });
  }

  #makeTimeline(): Timeline {
    return new Timeline(byId("lanes") as HTMLCanvasElement, {
      onView: (span) => this.#look(span),
      onWant: (wanted) => this.#machine?.send({ kind: "view", ...wanted }),
      onAsk: (laneId, at, purpose, step) =>
        this.#machine.send({ kind: "explain", laneId, at, purpose, step }),
      onGoTo: (atNs) => {
        this.#begin();
        this.#machine.send({ kind: "goTo", atNs });
      },
      onDetails: () => this.#drawer.focus(),
      onMark: (span, laneId) => {
        if (span !== null) {
          this.#machine.send({ kind: "measure", laneId, ...span });
        } else if (this.#timeline.selection === null) this.#tellState();
        else this.#timeline.refresh();
      },
      onClear: () => {
        this.#drawer.clear();
        this.#editor.light(null);
        byId("next").textContent = "next event";
        this.#dock.select(null);
        if (!this.#fresh) this.#tellState();
      },
      onFollow: (follows) =>
        byId("follow").setAttribute("aria-pressed", String(follows)),
    });
  }

  /** `keeps`: what is written is the visitor's own. */
  #makeEditor(keeps: boolean): EditorDesk {
    return new EditorDesk(byId("editor"), {
      send: (message) => this.#machine.send(message),
      onRun: () => {
        this.#notice.hidden = true;
        if (isOnePane()) showPane("terminal");
        this.#begin();
        this.#timeline.follow(true);
      },
      onCursor: () => {},
      onFile: (name, state) => {
        byId("file-state").replaceChildren(name, " ", state);
      },
    }, { keeps, sources: () => this.#compiler.sources() });
  }

  /** A program in the shell wants a file to be edited here. */
  #edit(asked: Record<string, unknown>): Promise<Record<string, unknown>> {
    showPane("code");
    return this.#editor.edit(asked);
  }

  #makeDesk(store: DiskStore): DiskDesk {
    return new DiskDesk(store, this.#machine, {
      onTell: (text, actions) => this.#showNotice("", text, true, actions),
      onClear: () => this.#forgetRun(),
    });
  }

  #makeDock(): Dock {
    return new Dock(byId("dock"), this.#desk, {
      onWatch: (panel, isOpen) =>
        this.#machine.send({ kind: "watchPanel", panel, isOpen }),
      onChoose: (what) => {
        this.#begin();
        this.#machine.send({ kind: "choose", what });
      },
      onGoTo: (atNs) => {
        this.#begin();
        this.#machine.send({ kind: "goTo", atNs });
      },
      onAsk: () => showPane("panels"),
    });
  }

  #makeMachine(
    runnerText: string,
    store: DiskStore,
    old: OldFiles,
    shared: Shared | null,
  ): Machine {
    const console = () => ({
      columns: this.#terminal.columns,
      rows: this.#terminal.rows,
      speed: this.#bar.speed,
    });
    return new Machine(runnerText, store, old, this.#compiler, console, {
      onMessage: (message) => this.#hear(message),
      onRestart: (sentence) => {
        this.#forgetRun();
        this.#showNotice("", sentence, true);
      },
      onRefused: (text) => this.#desk.refused(text),
      onFault: (text) =>
        this.#showNotice(
          "",
          `This browser gave no worker, so programs cannot run here (${text}). ` +
            "The figure can still be read.",
          true,
        ),
      onCompile: (path) => this.#showCompiling(path),
    }, shared);
  }

  // ----------------------------------------------------------- hearing

  #hear(message: ForScreen): void {
    this.#editor.hear(message);
    switch (message.kind) {
      case "asked":
        return void this.#answers.hear(message);
      case "ready":
        document.documentElement.dataset.ready = "";
        return this.#dock.ready();
      case "panel":
        return this.#dock.show(message);
      case "output":
        return this.#print(message.bytes);
      case "opened":
        this.#showOpened();
        return this.#share.hear(message);
      case "replaying":
      case "sent":
      case "exported":
        return this.#share.hear(message);
      case "rewound":
        return this.#terminal.clear();
      case "status":
        return this.#advance(message.status);
      case "slices":
        return this.#showLanes(
          message.lanes,
          message.overview,
          message.now,
          message.lost,
        );
      case "measured":
        return this.#drawer.showMeasure(
          message.measure,
          this.#nameOf(this.#timeline.selection?.laneId ?? ""),
        );
      case "explained":
        if (message.explanation === null) return;
        if (message.purpose === "select") this.#dock.select(message.what);
        return this.#explain(message.explanation, message.purpose);
      case "trouble":
        return this.#showNotice(message.title, message.text, true);
    }
  }

  /** What somebody sent stands at its instant: it is shown as it was there. */
  #showOpened(): void {
    this.#begin();
    const { speed, view } = this.#share.shared!;
    const file = fileToShow(this.#share.shared!);
    if (file !== null) this.#editor.open(file);
    this.#bar.choose(speed);
    if (view === null) return;
    this.#timeline.follow(false);
    this.#timeline.setSpan({ fromNs: view[0], toNs: view[1] });
  }

  /** Another machine begins: what the last one did is gone. */
  #forgetRun(): void {
    this.#lanes = [];
    this.#timeline.clear();
  }

  #explain(explanation: Explanation, purpose: Purpose): void {
    this.#timeline.answered(explanation, purpose);
    this.#drawer.show(explanation, purpose === "select");
    if (purpose === "hover") return;
    const lane = this.#lanes.find(({ id }) => id === explanation.laneId);
    byId("next").textContent = `next of ${lane?.name ?? "lane"}`;
    this.#light(explanation);
  }

  /** The source line of what is selected, where its file is open. */
  #light({ source, name, kind, question }: Explanation): void {
    if (source === null) return this.#editor.light(null);
    const what = kind === "request"
      ? "was asked for here"
      : question.includes("not running")
      ? "waits here"
      : "is here";
    this.#editor.light(source.path, source.line, `${name} ${what}`);
  }

  #print(bytes: Uint8Array): void {
    this.#terminal.write(
      bytes,
      () => this.#machine.send({ kind: "shown", bytes: bytes.length }),
    );
  }

  #advance(status: Status): void {
    const before = this.#status;
    this.#status = status;
    this.#bar.show(status, this.#fresh);
    this.#dock.advance(status);
    this.#timeline.advance(status);
    const jumped = status.state === "paused" && before?.now !== status.now;
    if (before?.state === status.state && !jumped) return;
    document.documentElement.dataset.machine = status.state;
    if (this.#timeline.selection === null && !this.#fresh) this.#tellState();
  }

  /** The line of a program that the sentence is about. */
  #showSource(path: string, line: number): void {
    showPane("code");
    this.#editor.open(path, line);
  }

  #nameOf(laneId: string): string {
    return this.#lanes.find(({ id }) => id === laneId)?.name ?? "the CPUs";
  }

  #showLanes(
    lanes: LaneView[],
    overview: LaneView[],
    now: number,
    lost: string,
  ): void {
    this.#lanes = lanes;
    this.#lanesNow = now;
    this.#timeline.show(lanes, now, lost);
    this.#overview.show(overview[0] ?? null, now);
    byId("empty").hidden = lanes.length > 0;
    this.#refreshAnswer();
    if (this.#table.hidden) return;
    if (performance.now() - this.#tableAt < TABLE_EVERY_MS) return;
    this.#tableAt = performance.now();
    showTable(this.#table, lanes, now);
  }

  /** While time passes, the chosen slice grows: its sentence as well. */
  #refreshAnswer(): void {
    const mark = this.#timeline.selection;
    const grows = mark !== null && mark.end > mark.start;
    if (!grows || this.#status?.state !== "running") return;
    if (performance.now() - this.#answeredAt < ANSWER_EVERY_MS) return;
    this.#answeredAt = performance.now();
    this.#timeline.refresh();
  }

  /** The sentence when no slice is chosen. */
  #tellState(): void {
    const state = this.#status?.state;
    const now = moment(this.#status?.now ?? 0);
    const answer = state === "idle"
      ? "Every thread waits, and only a key can end it."
      : state === "paused"
      ? `Time stands at ${now}.`
      : state === "compiling"
      ? "A program is being compiled. That takes none of the machine's time."
      : "Time passes.";
    this.#drawer.say("What happens now?", [
      { text: answer, style: "bold" },
      { text: " Point at any slice to ask why.", style: "plain" },
    ]);
  }

  #showNotice(
    title: string,
    text: string,
    bad: boolean,
    actions: Action[] = [],
  ): void {
    const name = document.createElement("b");
    name.textContent = title === "" ? "" : `${title} `;
    const buttons = actions.map(({ name, act }) => {
      const button = document.createElement("button");
      button.className = "small";
      button.textContent = name;
      button.onclick = act;
      return button;
    });
    this.#notice.replaceChildren(name, text, ...buttons);
    this.#notice.classList.toggle("bad", bad);
    this.#notice.hidden = false;
  }

  #showCompiling(path: string | null): void {
    this.#compiling += path === null ? -1 : 1;
    byId("terminal-note").textContent = path === null
      ? ""
      : `compiling ${path}`;
    if (this.#compiling === 0) byId("loading").hidden = true;
  }

  // ----------------------------------------------------------- doing

  /** From the first key or press on, the live timeline takes the figure's place. */
  #begin(): void {
    if (!this.#fresh) return;
    this.#fresh = false;
    this.#figure.hidden = true;
    if (this.#status !== null) this.#advance(this.#status);
    this.#tellState();
  }

  #type(text: string): void {
    this.#notice.hidden = true;
    if (this.#status?.state === "dead") return this.#machine.start();
    if (/[\r\n]/.test(text)) {
      this.#begin();
      this.#timeline.follow(true);
    }
    this.#machine.send({ kind: "keys", text });
  }

  /** What lessons and the gallery ask of the playground. */
  #forViews(): Playground {
    const enter = (line: string) => {
      location.hash = "#playground";
      this.#type(`${line}\r`);
    };
    const edit = (path: string) => {
      location.hash = "#playground";
      showPane("code");
      this.#editor.open(path).catch(() => {}); // the editor says why
    };
    return { run: enter, edit };
  }

  /** The first press plays what the figure shows; after that it goes on. */
  #play(): void {
    const { command, speed } = this.#figure.dataset;
    if (this.#fresh && command !== undefined) {
      this.#begin();
      this.#bar.choose(Number(speed));
      this.#timeline.follow(true);
      this.#machine.send({ kind: "keys", text: `${command}\r` });
    }
    this.#machine.send({ kind: "play" });
  }

  #look(span: Span): void {
    this.#overview?.bracket(span);
    const { fromNs, toNs } = span;
    byId("range").textContent = `${moment(Math.max(0, fromNs))} – ${
      moment(toNs)
    }`;
  }

  #toggleTable(): void {
    this.#table.hidden = !this.#table.hidden;
    this.#timeline.wantsAll = !this.#table.hidden;
    byId("as-table").setAttribute("aria-pressed", String(!this.#table.hidden));
    if (this.#table.hidden) return byId("lanes").focus();
    showTable(this.#table, this.#lanes, this.#lanesNow);
    this.#table.focus();
  }

  // ----------------------------------------------------------- listening

  #listenToButtons(): void {
    byId("theme").onclick = () => changeTheme();
    byId("run").onclick = () => this.#editor.run();
    byId("keys").onclick = () => this.#openSheet();
    byId("follow").onclick = () =>
      this.#timeline.follow(!this.#timeline.follows);
    byId("fit").onclick = () => this.#timeline.fit();
    byId("as-table").onclick = () => this.#toggleTable();
    const repaint = () => {
      this.#timeline.repaint();
      this.#overview.repaint();
      this.#dock.repaint();
      this.#terminal.repaint();
    };
    new MutationObserver(repaint).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
    matchMedia("(prefers-color-scheme: dark)").onchange = repaint;
  }

  /** Past or to come: the moment at which the selected slice begins. */
  #goToSelection(): void {
    const mark = this.#timeline.selection;
    if (mark !== null) this.#machine.send({ kind: "goTo", atNs: mark.start });
  }

  #openSheet(): void {
    (byId("sheet") as HTMLDialogElement).showModal();
  }

  #listenToKeys(): void {
    document.addEventListener("keydown", (event) => {
      if (isRunKey(event)) this.#editor.run();
      if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
      if (event.altKey || !this.#takes(event)) return;
      event.preventDefault();
    });
  }

  /** F-keys are the page's everywhere; letters only where nobody writes. */
  #takes(event: KeyboardEvent): boolean {
    const act = this.#functionKey(event);
    if (act !== null) {
      act();
      return true;
    }
    const target = event.target as HTMLElement;
    if (target.closest("dialog, input, select, textarea, .tty, .cm-editor")) {
      return false;
    }
    const isPress = event.key === " " || event.key === "Enter";
    if (isPress && target.closest("button")) return false;
    return this.#plainKey(event) || this.#timelineKey(event, target);
  }

  #functionKey(event: KeyboardEvent): (() => void) | null {
    switch (event.key) {
      case "F6":
        return () => moveRegion(event.shiftKey ? -1 : 1);
      case "F8":
        return () => this.#bar.toggle();
      case "F9":
        return () => byId(event.shiftKey ? "back" : "step").click();
      default:
        return null;
    }
  }

  #plainKey(event: KeyboardEvent): boolean {
    const single = event.key.length === 1;
    const letters = (byId("letters") as HTMLInputElement).checked;
    if (single && event.key !== " " && !letters) return false;
    const act = this.#actOf(event);
    act?.();
    return act !== null || single && this.#dock.key(event.key);
  }

  #actOf(event: KeyboardEvent): (() => void) | null {
    switch (event.key) {
      case " ":
        return () => this.#bar.toggle();
      case "ArrowLeft":
        return () => byId("back").click();
      case "Home":
        return () => byId("to-start").click();
      case "g":
      case "G":
        return () => this.#goToSelection();
      case "ArrowRight":
        return () => byId(event.shiftKey ? "next" : "step").click();
      case "?":
        return () => this.#openSheet();
      case "t":
      case "T":
        return () => this.#toggleTable();
      case "+":
      case "=":
        return () => this.#bar.shift(1);
      case "-":
        return () => this.#bar.shift(-1);
      default:
        return null;
    }
  }

  #timelineKey(event: KeyboardEvent, target: HTMLElement): boolean {
    if (target.closest("#splitter, .table")) return false;
    const letters = (byId("letters") as HTMLInputElement).checked;
    if (event.key.length === 1 && !letters) return false;
    return !this.#figure.hidden ? false : this.#timeline.key(event);
  }
}

function makeSplitters(): void {
  makeSplitter(byId("splitter"), {
    box: byId("left"),
    part: byId("tty").parentElement!,
    property: "--terminal-height",
    after: true,
    minPx: 96,
    restMinPx: 96,
  });
  makeSplitter(byId("upright"), {
    box: byId("screen"),
    part: byId("left"),
    property: "--left-width",
    after: false,
    minPx: 240,
    restMinPx: 480,
  });
}

/** Ctrl Enter runs the file in front; in the terminal it is the program's. */
function isRunKey(event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, defaultPrevented } = event;
  const target = event.target as HTMLElement;
  return key === "Enter" && (ctrlKey || metaKey) && !defaultPrevented &&
    target.closest(".tty, dialog") === null;
}

/** What earlier visits left. */
async function openDisk(): Promise<
  { store: DiskStore; old: OldFiles; damage: string | null }
> {
  const old = new OldFiles();
  const isOurs = await claimDisk();
  const store = new DiskStore(shelf(), isOurs);
  const damage = await store.open();
  if (store.disk === null) await old.open();
  return { store, old, damage };
}

function shelf(): Shelf | null {
  try {
    return new IndexedShelf();
  } catch {
    return null;
  }
}

/** The disk of what somebody sent: it is nowhere but here. */
function sentDisk(): Awaited<ReturnType<typeof openDisk>> {
  const store = new DiskStore(null, false);
  return { store, old: new OldFiles(), damage: null };
}

async function main(): Promise<void> {
  try {
    const shared = await askAboutSent();
    const [response, disk] = await Promise.all([
      fetch("runner.js"),
      shared === null ? openDisk() : sentDisk(),
    ]);
    if (!response.ok) throw new Error(`runner.js: ${response.status}`);
    const { store, old, damage } = disk;
    new Page(await response.text(), store, old, damage, shared);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    byId("notice").textContent =
      `The machine could not be loaded (${text}). The figure can still be read.`;
    byId("notice").hidden = false;
  }
}

main();
