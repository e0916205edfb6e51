// Machines for the tests of the network: a clock, a trace, a stack, and nothing
// else of a kernel. Operations record how they ended. What the real machine adds
// (threads, costs, doors) is tested elsewhere.

import { assertEquals } from "@std/assert";
import {
  type Address,
  CALL,
  Call,
  O_RDWR,
  type SysError,
} from "../../kernel/abi.ts";
import { Slab } from "../../kernel/bytes.ts";
import { Clock, type Due } from "../../kernel/clock.ts";
import type { NicOptions } from "../../kernel/dev/nic.ts";
import { OpenFile } from "../../kernel/file.ts";
import type { Machine } from "../../kernel/kernel.ts";
import {
  type BacklogPolicy,
  Cable,
  type CableOptions,
  NetworkStack,
  type SocketObject,
} from "../../kernel/net/mod.ts";
import { Operation } from "../../kernel/request.ts";
import type { Thread } from "../../kernel/thread.ts";
import { TRACE, Trace, type TraceEvent } from "../../kernel/trace.ts";

export const us = 1_000, ms = 1_000_000, s = 1_000_000_000;

/** Entries of a clock that keep nothing from coming to rest. */
const background = new WeakMap<Clock, number>();

function backgroundOf(clock: Clock): number {
  return background.get(clock) ?? 0;
}

export class TestMachine {
  readonly settings = { nic: {} as NicOptions };
  readonly costs = { interruptNs: 1_500, packetNs: 1_000 };
  readonly objects = new Map<number, string>();
  readonly network: NetworkStack;
  timers = 0;
  openFiles = 0;
  /** CPU time that interrupts have taken, ns. */
  stolenNs = 0;
  heldUntilNs = 0;
  #lastId = 0;

  constructor(
    readonly name: string,
    readonly index: number,
    readonly clock: Clock,
    readonly trace: Trace,
    backlogPolicy?: BacklogPolicy,
  ) {
    this.network = new NetworkStack({ machine: this, backlogPolicy });
  }

  interrupt(device: string, handler: () => void, extraNs = 0): void {
    const costNs = this.costs.interruptNs + extraNs;
    this.emit(TRACE.irq_enter, costNs, 0, 0, device);
    this.#steal(costNs);
    handler();
    this.emit(TRACE.irq_exit, 0, 0, 0, device);
  }

  softirq(device: string, handler: () => void, costNs: number): void {
    this.emit(TRACE.softirq_enter, costNs, 0, 0, device);
    this.#steal(costNs);
    handler();
    this.emit(TRACE.softirq_exit, 0, 0, 0, device);
  }

  #steal(costNs: number): void {
    this.stolenNs += costNs;
    this.heldUntilNs = Math.max(this.heldUntilNs, this.clock.now) + costNs;
  }

  resolve(host: string): string {
    return host;
  }

  /** There are no threads here. */
  kernelThread(): boolean {
    return false;
  }

  emit(kind: number, a = 0, b = 0, c = 0, text?: string): void {
    this.trace.append(kind, this.clock.now, this.index, 0, 0, 0, a, b, c, text);
  }

  objectCreated(what: string): number {
    this.objects.set(++this.#lastId, what);
    this.emit(TRACE.object_create, this.#lastId, 0, 0, what);
    return this.#lastId;
  }

  objectReleased(what: string, id: number): void {
    assertEquals(this.objects.get(id), what, "released what is not there");
    this.objects.delete(id);
    this.emit(TRACE.object_release, id, 0, 0, what);
  }

  scheduleBackground(due: number, owner: Due): number {
    background.set(this.clock, backgroundOf(this.clock) + 1);
    return this.clock.schedule(due, {
      fire: () => {
        background.set(this.clock, backgroundOf(this.clock) - 1);
        owner.fire();
      },
    });
  }

  cancelBackground(token: number): void {
    background.set(this.clock, backgroundOf(this.clock) - 1);
    this.clock.cancel(token);
  }

  timerStarted(): void {
    this.timers++;
    this.emit(TRACE.timer_start);
  }

  timerEnded(): void {
    this.timers--;
    this.emit(TRACE.timer_end);
  }

  fileOpened(): number {
    this.openFiles++;
    return ++this.#lastId;
  }
  fileReleased(): void {
    this.openFiles--;
  }

  holdersOf(_object: unknown): Iterable<Thread> {
    return [];
  }
}

/** What ended an operation: a value or an error code, and when. */
export class TestOperation extends Operation {
  value: unknown = undefined;
  error = "";
  endedNs = -1;
  #clock: Clock;
  #doorOne: boolean;

  constructor(machine: TestMachine, files: { full: boolean }, doorOne = false) {
    super(
      { machine, process: { files, slab: new Slab() } } as unknown as Thread,
    );
    this.#clock = machine.clock;
    this.#doorOne = doorOne;
  }

  override get atDoorOne(): boolean {
    return this.#doorOne;
  }

  get ended(): boolean {
    return this.endedNs >= 0;
  }

  /** What it gave, as text; for an error its code. */
  get result(): string {
    if (!this.ended) return "pending";
    if (this.error !== "") return this.error;
    if (!(this.value instanceof Uint8Array)) return String(this.value);
    return new TextDecoder().decode(this.value);
  }

  protected override deliver(ok: boolean, result: unknown): void {
    this.endedNs = this.#clock.now;
    if (ok) this.value = result;
    else this.error = (result as SysError).code;
  }
}

/** A descriptor of a test: an open file on a socket, and the calls on it. */
export class TestSocket {
  readonly file: OpenFile;
  readonly files = { full: false };

  constructor(
    readonly machine: TestMachine,
    readonly object: SocketObject = machine.network.socket(),
  ) {
    this.file = new OpenFile(machine as unknown as Machine, object, O_RDWR);
    this.file.references = 1;
  }

  connect(host: string, port: number): TestOperation {
    const op = this.#begin(CALL.connect);
    this.machine.network.connect(op, this.object, { host, port });
    return op;
  }

  /** Ends with a TestSocket. */
  accept(): TestOperation {
    const op = this.#begin(CALL.accept);
    this.machine.network.accept(op, this.object, (connection) => {
      op.complete(new TestSocket(this.machine, connection));
    });
    return op;
  }

  read(count = 65_536): TestOperation {
    const op = this.#begin(CALL.read, count);
    this.object.read(op, this.file, count);
    return op;
  }

  write(data: string | Uint8Array): TestOperation {
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data;
    const op = this.#begin(CALL.write, bytes);
    this.object.write(op, this.file, bytes);
    return op;
  }

  close(): void {
    this.file.release();
  }

  #begin(number: number, argument?: unknown): TestOperation {
    const op = new TestOperation(this.machine, this.files);
    op.begin(new Call0(number, 0, argument));
    op.hold(this.file);
    return op;
  }
}

class Call0 extends Call<unknown> {}

export interface Net {
  clock: Clock;
  trace: Trace;
  machines: TestMachine[];
  /** Lets everything happen that is due up to `untilNs`. */
  run(untilNs?: number): void;
  events(kind: string): TraceEvent[];
  /** Proves that nothing is left: no socket, file, timer or packet. */
  done(): void;
}

/** Machines with these names, without cables. */
export function makeNet(names: string[], policy?: BacklogPolicy): Net {
  const clock = new Clock();
  const trace = new Trace();
  const machines = names.map((name, index) =>
    new TestMachine(name, index, clock, trace, policy)
  );
  return {
    clock,
    trace,
    machines,
    run: (untilNs = Infinity) => runUntil(clock, untilNs),
    events: (kind) =>
      [...trace.events()].filter((event) => event.kind === kind),
    done: () => nothingLeft(clock, machines),
  };
}

/** `kettle` and `mirror` on one cable. */
export function makePair(
  options: CableOptions & {
    policy?: BacklogPolicy;
    nic?: NicOptions;
    seed?: number;
  } = {},
): Net & { kettle: TestMachine; mirror: TestMachine; cable: Cable } {
  const net = makeNet(["kettle", "mirror"], options.policy);
  const [kettle, mirror] = net.machines as [TestMachine, TestMachine];
  const cable = joinWith(kettle, mirror, 0, options);
  return { ...net, kettle, mirror, cable };
}

export function joinWith(
  a: TestMachine,
  b: TestMachine,
  id: number,
  options: CableOptions & { nic?: NicOptions; seed?: number } = {},
): Cable {
  a.settings.nic = b.settings.nic = options.nic ?? {};
  return new Cable(id, a, b, options, options.seed);
}

/** A socket of `machine` that listens at `port`. */
export function listening(
  machine: TestMachine,
  port: number,
  backlog = 128,
): TestSocket {
  const socket = new TestSocket(machine);
  assertEquals(bind(socket, { host: "", port }), null);
  assertEquals(machine.network.listen(socket.object, backlog), null);
  return socket;
}

export function bind(socket: TestSocket, address: Address): string | null {
  return socket.machine.network.bind(socket.object, address);
}

/** A client and a server end of one connection, and the listener closed. */
export function connected(
  net: Net,
  client: TestMachine,
  server: TestMachine,
): [TestSocket, TestSocket] {
  const listener = listening(server, 80);
  const accept = listener.accept();
  const end = new TestSocket(client);
  const connect = end.connect(server.name, 80);
  net.run();
  assertEquals(connect.error, "");
  listener.close();
  return [end, accept.value as TestSocket];
}

function runUntil(clock: Clock, untilNs: number): void {
  for (let left = 5_000_000; isDue(clock, untilNs); left--) {
    if (left === 0) throw new Error("the network never comes to rest");
    clock.now = clock.nextDue;
    clock.takeNext().fire();
  }
  if (untilNs !== Infinity) clock.now = Math.max(clock.now, untilNs);
}

function isDue(clock: Clock, untilNs: number): boolean {
  if (clock.nextDue === Infinity || clock.nextDue > untilNs) return false;
  return untilNs !== Infinity || clock.pending > backgroundOf(clock);
}

function nothingLeft(clock: Clock, machines: TestMachine[]): void {
  runUntil(clock, Infinity);
  for (const machine of machines) {
    const { name, network } = machine;
    assertEquals([...network.connections], [], `connections of ${name}`);
    assertEquals([...machine.objects.values()], [], `objects of ${name}`);
    assertEquals(machine.openFiles, 0, `open files of ${name}`);
    assertEquals(machine.timers, 0, `timers of ${name}`);
  }
  assertEquals(clock.pending, 0, "something is still due");
}
