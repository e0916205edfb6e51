/// <reference lib="dom" />
// Play, step, next, the clock with all its nanoseconds, the speed. It shows a
// status and tells what was pressed; it does not know the machine.

import { byId } from "../parts/elements.ts";
import type { MachineState, Speed, Status } from "../protocol.ts";
import { clock } from "../parts/units.ts";

export interface TimeBarListener {
  onPlay(): void;
  onPause(): void;
  onStep(): void;
  onBack(): void;
  onNext(): void;
  onSpeed(speed: Speed): void;
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
  readonly #listener: TimeBarListener;
  #playing = false;

  constructor(listener: TimeBarListener) {
    this.#listener = listener;
    this.#play.onclick = () => this.toggle();
    byId("step").onclick = () => listener.onStep();
    byId("back").onclick = () => listener.onBack();
    byId("next").onclick = () => listener.onNext();
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
      value === "max" ? Infinity : Math.abs(Math.log(Number(value) / speed));
    const index = options.reduce(
      (best, option, i) =>
        distance(option.value) < distance(options[best]!.value) ? i : best,
      0,
    );
    this.#speed.selectedIndex = index;
    this.#listener.onSpeed(this.speed);
  }

  /** `fresh`: nothing was played yet, so the button offers it. */
  show({ now, state, seenNs }: Status, fresh: boolean): void {
    this.#clock.firstChild!.textContent = `${clock(now)} `;
    const isPast = state === "paused" && now < seenNs;
    this.#state.textContent = fresh ? "" : isPast ? PAST : WORDS[state];
    this.#playing = !fresh && state !== "paused" && state !== "dead";
    this.#word.textContent = this.#playing ? "Pause" : "Play";
    this.#shape.setAttribute("d", this.#playing ? PAUSE_SHAPE : PLAY_SHAPE);
  }
}
