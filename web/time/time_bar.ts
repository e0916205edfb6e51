/// <reference lib="dom" />
// To the start, back, play, step, next; the clock with all its nanoseconds, into
// which a time can be typed; the speed; the scrubber. It shows a status and tells
// what was pressed; it does not know the machine.

import { byId, setText } from "../parts/elements.ts";
import type { MachineState, Speed, Status } from "../protocol.ts";
import { clock, moment, parseMoment } from "../parts/units.ts";

export interface TimeBarListener {
  onPlay(): void;
  onPause(): void;
  onStep(): void;
  onBack(): void;
  onNext(): void;
  onSpeed(speed: Speed): void;
  /** Past or to come. */
  onGoTo(atNs: number): void;
}

const PLAY_SHAPE = "M2 1l11 6-11 6z";
const PAUSE_SHAPE = "M2 1h4v12H2zM8 1h4v12H8z";

const WORDS: Record<MachineState, string> = {
  running: "",
  idle: "Nothing is due: the clock rests until you type.",
  paused: "Paused. Keys wait until you press Play.",
  compiling: "Waits for the compiler; the clock stands.",
  dead: "Stopped.",
};

const PAST = "In the past. Play shows it again; a key begins another way.";

export class TimeBar {
  readonly #play = byId("play");
  readonly #word = byId("play-word");
  readonly #shape = byId("play-shape");
  readonly #clock = byId("clock");
  readonly #state = byId("state");
  readonly #speed = byId("speed") as HTMLSelectElement;
  readonly #entry = byId("clock-entry") as HTMLInputElement;
  readonly #scrubber = byId("scrubber") as HTMLInputElement;
  readonly #listener: TimeBarListener;
  #playing = false;
  #now = 0;

  constructor(listener: TimeBarListener) {
    this.#listener = listener;
    this.#play.onclick = () => this.toggle();
    byId("step").onclick = () => listener.onStep();
    byId("back").onclick = () => listener.onBack();
    byId("next").onclick = () => listener.onNext();
    byId("to-start").onclick = () => listener.onGoTo(0);
    this.#clock.onclick = () => this.#openEntry();
    this.#entry.onkeydown = (event) => this.#entryKey(event);
    this.#entry.onblur = () => this.#closeEntry();
    this.#scrubber.oninput = () =>
      listener.onGoTo(Math.round(Number(this.#scrubber.value)));
    this.#speed.onchange = () => listener.onSpeed(this.speed);
  }

  get speed(): Speed {
    return this.#speed.value === "max" ? Infinity : Number(this.#speed.value);
  }

  /** Plays if it stands, and the other way round. */
  toggle(): void {
    if (this.#playing) this.#listener.onPause();
    else this.#listener.onPlay();
  }

  /** One stop slower (−1) or faster (1). */
  shift(step: 1 | -1): void {
    const last = this.#speed.options.length - 1;
    const index = this.#speed.selectedIndex + step;
    this.#speed.selectedIndex = Math.min(last, Math.max(0, index));
    this.#listener.onSpeed(this.speed);
  }

  /** Chooses the stop nearest to a speed. */
  choose(speed: Speed): void {
    const options = [...this.#speed.options];
    const distance = (value: string) =>
      value === "max"
        ? (speed === Infinity ? -1 : Infinity)
        : Math.abs(Math.log(Number(value) / speed));
    const index = options.reduce(
      (best, option, i) =>
        distance(option.value) < distance(options[best]!.value) ? i : best,
      0,
    );
    this.#speed.selectedIndex = index;
    this.#listener.onSpeed(this.speed);
  }

  #openEntry(): void {
    this.#entry.value = moment(this.#now);
    this.#entry.hidden = false;
    this.#clock.hidden = true;
    this.#entry.select();
    this.#entry.focus();
  }

  #closeEntry(): void {
    this.#entry.hidden = true;
    this.#clock.hidden = false;
    this.#entry.setCustomValidity("");
  }

  #entryKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      this.#closeEntry();
      return this.#clock.focus();
    }
    this.#entry.setCustomValidity("");
    if (event.key !== "Enter") return;
    const found = parseMoment(this.#entry.value, this.#now);
    if (typeof found === "string") {
      this.#entry.setCustomValidity(found);
      return void this.#entry.reportValidity();
    }
    this.#closeEntry();
    this.#clock.focus();
    this.#listener.onGoTo(found);
  }

  #showScrubber({ now, seenNs }: Status): void {
    const end = Math.max(now, seenNs, 1);
    this.#scrubber.max = String(end);
    this.#scrubber.value = String(now);
    this.#scrubber.ariaValueText = moment(now);
    this.#scrubber.style.setProperty("--done", `${100 * now / end}%`);
    setText(byId("recorded"), `${moment(end)}, end of the recording`);
  }

  /** `fresh`: nothing was played yet, so the button offers it. */
  show(status: Status, fresh: boolean): void {
    const { now, state, seenNs } = status;
    this.#now = now;
    this.#showScrubber(status);
    this.#clock.firstChild!.textContent = `${clock(now)} `;
    const isPast = state === "paused" && now < seenNs;
    this.#state.textContent = fresh ? "" : isPast ? PAST : WORDS[state];
    this.#playing = !fresh && state !== "paused" && state !== "dead";
    this.#word.textContent = this.#playing ? "Pause" : "Play";
    this.#play.ariaLabel = this.#word.textContent;
    this.#shape.setAttribute("d", this.#playing ? PAUSE_SHAPE : PLAY_SHAPE);
  }
}
