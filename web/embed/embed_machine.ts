/// <reference lib="dom" />
// An embed that runs: a machine of its own in its sandbox, with nothing kept, and
// what shows it in a small frame. Fetched after the first click.

import type { Shared } from "../../host/share.ts";
import { DiskPicture } from "../disk/disk_picture.ts";
import { sentenceOf } from "../disk/disk_words.ts";
import { CompilerClient } from "../machine/compiler_client.ts";
import { type ForScreen, Machine } from "../machine/machine.ts";
import { NetPicture } from "../network/net_picture.ts";
import { netSentence } from "../network/net_words.ts";
import { byId, setText } from "../parts/elements.ts";
import { moment } from "../parts/units.ts";
import type { Status, ToRunner } from "../protocol.ts";
import { filesIn, speedText, verdict } from "../share/contents.ts";
import { VERSION } from "../share/version.ts";
import { DiskStore } from "../store/disk_store.ts";
import { OldFiles } from "../store/old_files.ts";
import { Terminal } from "../terminal/terminal.ts";
import { Timeline } from "../timeline/timeline.ts";
import type { Phrase } from "../trace/why.ts";
import type { ViewName } from "./embed_options.ts";

export interface MachineListener {
  readOnly: boolean;
  onTell(event: string, content: Record<string, unknown>): void;
  /** A file holds something else now. */
  onFile(path: string, text: string): void;
}

const TELL_EVERY_MS = 100;
const OPEN_TIMEOUT_MS = 120_000;

export class EmbedMachine {
  readonly #listener: MachineListener;
  readonly #runnerText: string;
  readonly #terminal: Terminal;
  readonly #timeline: Timeline;
  readonly #disk = new DiskPicture();
  readonly #network = new NetPicture(() => {});
  #machine: Machine | null = null;
  #shared: Shared | null = null;
  #status: Status | null = null;
  #opened: () => void = () => {};
  #failed: (error: Error) => void = () => {};
  #sent: (shared: Shared) => void = () => {};
  #toldAt = 0;
  #fileIds = 0;
  /** What is in the files, as far as the embed has written it. */
  #texts: Record<string, string> = {};
  #isDragging = false;

  constructor(runnerText: string, listener: MachineListener) {
    this.#runnerText = runnerText;
    this.#listener = listener;
    byId("figure").hidden = byId("contents").hidden = true;
    byId("stage").hidden = false;
    byId("tty").replaceChildren();
    this.#terminal = new Terminal(byId("tty"), {
      onKeys: (text) => listener.readOnly || this.type(text),
      onResize: (columns, rows) =>
        this.#send({ kind: "resize", columns, rows }),
    });
    this.#timeline = this.#makeTimeline();
    fill("view-disk", this.#disk.element);
    fill("view-network", this.#network.element);
    this.#listen();
  }

  #makeTimeline(): Timeline {
    return new Timeline(byId("lanes") as HTMLCanvasElement, {
      onView: () => {},
      onWant: (wanted) => this.#send({ kind: "view", ...wanted }),
      onAsk: (laneId, at, purpose, step) =>
        this.#send({ kind: "explain", laneId, at, purpose, step }),
      onClear: () => this.#tellHow(),
      onFollow: () => {},
      onGoTo: (atNs) => this.seek(atNs),
      onDetails: () => byId("sentence").focus(),
      onMark: () => {},
    });
  }

  /** Done when it stands at its instant; then a command is typed, if there is one. */
  async open(shared: Shared, command: string, speed: number): Promise<void> {
    byId("figure").hidden = byId("contents").hidden = true;
    byId("stage").hidden = false;
    this.#shared = shared;
    this.#texts = filesIn(shared);
    this.#timeline.clear();
    const opened = new Promise<void>((resolve, reject) => {
      this.#opened = resolve;
      this.#failed = reject;
    });
    this.#start(shared);
    await opened;
    for (const id of ["back", "step", "scrubber"]) {
      (byId(id) as HTMLButtonElement).disabled = false;
    }
    if (command === "") return;
    const wanted = speed > 0 ? speed : 1;
    this.#send({ kind: "speed", speed: wanted });
    this.#timeline.follow(true);
    this.play();
    this.type(`${command}\r`);
  }

  #start(shared: Shared): void {
    this.#machine?.close();
    this.#terminal.clear();
    const compiler = new CompilerClient(() =>
      this.#say("Loading the compiler, once.")
    );
    this.#machine = new Machine(
      this.#runnerText,
      new DiskStore(null, false),
      new OldFiles(),
      compiler,
      () => ({
        columns: this.#terminal.columns,
        rows: this.#terminal.rows,
        speed: 1,
      }),
      {
        onMessage: (message) => this.#hear(message),
        onRestart: (sentence) => this.#say(sentence),
        onFault: (text) => this.#fault(text),
        onRefused: (text) => this.#fault(text),
        onCompile: (path) => path === null || this.#say(`Compiling ${path}.`),
      },
      shared,
    );
    this.#machine.start();
    setTimeout(
      () => this.#failed(new Error("the run did not come to its instant")),
      OPEN_TIMEOUT_MS,
    );
  }

  #fault(text: string): void {
    this.#say(`This browser gave no machine: ${text}.`);
    this.#failed(new Error(text));
  }

  // ----------------------------------------------------------- doing

  play(): void {
    this.#send({ kind: "play" });
  }

  pause(): void {
    this.#send({ kind: "pause" });
  }

  toggle(): void {
    if (this.#isPlaying) this.pause();
    else this.play();
  }

  seek(atNs: number): void {
    this.#send({ kind: "goTo", atNs });
  }

  type(text: string): void {
    this.#send({ kind: "keys", text });
  }

  save(path: string, text: string): void {
    const id = ++this.#fileIds;
    const before = this.#texts[path] ?? null;
    this.#texts[path] = text;
    this.#send({
      kind: "fileAct",
      act: { id, path, mild: false, change: "save", text, before },
    });
  }

  runFile(path: string): void {
    this.#send({ kind: "runFile", path });
  }

  /** What it is now, to go on with elsewhere. */
  share(): Promise<Shared> {
    return new Promise((resolve) => {
      this.#sent = resolve;
      this.#send({ kind: "share" });
    });
  }

  show(view: ViewName): void {
    for (const panel of ["disk", "network"] as const) {
      const isOpen = view === panel;
      this.#send({ kind: "watchPanel", panel, isOpen });
    }
    if (view === "terminal") this.#terminal.focus();
  }

  get state(): { state: string; nowNs: number; endNs: number } {
    const { state = "still", now = 0, seenNs = 0 } = this.#status ?? {};
    return { state, nowNs: now, endNs: Math.max(now, seenNs) };
  }

  get #isPlaying(): boolean {
    const { state } = this.#status ?? {};
    return state === "running" || state === "idle" || state === "compiling";
  }

  #send(message: ToRunner): void {
    this.#machine?.send(message);
  }

  // ----------------------------------------------------------- hearing

  #hear(message: ForScreen): void {
    switch (message.kind) {
      case "output":
        return this.#print(message.bytes);
      case "rewound":
        return this.#terminal.clear();
      case "status":
        return this.#advance(message.status);
      case "slices":
        return this.#timeline.show(message.lanes, message.now);
      case "explained":
        return this.#explain(message);
      case "replaying":
        return this.#say(
          `Replaying to ${moment(message.atNs)}: ${
            Math.floor(100 * message.nowNs / Math.max(1, message.atNs))
          } %.`,
        );
      case "opened":
        return this.#arrive(message.hash);
      case "sent":
        return this.#sent(message.sent.shared);
      case "trouble":
        return this.#say(`${message.title} ${message.text}`.trim());
      case "panel":
        return this.#showPanel(message);
    }
  }

  #showPanel(message: Extract<ForScreen, { kind: "panel" }>): void {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (message.panel === "disk") {
      const { view } = message;
      const manner = { hidesTurning: true, hidesGliding: still, selected: 0 };
      this.#disk.draw(view, manner);
      setText(byId("view-disk").firstElementChild!, sentenceOf(view));
    } else if (message.panel === "network") {
      const { view } = message;
      this.#network.draw(view, { hidesGliding: still, selected: 0 });
      setText(byId("view-network").firstElementChild!, netSentence(view));
    }
  }

  #arrive(hash: string): void {
    const { view, hash: wanted, kettle = "" } = this.#shared!;
    if (view !== null) {
      this.#timeline.follow(false);
      this.#timeline.setSpan({ fromNs: view[0], toNs: view[1] });
    }
    if (wanted !== "") {
      const found = verdict(wanted, hash, { link: kettle, here: VERSION });
      this.#say(found.text);
      this.#listener.onTell("opened", { hash, isSame: found.isSame });
    } else this.#listener.onTell("opened", { hash, isSame: null });
    this.#opened();
  }

  #print(bytes: Uint8Array): void {
    this.#terminal.write(
      bytes,
      () => this.#send({ kind: "shown", bytes: bytes.length }),
    );
    this.#listener.onTell("output", {
      text: new TextDecoder().decode(bytes),
    });
  }

  #explain(
    { explanation, purpose }: Extract<ForScreen, { kind: "explained" }>,
  ): void {
    if (explanation === null) return;
    this.#timeline.answered(explanation, purpose);
    byId("sentence").replaceChildren(...explanation.answer.map(phrase));
  }

  #advance(status: Status): void {
    const before = this.#status;
    this.#status = status;
    this.#timeline.advance(status);
    setText(byId("clock"), moment(status.now));
    setText(byId("speed"), speedText(status.speed));
    const end = Math.max(status.now, status.seenNs, 1);
    const scrubber = byId("scrubber") as HTMLInputElement;
    const part = 1000 * status.now / end;
    if (!this.#isDragging) scrubber.value = String(part);
    scrubber.style.setProperty("--done", `${part / 10}%`);
    scrubber.setAttribute("aria-valuetext", moment(status.now));
    const plays = this.#isPlaying;
    setText(byId("play-word"), plays ? "Pause" : "Play");
    byId("play-shape").setAttribute(
      "d",
      plays ? "M2 1h3.5v12H2zM8.5 1H12v12H8.5z" : "M2 1l11 6-11 6z",
    );
    document.documentElement.dataset.machine = status.state;
    if (before?.state !== status.state) {
      this.#listener.onTell("state", this.state);
    } else if (performance.now() - this.#toldAt >= TELL_EVERY_MS) {
      this.#toldAt = performance.now();
      this.#listener.onTell("time", this.state);
    }
  }

  #tellHow(): void {
    this.#say("Point at any slice to ask why.");
  }

  #say(text: string): void {
    byId("sentence").textContent = text;
  }

  // ----------------------------------------------------------- listening

  #listen(): void {
    byId("back").onclick = () => this.#send({ kind: "back" });
    byId("step").onclick = () => this.#send({ kind: "step" });
    const scrubber = byId("scrubber") as HTMLInputElement;
    scrubber.oninput = () => {
      this.#isDragging = true;
      this.seek(Math.round(Number(scrubber.value) / 1000 * this.state.endNs));
    };
    scrubber.onchange = () => this.#isDragging = false;
    byId("lanes").onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " ") this.toggle();
      else if (event.key === "ArrowLeft") this.#send({ kind: "back" });
      else if (event.key === "ArrowRight") this.#send({ kind: "step" });
      else if (!this.#timeline.key(event)) return;
      event.preventDefault();
    };
    const repaint = () => {
      this.#timeline.repaint();
      this.#terminal.repaint();
    };
    matchMedia("(prefers-color-scheme: dark)").onchange = repaint;
  }
}

function fill(id: string, picture: Element): void {
  const sentence = document.createElement("p");
  byId(id).replaceChildren(sentence, picture);
}

function phrase({ text, style }: Phrase): Node {
  if (style === "plain") return document.createTextNode(text);
  const element = document.createElement(style === "bold" ? "b" : "code");
  element.textContent = text;
  return element;
}
