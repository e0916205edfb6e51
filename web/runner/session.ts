// One machine on the page: the world, its shell, the folded trace, and the
// messages to and from the page. It runs in the worker; how fast time passes is
// the driver's.
//
// Time goes back by running the same again, up to then. What came later is still
// known, and comes again when time goes on; a key makes it another run, and what
// came later is gone, on the disk too.

import type { Image } from "../../host/base_files.ts";
import type { LateFile } from "../../host/late_files.ts";
import type { CompiledFile } from "../../host/compiled.ts";
import { Driver, type DriverState, type HostClock } from "../../host/driver.ts";
import type { EarlyFile, PrecompiledFile } from "../../host/loader.ts";
import type { Shared } from "../../host/share.ts";
import type {
  Input,
  Machine,
  Process,
  ProgramLoader,
  World,
} from "../../kernel/mod.ts";
import { DEFAULT_MODEL } from "../../kernel/dev/hdd_model.ts";
import { DiskKeeper } from "./disk_keeper.ts";
import { Files } from "./files.ts";
import { Keys } from "./keys.ts";
import { Origin } from "./origin.ts";
import { Output } from "./output.ts";
import { eventBefore, FIRST_NS, Past } from "./past.ts";
import type { Chosen, PanelName } from "../panels/panel_list.ts";
import type { FromRunner, MachineState, ToRunner } from "../protocol.ts";
import { PageAsks } from "./page_asks.ts";
import { homeFiles } from "./home_files.ts";
import { Recording } from "./recording.ts";
import {
  Enough,
  isWhole,
  openShared,
  sentAsItIs,
  sentFromFresh,
  settle,
} from "./sharing.ts";
import { WatchedLoader } from "./watched_loader.ts";

export interface SessionOptions {
  /** What this Kettle puts on a disk. */
  image: Image;
  /** What of that is not there yet, until "sources" brings it. */
  late?: ReadonlyMap<string, LateFile>;
  precompiled: readonly PrecompiledFile[];
  /** Path → the code of a late file. */
  early?: ReadonlyMap<string, EarlyFile>;
  send(message: FromRunner): void;
}

type Boot = Extract<ToRunner, { kind: "boot" }>;

const STATES: Record<DriverState, MachineState> = {
  running: "running",
  idle: "idle",
  paused: "paused",
  compiling: "compiling",
  over: "dead",
};
const FRAME_MS = 16;
/** Steps that one press may take to the next event. */
const STEPS_MAX = 20_000;
const SHELL = "/bin/sh";
const LAST_SHELL = "this is the last shell: a new one was started";
const NO_SHELL =
  "/bin/sh could not be run. The panel Disk can give the machine a fresh disk.";
const PANIC =
  "That is a mistake in Kettle, not in your program. Press a key for a new machine; its disk is as it was a moment before.";
/** Exit status from which on a program did not run at all. */
const NOT_RUNNABLE = 126;
/** What is about the run that time is on its way to. */
const WAITS_FOR_PAST: ReadonlySet<ToRunner["kind"]> = new Set([
  "keys",
  "resize",
  "play",
  "pause",
  "step",
  "next",
  "speed",
  "fileAct",
  "runFile",
]);
const SLICES_EVERY_MS = 33;
const LANES_MANY = 600;
const LOOK_EVERY_MS = 1000;
const FILES_EVERY_MS = 250;
/** A step back is made ready when time has stood for so long, if the run is not longer than that. */
const READY_PAUSED_MS = 50;
const READY_IDLE_MS = 1000;
const READY_STEPS_MAX = 300_000;

export class Session {
  readonly #options: SessionOptions;
  readonly #send: SessionOptions["send"];
  readonly #boot: Boot;
  readonly #loader: WatchedLoader;
  readonly #origin: Origin;
  // The present run; another one when time goes back.
  #world!: World;
  #machine!: Machine;
  #recording!: Recording;
  #keeper!: DiskKeeper;
  #driver!: Driver;
  #output: Output;
  readonly #compiles = new Map<number, (file: CompiledFile) => void>();
  #compileIds = 0;
  #shellIsGone = false;
  #running = "";
  #deadlock = "";
  #slicesAt = 0;
  /** Panels that are on show. */
  readonly #panels = new Set<PanelName>();
  readonly #past: Past;
  /** What was sent is on its way to its instant. */
  #isOpening: boolean;
  #isEnough = false;
  /** Nothing was done in it yet but what was sent. */
  #isAsSent: boolean;
  /** What the page has for a screen, once it differs from what was sent. */
  #size: Extract<ToRunner, { kind: "resize" }> | null = null;
  /** Said meanwhile. */
  readonly #deferred: ToRunner[] = [];
  /** Blocks that the page keeps and that another run may have otherwise. */
  readonly #told = new Set<number>();
  #tellAgain = false;
  #preparing: ReturnType<typeof setTimeout> | undefined;
  /** Typed before that. */
  #heldKeys: string[] = [];
  #lookedAt = 0;
  #lookedEvents = 0;
  readonly #files: Files;
  readonly #asks: PageAsks;
  readonly #keys: Keys;
  #filesAt = 0;
  #filesSteps = -1;

  constructor(options: SessionOptions, boot: Boot) {
    this.#send = options.send;
    this.#options = options;
    this.#origin = new Origin(boot, options.image, options.late);
    this.#isOpening = this.#isAsSent = boot.shared != null;
    this.#loader = new WatchedLoader(
      {
        precompiled: options.precompiled,
        early: (path, source) =>
          this.#origin.isOwn(path, source)
            ? options.early?.get(path) ?? null
            : null,
        compile: (path, source) => this.#compile(path, source),
      },
      (path, source) => this.#origin.isOwn(path, source),
      (name) => this.#enter(name),
    );
    this.#boot = boot;
    this.#past = new Past({
      loader: this.#loader,
      boot: (programs) => this.#origin.make(programs),
      send: this.#send,
      breathe: () => sleep(0, new AbortController().signal),
    });
    this.#files = new Files({
      send: this.#send,
      isWhole: () => this.#origin.isWhole,
      isPast: () => this.#isPast,
      branch: () => this.#branch(),
    });
    this.#asks = new PageAsks(this.#send);
    this.#keys = new Keys({
      isPast: () => this.#isPast,
      onType: () => {
        this.#branch();
        if (this.#isAsSent) this.#takeOver();
      },
      onEnter: (shellPid) => this.#recording.begin(shellPid),
    });
    this.#output = new Output(options.send);
    const { world, machine } = this.#origin.make(this.#loader);
    machine.console.onOutput = (bytes) => this.#output.add(bytes);
    if (!this.#isOpening) machine.resize(boot.columns, boot.rows);
    if (boot.notice !== "") this.#note(boot.notice);
    this.#enterWorld(world, boot.speed, null);
    if (!this.#isOpening) this.#startShell();
    this.#send({ kind: "ready" });
    if (!this.#isOpening) this.#run();
    else if (this.#origin.isWhole) this.#open();
  }

  /** `future`: time stands, somewhere on the way of another run; null: it passes. */
  #enterWorld(
    world: World,
    speed: number,
    future: readonly Input[] | null,
  ): void {
    const [machine] = world.machines;
    this.#world = world;
    this.#machine = machine!;
    const { model = DEFAULT_MODEL.name } = machine!.settings.disk;
    this.#keeper = new DiskKeeper(machine!, model);
    this.#recording = new Recording(world, machine!, this.#loader.programs);
    const driver = new Driver({
      world,
      speed,
      future: future ?? [],
      paused: future !== null,
      compile: (wanted) => this.#loader.compile(wanted),
      clock: this.#clock(),
      onSlice: () => this.#tick(driver),
      onState: () => this.#tick(driver),
      onBranch: () => this.#asks.branched(),
    });
    this.#driver = driver;
    this.#files.enter(machine!, driver);
    this.#asks.enter(machine!, driver);
    this.#keys.enter(machine!, driver);
  }

  /** Null: nobody has started one, in what somebody sent. */
  get #shell(): Process | null {
    return this.#machine.lastLogin;
  }

  handle(message: ToRunner): void {
    if (message.kind === "resize" && this.#isAsSent) {
      return void (this.#size = message);
    }
    const isOnItsWay = this.#past.isUnderWay || this.#isOpening;
    if (isOnItsWay && WAITS_FOR_PAST.has(message.kind)) {
      return void this.#deferred.push(message);
    }
    switch (message.kind) {
      case "keys":
        if (!this.#origin.isWhole) {
          return void this.#heldKeys.push(message.text);
        }
        this.#keys.type(message.text);
        return this.#output.flush();
      case "shown":
        return this.#output.shown(message.bytes);
      case "resize":
        if (this.#isPast) return;
        return this.#driver.input(() =>
          this.#machine.resize(message.columns, message.rows)
        );
      case "play":
        return this.#driver.play();
      case "pause":
        return this.#driver.pause();
      case "step":
        return this.#step();
      case "back":
        return this.#back();
      case "goTo":
        return this.#goTo(message.atNs);
      case "next":
        return this.#next(message.laneId);
      case "speed":
        this.#driver.speed = message.speed;
        return this.#sendStatus();
      case "view":
        this.#recording.view = message;
        this.#sendWindow();
        return this.#sendSlices();
      case "explain":
        return this.#send({
          kind: "explained",
          purpose: message.purpose,
          explanation: this.#recording.explain(
            message.laneId,
            message.at,
            message.purpose,
            message.step,
          ),
          what: this.#recording.chosen(message.laneId, message.at),
        });
      case "measure":
        return this.#send({
          kind: "measured",
          measure: this.#recording.measure(
            message.fromNs,
            message.toNs,
            message.laneId,
          ),
        });
      case "choose":
        return this.#explainChosen(message.what);
      case "watchPanel":
        return this.#watchPanel(message.panel, message.isOpen);
      case "watchFiles":
        return this.#files.watch(message.open);
      case "fileAct":
        return this.#files.act(message.act);
      case "runFile":
        if (this.#origin.isWhole) this.#keys.runFile(message.path);
        return;
      case "answer":
        return this.#asks.answer(message.id, message.answer);
      case "look":
        this.#look();
        return this.#send({ kind: "looked" });
      case "share":
        return void this.#share();
      case "enough":
        return void (this.#isEnough = true);
      case "export":
        return void this.#export(message.code, message.what);
      case "sources":
        return this.#complete(message.sources);
      case "compiled":
        if (!message.lasting) this.#loader.forgetNext();
        this.#compiles.get(message.id)?.(message.file);
        this.#compiles.delete(message.id);
    }
  }

  // ----------------------------------------------------------- time

  async #run(): Promise<void> {
    const { reason, report } = await this.#driver.run();
    if (reason !== "panic") return;
    this.#tick();
    this.#tell("", `${report}. ${PANIC}`);
  }

  // ----------------------------------------------------------- sending it

  #open(): void {
    this.#openShared().catch((error) => {
      this.#send({ kind: "refused", text: (error as Error).message });
    });
  }

  /** What was sent is run again, up to its instant; it stands there. */
  async #openShared(): Promise<void> {
    const shared = this.#boot.shared!;
    const output = new Output(this.#send);
    const boot = (programs: ProgramLoader) => {
      const { world, machine } = this.#origin.make(programs);
      machine.console.onOutput = (bytes) => output.add(bytes);
      return world;
    };
    const progress = (nowNs: number, atNs: number) => {
      if (this.#isEnough) throw new Enough();
      return this.#progress(nowNs, atNs);
    };
    const opened = await openShared(shared, this.#loader, boot, progress);
    const { world, future, hash, isCut } = opened;
    this.#driver.stop();
    this.#output = output;
    const { view } = this.#recording;
    this.#enterWorld(world, shared.speed, future);
    this.#recording.view = view;
    const driver = this.#driver;
    opened.leaveTo(() => driver.nextInput);
    this.#past.seenNs = future.at(-1)?.atNs ?? world.now;
    this.#isOpening = false;
    this.#run();
    this.#tick();
    this.#send({ kind: "opened", hash, isCut, nowNs: world.now });
    for (const message of this.#deferred.splice(0)) this.handle(message);
  }

  /** The visitor does something in what was sent: it has their screen, and a shell. */
  #takeOver(): void {
    this.#isAsSent = false;
    const { columns, rows } = this.#size ?? this.#boot;
    this.#driver.input(() => this.#machine.resize(columns, rows));
    if (this.#shell === null) this.#driver.input(() => this.#startShell());
  }

  async #progress(nowNs: number, atNs: number): Promise<void> {
    this.#send({ kind: "replaying", nowNs, atNs });
    await sleep(0, new AbortController().signal);
  }

  async #share(): Promise<void> {
    if (this.#isOpening) return void this.#deferred.push({ kind: "share" });
    await settle(
      { world: this.#world, future: this.#driver.future },
      this.#loader,
    );
    const running = {
      world: this.#world,
      future: this.#driver.future,
      speed: this.#driver.speed,
      view: this.#shownSpan,
    };
    const { disk, files, shared = null } = this.#boot;
    const began = { isFresh: disk === null, files, shared };
    const sent = isWhole(began) || shared !== null
      ? sentAsItIs(running, began)
      : await sentFromFresh(
        running,
        disk === null ? began : { ...began, files: this.#filesAtFirst() },
        this.#loader,
        (own) => this.#origin.makeFresh(own, this.#loader, running.world.seed),
        (nowNs, atNs) => this.#progress(nowNs, atNs),
      );
    this.#send({ kind: "sent", sent });
  }

  get #shownSpan(): Shared["view"] {
    const { view } = this.#recording;
    return view === null
      ? null
      : [Math.floor(view.fromNs), Math.ceil(view.toNs)];
  }

  /** What the visitor had in /home when the machine began. */
  #filesAtFirst(): Record<string, Uint8Array> {
    return homeFiles(this.#origin.make(this.#loader).machine);
  }

  /** The code comes from the page: what is not always needed is not in here. */
  async #export(code: string, what: string): Promise<void> {
    let bytes = new Uint8Array(0), error = "";
    try {
      const source = new Blob([code], { type: "text/javascript" });
      const { default: make } = await import(URL.createObjectURL(source));
      bytes = make(what, this.#world, this.#machine);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    this.#send({ kind: "exported", what, bytes, error });
  }

  // ----------------------------------------------------------- back in time

  get #isPast(): boolean {
    return this.#world.now < this.#past.seenNs;
  }

  /** To the instant of the event before. */
  #back(): void {
    const atNs = eventBefore(
      this.#world.trace,
      this.#past.placeOf(this.#world),
    );
    if (atNs !== null && atNs >= FIRST_NS) this.#goBack(atNs);
  }

  #goTo(atNs: number): void {
    const goal = Math.max(FIRST_NS, Math.floor(atNs));
    if (goal < this.#world.now) this.#goBack(goal);
    else if (goal > this.#world.now) this.#driver.runTo(goal);
  }

  async #goBack(atNs: number): Promise<void> {
    if (this.#past.isUnderWay) return this.#past.redirect(atNs);
    const log = [...this.#world.log, ...this.#driver.future];
    const { speed } = this.#driver;
    this.#driver.stop();
    const arrival = await this.#past.travel(atNs, log, this.#world.now);
    const { view, episodeNs } = this.#recording;
    this.#output = arrival.output;
    this.#send({ kind: "rewound" });
    this.#enterWorld(arrival.world, speed, arrival.future);
    const driver = this.#driver;
    arrival.leaveTo(() => driver.nextInput);
    this.#recording.view = view;
    this.#recording.episodeNs = Math.min(episodeNs, this.#world.now);
    this.#run();
    this.#past.arrived();
    this.#tick();
    for (const message of this.#deferred.splice(0)) this.handle(message);
  }

  /** Something is done now that was not done then: what came later is gone. */
  #branch(): void {
    if (!this.#isPast) return;
    const from = (this.#world.now / 1e6).toFixed(3);
    this.#tell(
      "",
      `From ${from} ms on it goes another way. What came after that is gone, ` +
        "and what was written to files then as well.",
    );
    this.#past.seenNs = this.#world.now;
    this.#tellAgain = true;
  }

  /** While nothing happens, a step back is made ready. */
  #prepareSoon(): void {
    clearTimeout(this.#preparing);
    if (this.#state !== "paused" && this.#state !== "idle") return;
    const { steps } = this.#world;
    if (steps > READY_STEPS_MAX || !this.#origin.isWhole) return;
    const ms = this.#state === "paused" ? READY_PAUSED_MS : READY_IDLE_MS;
    this.#preparing = setTimeout(() => {
      const atNs = eventBefore(this.#world.trace, this.#world.now);
      if (this.#world.steps !== steps || atNs === null) return;
      const log = [...this.#world.log, ...this.#driver.future];
      this.#past.prepare(log, atNs);
    }, ms);
  }

  /** While time passes, the page wants to see it pass: no long sleeps. */
  #clock(): HostClock {
    return {
      now: () => performance.now(),
      delay: (ms, signal) => {
        const shows = this.#driver.state === "running";
        return sleep(shows ? Math.min(ms, FRAME_MS) : ms, signal);
      },
    };
  }

  get #state(): MachineState {
    return STATES[this.#driver.state];
  }

  /** Playing: does not wait for the next event. Paused: on by one. */
  #step(): void {
    if (!this.#driver.paused) return this.#driver.skip();
    const { length } = this.#world.trace;
    this.#stepUntil(() => this.#world.trace.length > length);
  }

  /** On to the next thing on a lane; playing goes on from there. */
  #next(laneId: string | null): void {
    if (laneId === null) return this.#step();
    const atNs = this.#recording.nextStart(laneId);
    if (atNs !== null) return this.#driver.runTo(atNs);
    this.#stepUntil(this.#recording.watch(laneId));
  }

  async #stepUntil(reached: () => boolean): Promise<void> {
    const { paused } = this.#driver;
    for (let i = 0; i < STEPS_MAX; i++) {
      if (!await this.#driver.step() || reached()) break;
    }
    if (!paused) this.#driver.play();
    this.#tick();
  }

  /** Ends it: no time passes any more. */
  close(): void {
    clearTimeout(this.#preparing);
    this.#driver.stop();
  }

  // ----------------------------------------------------------- the shell

  #startShell(): void {
    this.#machine.login({
      path: SHELL,
      args: ["--login"],
      name: "sh",
      cwd: "/home",
      env: { TERM: "xterm-256color" },
    });
  }

  /** A shell that cannot start is not started for ever. In the past the next is in the log. */
  #restartShell(): void {
    if (this.#isPast) return;
    const exit = this.#shell?.exit ?? null;
    if (exit !== null && "status" in exit && exit.status >= NOT_RUNNABLE) {
      this.#shellIsGone = true;
      return this.#tell("", NO_SHELL);
    }
    this.#note(LAST_SHELL);
    this.#driver.input(() => this.#startShell());
  }

  /** Kettle's own words on the console, dim: no program wrote them. */
  #note(text: string): void {
    const line = `\x1b[90m${text}\x1b[0m\r\n`;
    this.#output.add(new TextEncoder().encode(line));
  }

  // ----------------------------------------------------------- programs

  /** The late files are there: who typed before goes on now. */
  #complete(sources: Record<string, string>): void {
    if (this.#origin.isWhole) return;
    this.#origin.complete(sources, this.#world);
    if (this.#isOpening) return this.#open();
    this.#look();
    for (const text of this.#heldKeys.splice(0)) {
      this.handle({ kind: "keys", text });
    }
  }

  #compile(path: string, source: string): Promise<CompiledFile> {
    const id = ++this.#compileIds;
    return new Promise((resolve) => {
      this.#compiles.set(id, resolve);
      this.#send({ kind: "compile", id, path, source });
    });
  }

  /** A visitor's program gets the worker: what was shown before is sent, and its name, once. */
  #enter(name: string): void {
    this.#output.flush();
    if (name === this.#running) return;
    this.#running = name;
    this.#send({ kind: "running", name });
  }

  // ----------------------------------------------------------- what the page sees

  /** Time passed, or the state changed: the news. */
  #tick(from: Driver = this.#driver): void {
    if (from !== this.#driver || this.#past.isUnderWay) return; // another run's
    if (this.#isOpening) return;
    const exit = this.#shell?.exit ?? null;
    if (exit !== null && !this.#shellIsGone) this.#restartShell();
    this.#keys.advance();
    this.#output.flush();
    const now = performance.now();
    const still = this.#state !== "running";
    const isDue = still || now - this.#slicesAt >= this.#slicesEveryMs;
    // Before the status: who reads that time stands finds the panels standing.
    if (isDue) this.#sendPanels();
    this.#sendStatus();
    if (isDue) this.#sendSlices();
    if (still || now - this.#lookedAt >= LOOK_EVERY_MS) this.#look();
    if (still || now - this.#filesAt >= FILES_EVERY_MS) this.#lookAtFiles();
    if (this.#state === "idle") this.#tellDeadlock();
    this.#prepareSoon();
  }

  /** The editor shows what programs have written. */
  #lookAtFiles(): void {
    this.#filesAt = performance.now();
    if (this.#world.steps === this.#filesSteps || !this.#origin.isWhole) return;
    this.#filesSteps = this.#world.steps;
    this.#files.look();
  }

  /** Many lanes are many words: they are told less often. */
  get #slicesEveryMs(): number {
    const { laneCount } = this.#recording;
    return SLICES_EVERY_MS * (1 + Math.floor(laneCount / LANES_MANY));
  }

  #sendStatus(): void {
    this.#recording.fold();
    const status = {
      now: this.#world.now,
      events: this.#world.trace.length,
      state: this.#state,
      speed: this.#driver.speed,
      seenNs: this.#past.seenNs,
      episodeNs: this.#recording.episodeNs,
      episodeEndNs: this.#recording.episodeEndNs,
    };
    this.#send({ kind: "status", status });
  }

  #watchPanel(panel: PanelName, isOpen: boolean): void {
    if (!isOpen) return void this.#panels.delete(panel);
    this.#panels.add(panel);
    this.#sendPanels([panel]);
  }

  #sendPanels(panels: Iterable<PanelName> = this.#panels): void {
    const isMoving = this.#state === "running";
    for (const view of this.#recording.panels(panels, isMoving)) {
      this.#send({ kind: "panel", ...view });
    }
  }

  /** The charts show what the timeline shows. */
  #sendWindow(): void {
    if (this.#panels.has("charts")) this.#sendPanels(["charts"]);
  }

  /** Why it waits, as if its lane had been chosen where it is now. */
  #explainChosen(what: Chosen): void {
    const laneId = this.#recording.laneOf(what);
    if (laneId === null) return;
    const at = Math.max(0, this.#world.now - 1);
    const explanation = this.#recording.explain(laneId, at, "select");
    this.#send({ kind: "explained", purpose: "select", explanation, what });
  }

  #sendSlices(): void {
    const slices = this.#recording.slices();
    if (slices === null) return;
    this.#slicesAt = performance.now();
    this.#send({ kind: "slices", ...slices });
  }

  /** The page gets what the disk has changed. What a broken machine has in memory is not trusted. */
  #look(): void {
    this.#lookedAt = performance.now();
    const { length } = this.#world.trace;
    if (length === this.#lookedEvents || this.#state === "dead") return;
    if (!this.#origin.isWhole || this.#isPast) return;
    this.#lookedEvents = length;
    const blocks = this.#keeper.look(this.#tellAgain ? this.#told : []);
    this.#tellAgain = false;
    if (blocks === null) return;
    for (const number of blocks.numbers) this.#told.add(number);
    this.#send({ kind: "disk", blocks });
  }

  #tellDeadlock(): void {
    const report = this.#world.deadlocks;
    if (report !== "" && report !== this.#deadlock) this.#tell("", report);
    this.#deadlock = report;
  }

  #tell(title: string, text: string): void {
    this.#send({ kind: "trouble", title, text });
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
