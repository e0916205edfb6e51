// What is typed, on its way to the shell, and how soon it is answered. Slow
// motion never slows the echo of keys: what a key sets off runs at full speed
// until nothing is due. A program that the shell starts is read from the disk at
// full speed as well, and slowed from its first call on.

import { type Driver, ECHO_NS } from "../../host/driver.ts";
import type { Machine, Process, TraceEvent } from "../../kernel/mod.ts";
import { runLine } from "./files.ts";

export interface KeysListener {
  /** Time has gone back: nothing is done ahead of it. */
  isPast(): boolean;
  /** Before the keys enter. */
  onType(): void;
  /** A line is about to be entered: it is the shell's with that pid. */
  onEnter(shellPid: number): void;
}

/** A shell that is busy for longer than this is not answering a key. */
const KEY_ANSWER_NS = 300_000_000;
const KEY_STEPS_MAX = 100_000;
const INTERRUPT = "\x03";
/** To the line's end, and away with it. */
const CLEAR_LINE = "\x05\x15";

export class Keys {
  readonly #listener: KeysListener;
  // Of the present run.
  #machine!: Machine;
  #driver!: Driver;
  /** Which group was in the foreground at the last look. */
  #front = 0;
  /** To be typed when the shell reads keys again. */
  #waitingLine = "";

  constructor(listener: KeysListener) {
    this.#listener = listener;
  }

  /** Another run, or the first. */
  enter(machine: Machine, driver: Driver): void {
    this.#machine = machine;
    this.#driver = driver;
  }

  /** A person types. */
  type(text: string): void {
    this.#waitingLine = "";
    this.#type(text);
  }

  #type(text: string): void {
    this.#listener.onType();
    const isLine = /[\r\n]/.test(text);
    if (isLine) this.#listener.onEnter(this.#shell!.pid);
    this.#driver.input(() => {
      this.#machine.type(text);
      if (this.#isSlow) this.#answer();
    });
    if (!isLine) this.#echo();
  }

  /** As if typed: what the shell's line held is cleared, a program at work is stopped first. */
  runFile(path: string): void {
    const line = `${runLine(path, this.#shell?.cwd ?? "/home")}\r`;
    this.#driver.play();
    if (this.#isShellsTurn) return this.#type(CLEAR_LINE + line);
    this.#waitingLine = line;
    this.#type(INTERRUPT);
  }

  /** Time has passed. A program that has ended: the way back to the prompt is not slowed either; and what waits for the prompt is typed. */
  advance(): void {
    const front = this.#machine.tty.foreground;
    const back = front === this.#shell?.group && this.#front !== front;
    this.#front = front;
    if (back && this.#isSlow) this.#answer();
    const line = this.#waitingLine;
    if (line === "" || !this.#isShellsTurn) return;
    this.#waitingLine = "";
    this.#type(line);
  }

  get #shell(): Process | null {
    return this.#machine.lastLogin;
  }

  get #isSlow(): boolean {
    return this.#driver.speed < 1 && !this.#driver.paused;
  }

  /** The shell reads keys itself: nobody else is in front. */
  get #isShellsTurn(): boolean {
    const { tty } = this.#machine;
    return tty.foreground === this.#shell?.group && tty.mode === "raw";
  }

  /** At ×1 as well a key is on the screen before its time has quite passed. */
  #echo(): void {
    const { speed, paused, world } = this.#driver;
    const isPaced = speed >= 1 && speed < Infinity;
    if (!isPaced || paused || this.#listener.isPast()) return;
    if (world.wanted !== null) return;
    world.run({ budgetNs: ECHO_NS, steps: KEY_STEPS_MAX });
    this.#driver.play(); // the clock goes on from here
  }

  /** At full speed, until nothing is due or a program has made its first call. */
  #answer(): void {
    const { world } = this.#driver;
    const { now, trace } = world;
    let seen = trace.length;
    const begins = () => {
      const events = trace.events(seen);
      seen = trace.length;
      for (const event of events) if (this.#isProgramCall(event)) return true;
      return false;
    };
    const done = () =>
      world.nextDue > now + KEY_ANSWER_NS ||
      this.#machine.tty.foreground !== this.#shell?.group && begins();
    if (world.wanted !== null || this.#listener.isPast() || done()) return;
    world.run({ until: done, steps: KEY_STEPS_MAX });
    this.#driver.play(); // the clock goes on from here
  }

  #isProgramCall({ kind, machine, pid }: TraceEvent): boolean {
    return kind === "sys_enter" && machine === this.#machine.index &&
      pid !== this.#shell?.pid;
  }
}
