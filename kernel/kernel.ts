// One machine: its CPUs, run queue, memory, processes and devices, and the few
// verbs by which its rooms talk to each other: wake, stop, interrupt, emit. It
// knows its own world (clock, trace, seed) and no other machine. How its power
// goes is in power.ts.

import {
  CALL,
  type Call,
  CALL_NAMES,
  type Main,
  type Program,
  SIGNALS,
} from "./abi.ts";
import { makeProcess, runIn } from "./birth.ts";
import { Clock, type Due } from "./clock.ts";
import { Tty, type TtyHost } from "./tty.ts";
import { Counters } from "./counters.ts";
import { Cpu, CPU_IDLE } from "./cpu.ts";
import type { FileObject, OpenFile } from "./file.ts";
import type { Platter } from "./dev/platter.ts";
import { FileSystem } from "./fs/mod.ts";
import { type Ask, type Host, HostFile, HostPort } from "./host_port.ts";
import { Futexes } from "./futex.ts";
import {
  type MachineOptions,
  type MachineSettings,
  settle,
} from "./machine_options.ts";
import { Memory } from "./memory.ts";
import { NetworkStack, resolveHost } from "./net/mod.ts";
import { type Costs, PID_MAX } from "./params.ts";
import { loseEverything } from "./power.ts";
import { INIT_PID, Process } from "./process.ts";
import { makeScheduler, type Scheduler } from "./scheduler.ts";
import { addProcFiles } from "./proc.ts";
import { resultBytes } from "./queue.ts";
import { READY, RUNNING, Thread, WAITING } from "./thread.ts";
import { STATE, TRACE, type Trace } from "./trace.ts";
import { launch, type LaunchOptions } from "./launch.ts";
import { raise } from "./signal.ts";
import { type Snapshot, snapshot } from "./snapshot.ts";
import type { InputNow, Login, World } from "./world.ts";

export class Machine {
  readonly clock: Clock;
  readonly trace: Trace;
  readonly name: string;
  readonly costs: Costs;
  readonly settings: MachineSettings;
  readonly cpus: Cpu[] = [];
  readonly counters: Counters;
  readonly seed: number;
  /** The terminal at its console, which has its own plug. */
  readonly tty: Tty;
  readonly #host: HostPort;
  readonly processes = new Map<number, Process>();
  // What every boot makes anew.
  scheduler!: Scheduler;
  memory!: Memory;
  /** Adopts orphans and collects them at once; it has no threads. */
  init!: Process;
  futexes!: Futexes;
  files!: FileSystem;
  network!: NetworkStack;
  /** Open file descriptions by id. */
  readonly openFiles = new Map<number, OpenFile>();
  /** Kernel objects that must not leak, by kind. */
  readonly objects = new Map<string, Set<number>>();
  timers = 0;
  /** CPU time that the kernel spends on the call under way beside the trap, ns. */
  kernelNs = 0;
  /** What was last started on the console by login. */
  lastLogin: Process | null = null;
  #lastPid = INIT_PID;
  #lastId = 0;
  #isOn = false;
  /** The same after the inputs that are accepted and not yet in effect. */
  #willBeOn = true;
  #bootError = "";

  constructor(
    readonly world: World,
    readonly index: number,
    options: MachineOptions,
  ) {
    this.clock = world.clock;
    this.trace = world.trace;
    this.seed = world.seed;
    this.settings = settle(options, index);
    this.name = this.settings.name;
    this.costs = this.settings.costs;
    this.counters = new Counters(this.settings.cpus);
    for (let i = 0; i < this.settings.cpus; i++) {
      this.cpus.push(new Cpu(this, i));
    }
    this.tty = new Tty(this);
    this.#host = new HostPort(this);
    this.#boot(this.settings.disk.image);
  }

  /** Comes up, from a platter that was used before or from a fresh one. */
  #boot(platter?: Platter): void {
    const { settings } = this;
    this.#isOn = true;
    this.emit(TRACE.machine_boot, settings.cpus, 0, 0, this.name);
    this.scheduler = makeScheduler(
      settings.scheduler,
      settings.quantumNs,
      this.clock,
    );
    this.memory = new Memory(settings.memory, settings.stackBytes);
    this.#lastPid = INIT_PID;
    this.init = new Process(this, INIT_PID, null, "init", INIT_PID);
    this.init.parent = this.init;
    this.futexes = new Futexes();
    this.tty.powerOn();
    const { disk, files, backlogPolicy } = settings;
    this.files = new FileSystem({ machine: this, disk, files, platter });
    for (const name of ["tty", "console"]) {
      this.files.dev.add(name, () => this.tty);
    }
    this.files.dev.add("host", () => new HostFile(this.#host));
    const nics = this.network?.nics ?? [];
    this.network = new NetworkStack({ machine: this, backlogPolicy });
    for (const nic of nics) this.network.attach(nic);
    addProcFiles(this);
  }

  // ----------------------------------------------------------- power

  get isOn(): boolean {
    return this.#isOn;
  }

  /** What its disk really holds now. */
  get platter(): Platter {
    return this.files.device.platter;
  }

  /** Cuts the power now; inside a run, at the end of what is happening. */
  pullPlug(): void {
    this.world.input({ machine: this.index, power: "off" });
  }

  /** Boots it again from the same platter. Throws a sentence if that has no file system. */
  powerOn(): void {
    this.world.input({ machine: this.index, power: "on" });
    if (this.#willBeOn) return;
    throw new Error(`${this.name} does not start: ${this.#bootError}`);
  }

  #powerUp(): void {
    try {
      this.#boot(this.platter);
    } catch (error) {
      this.#bootError = (error as Error).message;
      this.#powerDown();
      this.emit(TRACE.note, 0, 0, 0, `does not start: ${this.#bootError}`);
    }
  }

  #powerDown(): void {
    this.#isOn = this.#willBeOn = false;
    loseEverything(this);
    this.#host.powerOff();
  }

  /** Takes on an input that will have its effect soon; throws a sentence if it cannot have one. */
  accept({ power, columns, host, answer }: InputNow): void {
    if (power === "on") {
      if (this.#willBeOn) throw new Error(`${this.name} is on already`);
      this.#willBeOn = true;
    } else if (
      !this.#willBeOn && columns === undefined && !host && !answer
    ) {
      throw new Error(`${this.name} is off: powerOn() boots it again`);
    } else if (power === "off") this.#willBeOn = false;
  }

  // ----------------------------------------------------------- threads

  /** A thread of a process, or null when no stack is left. */
  newThread(process: Process, name: string, weight: number): Thread | null {
    if (!this.memory.takeStack()) return null;
    const tid = process.threads.size === 0 ? process.pid : this.newPid();
    const thread = new Thread(this, process, tid, name);
    thread.weight = weight;
    process.addThread(thread);
    this.counters.memoryIs(this.memory.usedBytes);
    this.emitFor(thread, TRACE.thread_create, 0, 0, 0, name);
    return thread;
  }

  /** A free number for a process or thread. */
  newPid(): number {
    do {
      this.#lastPid = this.#lastPid >= PID_MAX
        ? INIT_PID + 1
        : this.#lastPid + 1;
    } while (this.#taken(this.#lastPid));
    return this.#lastPid;
  }

  /** What a thread waited for has come: it is ready. */
  wake(thread: Thread): void {
    if (thread.state !== WAITING) return;
    thread.state = READY;
    if (this.trace.on) this.emitFor(thread, TRACE.sched_wakeup);
    if (!thread.stopped) this.ready(thread);
  }

  /** Puts a thread into the run queue, and an idle CPU to work. */
  ready(thread: Thread): void {
    const preempt = this.settings.wakeupPreemption;
    this.scheduler.enqueue(thread, preempt);
    const idle = this.#idleCpu(thread);
    if (idle !== null) return idle.kick();
    for (const cpu of this.cpus) cpu.othersAreReady(preempt);
  }

  /** A callback or signal is to be delivered: work is cut, a wait is woken for it. */
  upcallCame(thread: Thread): void {
    if (!thread.upcallDue) return;
    if (thread.state === RUNNING) thread.cpu!.cut();
    else this.wake(thread);
  }

  /** STOP: it leaves the CPU and the run queue. */
  stop(thread: Thread): void {
    thread.stopped = true;
    if (thread.state === RUNNING) {
      thread.state = READY;
      thread.cpu!.drop(STATE.stopped);
    } else if (thread.state === READY) this.scheduler.remove(thread);
  }

  /** CONT: it goes on where it was. */
  go(thread: Thread): void {
    thread.stopped = false;
    if (thread.state === READY) this.ready(thread);
    else this.upcallCame(thread);
  }

  /** It is killed, or has ended: off the CPU and out of the run queue. */
  takeOff(thread: Thread): void {
    if (thread.state === RUNNING) thread.cpu!.drop(STATE.exited);
    else if (thread.state === READY && !thread.stopped) {
      this.scheduler.remove(thread);
    }
  }

  // ----------------------------------------------------------- time

  /** CPU time for copying, ns. */
  copyNs(bytes: number): number {
    return Math.floor(bytes * this.costs.copyPerKiBNs / 1024);
  }

  /** CPU time for copying a result out to the program, ns: bytes alone are copied. */
  resultNs(ok: boolean, result: unknown): number {
    if (!ok || typeof result !== "object") return 0;
    return this.copyNs(resultBytes(result));
  }

  /** CPU time from a call's entry to its effect, ns. */
  entryNs(call: Call<unknown>): number {
    const { costs } = this;
    switch (ENTRY[call.number]) {
      case ENTRY_WRITE:
        return costs.syscallNs + this.copyNs(dataBytes(call.b));
      case ENTRY_DOOR:
        return costs.syscallNs + this.copyNs(dataBytes(innerData(call)));
      case ENTRY_THREAD:
        return costs.syscallNs + costs.threadCreateNs;
      case ENTRY_SPAWN:
        return costs.syscallNs + costs.threadCreateNs + costs.execNs;
      case ENTRY_EXEC:
        return costs.syscallNs + costs.execNs;
      default:
        return costs.syscallNs;
    }
  }

  /** A device interrupts now: the handler runs, and the time is stolen from CPU 0. */
  interrupt(device: string, handler: () => void, extraNs = 0): void {
    const costNs = this.costs.interruptNs + extraNs;
    this.counters.interrupts++;
    this.emit(TRACE.irq_enter, costNs, 0, 0, device);
    this.#steal(costNs, handler);
    this.emit(TRACE.irq_exit, 0, 0, 0, device);
  }

  /** What an interrupt left for later happens now; its time is stolen in the same way. */
  softirq(device: string, handler: () => void, costNs: number): void {
    this.emit(TRACE.softirq_enter, costNs, 0, 0, device);
    this.#steal(costNs, handler);
    this.emit(TRACE.softirq_exit, 0, 0, 0, device);
  }

  #steal(costNs: number, handler: () => void): void {
    this.counters.stolen(costNs);
    this.cpus[0]!.steal(costNs);
    handler();
  }

  /** Until when interrupts hold CPU 0, ns. */
  get heldUntilNs(): number {
    return this.cpus[0]!.heldUntilNs;
  }

  /** A thread of the kernel's own, which no signal reaches; false: no memory for it. */
  kernelThread(name: string, body: () => Program): boolean {
    const process = makeProcess(this.init, name, { group: 0, args: [] });
    if (process === null) return false;
    process.isKernel = true;
    runIn(process, { main: body, name, program: null });
    return true;
  }

  /** The machine that a name, or an address, means on this one. */
  resolve(host: string): string {
    const names = this.world.machines.map(({ name }) => name);
    return resolveHost(host, names, () => {
      const bytes = this.files.peek("/etc/hosts");
      return bytes === null ? "" : new TextDecoder().decode(bytes);
    });
  }

  // ----------------------------------------------------------- objects that must not leak

  fileOpened(file: OpenFile): number {
    const id = ++this.#lastId;
    this.openFiles.set(id, file);
    this.emit(TRACE.object_create, id, 0, 0, "file");
    return id;
  }

  fileReleased(file: OpenFile): void {
    this.openFiles.delete(file.id);
    this.emit(TRACE.object_release, file.id, 0, 0, "file");
  }

  objectCreated(what: string): number {
    const id = ++this.#lastId;
    let ids = this.objects.get(what);
    if (ids === undefined) this.objects.set(what, ids = new Set());
    ids.add(id);
    this.emit(TRACE.object_create, id, 0, 0, what);
    return id;
  }

  objectReleased(what: string, id: number): void {
    this.objects.get(what)?.delete(id);
    this.emit(TRACE.object_release, id, 0, 0, what);
  }

  /** Threads of processes that have this object open, for the deadlock report. */
  *holdersOf(object: FileObject): IterableIterator<Thread> {
    for (const process of this.processes.values()) {
      for (const [, file] of process.files.list()) {
        if (file.object !== object) continue;
        yield* process.threads.values();
        break;
      }
    }
  }

  // ----------------------------------------------------------- the console

  /** Sends keys to the console, now. */
  type(text: string): void {
    this.world.input({ machine: this.index, keys: text });
  }

  /** Everything the console has shown, as text. */
  get screen(): string {
    return this.tty.screen;
  }

  get console(): TtyHost {
    return this.tty;
  }

  /** The window has another size, in cells. */
  resize(columns: number, rows: number): void {
    this.world.input({ machine: this.index, columns, rows });
  }

  /** Starts a program on the console, in the foreground; it is logged, so a replay starts it as well. */
  login(login: Login): Process {
    this.lastLogin = null;
    this.world.input({ machine: this.index, login });
    if (this.lastLogin === null) {
      throw new Error(`${this.name} starts nothing now: it is off, or running`);
    }
    return this.lastLogin;
  }

  /** Who answers what programs ask at /dev/host, from now on; the log says that there is somebody. */
  attachHost(host: Host): void {
    this.#host.host = host;
    if (this.#host.isAttached) return;
    this.world.input({ machine: this.index, host: true });
  }

  /** What programs have asked the host and it has not answered, the oldest first. */
  get asks(): Ask[] {
    return this.#host.asks;
  }

  /** Answers a program, in one line, now; false: it no longer waits for that. */
  answerHost(id: number, text: string): boolean {
    if (text.includes("\n")) throw new TypeError("an answer is one line");
    if (!this.#host.has(id)) return false;
    this.world.input({ machine: this.index, answer: { id, text } });
    return true;
  }

  /** What came from outside takes effect. */
  takeInput(input: InputNow): void {
    if (input.columns !== undefined && input.rows !== undefined) {
      this.tty.resize(input.columns, input.rows);
    }
    if (input.host !== undefined) this.#host.isAttached = true;
    if (input.power === "on") this.#powerUp();
    if (!this.#isOn) return;
    if (input.power === "off") return this.#powerDown();
    if (input.keys !== undefined) {
      this.tty.input(new TextEncoder().encode(input.keys));
    }
    if (input.answer !== undefined) {
      this.#host.answer(input.answer.id, input.answer.text);
    }
    if (input.login !== undefined) this.#logIn(input.login);
    if (input.kill !== undefined) {
      const process = this.processes.get(input.kill);
      if (process !== undefined) raise(process, SIGNALS.KILL);
    }
    if (input.path !== undefined) this.#changeFile(input.path, input);
  }

  /** What the host does with a file. */
  #changeFile(path: string, { text, movedTo, removed }: InputNow): void {
    if (text !== undefined) {
      this.files.poke(path, new TextEncoder().encode(text));
    } else if (movedTo !== undefined) this.files.move(path, movedTo);
    else if (removed !== undefined) this.files.remove(path);
  }

  #logIn({ path, args, ...options }: Login): void {
    const process = this.spawn(path, args, { ...options, console: true });
    this.tty.setMode("cooked", true);
    this.tty.setForeground(process.group);
    this.lastLogin = process;
  }

  /** Starts a function, or the program in a file, as a child of init. */
  spawn(
    program: Main | string,
    args: readonly string[] = [],
    options: LaunchOptions = {},
  ): Process {
    if (!this.#isOn) {
      throw new Error(`${this.name} is off: powerOn() boots it again`);
    }
    return launch(this, program, args, options);
  }

  /** What it is like now, as plain data. */
  snapshot(): Snapshot {
    return snapshot(this);
  }

  // ----------------------------------------------------------- trace

  emit(kind: number, a = 0, b = 0, c = 0, text?: string): void {
    this.trace.append(kind, this.clock.now, this.index, 0, 0, 0, a, b, c, text);
  }

  emitFor(
    thread: Thread,
    kind: number,
    a = 0,
    b = 0,
    c = 0,
    text?: string,
  ): void {
    if (!this.trace.on) return;
    const cpu = thread.cpu === null ? 0 : thread.cpu.index;
    this.trace.append(
      kind,
      this.clock.now,
      this.index,
      cpu,
      thread.process.pid,
      thread.tid,
      a,
      b,
      c,
      text,
    );
  }

  emitOn(cpu: Cpu, kind: number, a = 0, b = 0, c = 0, text?: string): void {
    const { thread } = cpu;
    this.trace.append(
      kind,
      this.clock.now,
      this.index,
      cpu.index,
      thread === null ? 0 : thread.process.pid,
      thread === null ? 0 : thread.tid,
      a,
      b,
      c,
      text,
    );
  }

  emitProcess(
    process: Process,
    kind: number,
    a = 0,
    b = 0,
    c = 0,
    text?: string,
  ): void {
    const { now } = this.clock;
    const { pid } = process;
    this.trace.append(kind, now, this.index, 0, pid, 0, a, b, c, text);
  }

  /** A sleep, a limit or a time to wait begins. */
  timerStarted(): void {
    this.timers++;
    if (this.trace.on) this.emit(TRACE.timer_start);
  }

  /** As `clock.schedule`, for work that keeps no world from being done: the flusher's. */
  scheduleBackground(due: number, owner: Due): number {
    this.world.background++;
    return this.clock.schedule(due, {
      fire: () => {
        this.world.background--;
        owner.fire();
      },
    });
  }

  /** Takes it back. */
  cancelBackground(token: number): void {
    this.world.background--;
    this.clock.cancel(token);
  }

  /** It is over, or was taken back. */
  timerEnded(): void {
    this.timers--;
    if (this.trace.on) this.emit(TRACE.timer_end);
  }

  #idleCpu(thread: Thread): Cpu | null {
    if (thread.cpu !== null && thread.cpu.doing === CPU_IDLE) return thread.cpu;
    for (const cpu of this.cpus) if (cpu.doing === CPU_IDLE) return cpu;
    return null;
  }

  #taken(pid: number): boolean {
    if (this.processes.has(pid)) return true;
    for (const process of this.processes.values()) {
      if (process.group === pid || process.threads.has(pid)) return true;
    }
    return false;
  }
}

// What a call's entry costs beside the trap itself, by its number.
const ENTRY_WRITE = 1,
  ENTRY_DOOR = 2,
  ENTRY_THREAD = 3,
  ENTRY_SPAWN = 4,
  ENTRY_EXEC = 5;
const ENTRY = new Uint8Array(CALL_NAMES.length);
ENTRY[CALL.write] = ENTRY[CALL.pwrite] = ENTRY_WRITE;
ENTRY[CALL.sendto] = ENTRY_WRITE;
ENTRY[CALL.submit] = ENTRY[CALL.push] = ENTRY_DOOR;
ENTRY[CALL.thread] = ENTRY_THREAD;
ENTRY[CALL.spawn] = ENTRY_SPAWN;
ENTRY[CALL.exec] = ENTRY_EXEC;

/** Bytes of what is written: text counts as UTF-8. */
function dataBytes(data: unknown): number {
  if (ArrayBuffer.isView(data)) return data.byteLength;
  if (typeof data !== "string") return 0;
  let bytes = data.length;
  for (let i = 0; i < data.length; i++) {
    const unit = data.charCodeAt(i);
    if (unit >= 0x80) bytes += unit >= 0x800 ? 2 : 1;
    if (unit >= 0xd800 && unit < 0xe000) bytes -= 1;
  }
  return bytes;
}

/** What a request inside a call writes. */
function innerData(call: Call<unknown>): unknown {
  try {
    return (call.a as Call<unknown> | undefined)?.b;
  } catch {
    return undefined; // the handler refuses it
  }
}
