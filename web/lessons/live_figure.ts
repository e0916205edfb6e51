/// <reference lib="dom" />
// A figure that plays: a small world's lanes, tabs for its styles, one control,
// and a time bar. It asks the worker for a recording and shows it; what is to be
// learned from it is said by whoever owns it.

import type { Control, StyleName, Tally } from "../../lessons/chapter.ts";
import type { Recording } from "../../lessons/recording.ts";
import { made, setText } from "../parts/elements.ts";
import { moment } from "../parts/units.ts";
import type { FigureClient } from "./figure_client.ts";
import { FigureControl } from "./figure_control.ts";
import { FigureStage } from "./figure_stage.ts";
import { FigureTabs } from "./figure_tabs.ts";
import { type FigureSlice, LiveModel } from "./live_model.ts";
import { TimeStrip } from "./time_strip.ts";

export interface FigurePlan {
  id: string;
  title: string;
  styles: Readonly<Record<string, StyleName>>;
  tally: Tally;
  /** How long the axis is at least. */
  spanNs: number;
  /** Null: there is nothing to turn. */
  control: Control | null;
}

export interface FigureSetting {
  style: string;
  value: number;
}

export interface FigureListener {
  /** The reader turned something: what was held back need not be any more. */
  onTouch(): void;
  /** A recording is on show. */
  onShow(recording: Recording, setting: FigureSetting): void;
  /** Time is here, as far as it has been seen. */
  onSeek?(now: number): void;
  /** It has played to its end. */
  onEnd(): void;
}

/** A figure plays in so many s, whatever its length. */
const PLAY_S = 6;
/** A result that takes longer is announced. */
const PATIENCE_MS = 300;
const MARGIN = 1.04;

export class LiveFigure {
  readonly element = made("section", "live");
  readonly #plan: FigurePlan;
  readonly #client: FigureClient;
  readonly #listener: FigureListener;
  readonly #tabs: FigureTabs;
  readonly #stage: FigureStage;
  readonly #control: FigureControl | null;
  readonly #strip: TimeStrip;
  readonly #note = made("p", "live-note");
  #setting: FigureSetting;
  #model: LiveModel | null = null;
  #now = 0;
  /** What lies after this has not happened yet. */
  #seen = 0;
  /** Held back until the reader has answered. */
  #limit = Infinity;
  #frame = 0;
  #axisNs = 1;
  #asked = 0;
  /** What the sentence is about; null: the subject, now. */
  #chosen: { rowId: string; at: number } | null = null;

  constructor(
    plan: FigurePlan,
    setting: FigureSetting,
    client: FigureClient,
    listener: FigureListener,
  ) {
    this.#plan = plan;
    this.#setting = setting;
    this.#client = client;
    this.#listener = listener;
    this.element.setAttribute("aria-label", `Figure: ${plan.title}`);
    this.#tabs = new FigureTabs(plan, (style) => this.#turn({ style }));
    this.#stage = new FigureStage(
      plan.title,
      (rowId, at) => this.#choose(rowId, at),
    );
    this.#control = plan.control === null
      ? null
      : new FigureControl(plan.control, (value) => this.#turn({ value }));
    this.#strip = new TimeStrip({
      onToggle: () => this.toggle(),
      onStep: (step) => this.step(step),
      onScrub: (part) => this.#scrub(part),
      onTable: (isTable) => this.#stage.showTable(isTable),
    });
    this.#note.hidden = true;
    this.#note.setAttribute("role", "status");
    this.element.append(
      this.#tabs.element,
      this.#stage.element,
      this.#note,
      ...this.#control === null ? [] : [this.#control.element],
      this.#strip.element,
    );
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  get setting(): FigureSetting {
    return this.#setting;
  }

  /** Beside the picture, before its sentence. */
  addAside(element: HTMLElement): void {
    this.#stage.element.after(element);
  }

  get isPlaying(): boolean {
    return this.#frame !== 0;
  }

  /** Runs it so; what was on show before stays as dashed ghosts if only the control was turned. */
  async set(setting: FigureSetting, at: "end" | number = "end"): Promise<void> {
    this.pause();
    const before = this.#setting;
    this.#setting = { ...setting };
    this.#tabs.choose(setting.style);
    this.#control?.choose(setting.value);
    if (before.value !== setting.value) this.#tabs.forget();
    const recording = await this.#run(setting);
    if (recording === null) return;
    const isGhost = this.#model !== null && before.style === setting.style &&
      before.value !== setting.value && this.#limit === Infinity;
    this.#show(recording, isGhost ? before : null, at);
    this.#listener.onShow(recording, this.#setting);
  }

  /** Nothing after this moment is shown until {@link release}. */
  hold(atNs: number): void {
    this.#limit = atNs;
    this.#seen = atNs;
    this.#chosen = null;
    this.#seek(atNs);
    this.#stage.holdBack(true);
  }

  release(): void {
    this.#limit = Infinity;
    this.#stage.holdBack(false);
  }

  toggle(): void {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** From where it is, or from the beginning if it is at its end. */
  play(): void {
    const model = this.#model;
    if (model === null || this.isPlaying) return;
    if (this.#limit !== Infinity) {
      this.#listener.onTouch();
      this.release();
    }
    if (this.#now >= model.endNs) {
      this.#now = 0;
      this.#seen = 0;
    }
    this.#chosen = null;
    this.#strip.playing(true);
    const nsPerMs = model.endNs / (PLAY_S * 1000);
    const fromNs = this.#now, beganMs = performance.now();
    const frame = () => {
      const at = fromNs + (performance.now() - beganMs) * nsPerMs;
      this.#frame = at < model.endNs ? requestAnimationFrame(frame) : 0;
      this.#seek(Math.min(model.endNs, this.#inSteps(model, at)));
    };
    this.#frame = requestAnimationFrame(frame);
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#strip.playing(false);
  }

  /** To the next moment at which something changes, or back to the one before. */
  step(step: 1 | -1): void {
    const model = this.#model;
    if (model === null) return;
    this.pause();
    this.#chosen = null;
    this.#seek(model.momentBeside(this.#now, step));
  }

  /** Stands at a moment. */
  seek(at: number): void {
    this.pause();
    this.#chosen = null;
    this.#seek(at);
  }

  // ------------------------------------------------------------- turning

  #turn(change: Partial<FigureSetting>): void {
    if (this.#limit !== Infinity) {
      this.#listener.onTouch();
      this.release();
    }
    this.set({ ...this.#setting, ...change });
  }

  async #run({ style, value }: FigureSetting): Promise<Recording | null> {
    const asked = ++this.#asked;
    const late = setTimeout(
      () => this.#tell("The figure is being worked out."),
      PATIENCE_MS,
    );
    try {
      const { control } = this.#plan;
      const values = control === null ? {} : { [control.name]: value };
      const recording = await this.#client.run(this.#plan.id, values, style);
      if (asked !== this.#asked) return null;
      this.#tell("");
      return recording;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(
        `The figure could not be run here: ${why}. The text can be read without.`,
      );
      return null;
    } finally {
      clearTimeout(late);
    }
  }

  #tell(sentence: string): void {
    setText(this.#note, sentence);
    this.#note.hidden = sentence === "";
  }

  #show(
    recording: Recording,
    ghost: FigureSetting | null,
    at: "end" | number,
  ): void {
    const before = this.#model;
    const model = new LiveModel(recording);
    this.#model = model;
    const ghosts = ghost !== null && before !== null
      ? { rows: before.rows, label: this.#ghostLabel(ghost.value) }
      : null;
    const longest = Math.max(model.endNs, ghosts === null ? 0 : before!.endNs);
    this.#axisNs = Math.max(this.#plan.spanNs, longest * MARGIN);
    this.#stage.setRows(model.rows, this.#axisNs, ghosts);
    this.#strip.setLength(this.#axisNs, PLAY_S * 1e9 / model.endNs);
    this.#tabs.tell(
      this.#setting.style,
      recording.facts[this.#plan.tally.fact] ?? 0,
      this.#limit === Infinity,
    );
    this.#chosen = null;
    this.#seen = at === "end" ? model.endNs : at;
    this.#seek(at === "end" ? model.endNs : at);
  }

  #ghostLabel(value: number): string {
    const { control } = this.#plan;
    return `dashed: with ${control?.word} ${this.#control?.words(value)}`;
  }

  // ------------------------------------------------------------- time

  /** Who wants no motion sees one change after the other. */
  #inSteps(model: LiveModel, at: number): number {
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return at;
    return model.moments.findLast((moment) => moment <= at) ?? 0;
  }

  #seek(at: number): void {
    const model = this.#model;
    if (model === null) return;
    this.#now = Math.max(0, Math.min(at, model.endNs, this.#limit));
    const ends = this.#seen < model.endNs && this.#now === model.endNs;
    this.#seen = Math.max(this.#seen, this.#now);
    this.#stage.seek(this.#now, this.#seen);
    this.#strip.show(this.#now);
    this.#listener.onSeek?.(this.#now);
    this.#explain();
    if (ends) this.#ended();
  }

  #scrub(part: number): void {
    if (this.#model === null) return;
    this.pause();
    this.#chosen = null;
    this.#seek(part * this.#axisNs);
  }

  #ended(): void {
    this.pause();
    this.#tabs.reveal();
    this.#listener.onEnd();
  }

  // ------------------------------------------------------------- why

  #choose(rowId: string | null, at: number): void {
    this.#chosen = rowId === null || at > this.#seen ? null : { rowId, at };
    this.#explain();
  }

  #explain(): void {
    const model = this.#model;
    if (model === null) return;
    const isWhole = this.#seen >= model.endNs && this.#limit === Infinity;
    const known = isWhole ? model.endNs : this.#seen;
    const { rowId, at } = this.#chosen ?? {
      rowId: model.subject,
      at: this.#now >= model.endNs
        ? model.mostOf(model.subject)
        : Math.max(0, this.#now - 1),
    };
    const why = model.explain(rowId, Math.min(at, known), known);
    this.#stage.tell(why, this.#chosen !== null);
  }

  // ------------------------------------------------------------- keys

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("input") !== null) return;
    if (this.takes(event.key, target)) event.preventDefault();
  }

  /** A key for the figure; false if it is none of its own. */
  takes(key: string, target: HTMLElement): boolean {
    const onButton = target.closest("button, a, [role=tab]") !== null;
    switch (key.length === 1 ? key.toLowerCase() : key) {
      case " ":
        if (onButton) return false;
        this.toggle();
        return true;
      case "ArrowRight":
      case "ArrowLeft":
        if (target.closest("[role=tab]") !== null) return false;
        this.step(key === "ArrowRight" ? 1 : -1);
        return true;
      case "Home":
        this.#scrub(0);
        return true;
      case "End":
        this.#scrub(1);
        return true;
      case "ArrowUp":
      case "ArrowDown":
        return this.#chooseRow(key === "ArrowDown" ? 1 : -1);
      case ",":
      case ".":
        return this.#chooseSlice(key === "." ? 1 : -1);
      case "t":
        this.#strip.toggleTable();
        return true;
      case "Escape":
        if (this.#chosen === null) return false;
        this.#choose(null, 0);
        return true;
      default:
        return false;
    }
  }

  #chooseRow(step: 1 | -1): boolean {
    const rows = this.#model?.rows ?? [];
    if (rows.length === 0 || !this.#stage.hasFocus) return false;
    const present = rows.findIndex(({ id }) => id === this.#chosen?.rowId);
    const next = present < 0
      ? (step > 0 ? 0 : rows.length - 1)
      : present + step;
    const row = rows[Math.min(Math.max(next, 0), rows.length - 1)]!;
    const at = this.#chosen?.at ?? Math.max(0, this.#now - 1);
    const seen = row.slices.filter(({ start }) => start < this.#seen);
    const slice = seen.find(({ start, end }) => start <= at && end > at) ??
      seen.at(-1);
    this.#choose(row.id, slice === undefined ? at : middleOf(slice, at));
    return true;
  }

  #chooseSlice(step: 1 | -1): boolean {
    const model = this.#model;
    if (model === null) return false;
    const rowId = this.#chosen?.rowId ?? model.subject;
    const slices = model.rows.find(({ id }) => id === rowId)?.slices ?? [];
    const at = this.#chosen?.at ?? this.#now;
    const found = step > 0
      ? slices.find(({ start }) => start > at)
      : slices.findLast(({ end }) => end <= at);
    if (found !== undefined) this.#choose(rowId, (found.start + found.end) / 2);
    return true;
  }

  /** Where it stands, for those who listen. */
  get clock(): string {
    return moment(this.#now);
  }
}

/** That moment, if it is in the slice. */
function middleOf({ start, end }: FigureSlice, at: number): number {
  return start <= at && end > at ? at : (start + end) / 2;
}
