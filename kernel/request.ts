// An operation: one request under way, from its start to its one end. It either
// completes (it happened) or is withdrawn (it did not, and left no trace; if a
// part was done, the short count is the result). What its end means is the
// door's business: each door is a subclass with its own `deliver`. No call
// handler can see through which door an operation came.

import {
  type Call,
  type ErrorCode,
  type ErrorDetail,
  type RequestName,
  SysError,
} from "./abi.ts";
import type { Slab } from "./bytes.ts";
import type { Due } from "./clock.ts";
import type { OpenFile } from "./file.ts";
import type { Thread } from "./thread.ts";
import type { Waiter, WaitQueue, WaitTarget } from "./wait_queue.ts";

/** Why an operation is taken back. */
export type WithdrawReason = "ECANCELED" | "ETIME" | "EINTR";

/** Takes an operation back from whoever has it; false: too late, it will end by itself. */
export type Withdraw = (reason: WithdrawReason) => boolean;

export const IDLE = 0, PENDING = 1, ENDED = 2;

export abstract class Operation implements Waiter, Due {
  // A link in the wait queue of the object it waits for.
  queue: WaitQueue<Waiter> | null = null;
  previous: Waiter | null = null;
  next: Waiter | null = null;

  state = IDLE;
  call!: Call<unknown>;
  /** The open file it is bound to; the number is not looked at again. */
  file: OpenFile | null = null;
  /** Bytes already moved: what a withdrawn operation reports. */
  moved = 0;
  /** What it waits for, when that is not a queue. */
  target: WaitTarget | null = null;
  #withdraw: Withdraw | null = null;
  /** The clock's token while it sleeps; −1 is none. */
  timer = -1;
  /** When its sleep ends, ns. */
  sleepsUntil = 0;
  /** Something in the lines above is set: an end has to let go of it. */
  #attached = false;
  #limit: Limit | null = null;
  /** Nobody wants the result any more: its process has ended. */
  #abandoned = false;

  constructor(readonly thread: Thread) {}

  /** Door 1 alone has EINTR, SIGPIPE and O_NONBLOCK's EAGAIN. */
  get atDoorOne(): boolean {
    return false;
  }

  /** A multishot request that has given a result before. */
  get repeated(): boolean {
    return false;
  }

  /** The open file that a multishot request stays bound to between its results. */
  get kept(): OpenFile | null {
    return null;
  }

  /** How the door hands over the result. */
  protected abstract deliver(ok: boolean, result: unknown): void;

  /** Where the bytes lie that its program gets. */
  get slab(): Slab {
    return this.thread.process.slab;
  }

  /** Makes it ready for a (next) call. */
  begin(call: Call<unknown>): void {
    this.call = call;
    this.state = PENDING;
    this.moved = 0;
  }

  /** It happened. */
  complete(value: unknown): void {
    if (this.state !== PENDING) this.#endedTwice();
    this.#letGo();
    if (this.#abandoned) return;
    this.deliver(true, value);
  }

  /** It failed, and changed nothing. */
  fail(code: ErrorCode, detail?: ErrorDetail): void {
    const error = new SysError(code, this.call.name, detail);
    error.site = this.call.site;
    this.failWith(error);
  }

  failWith(error: SysError): void {
    if (this.state !== PENDING) this.#endedTwice();
    this.#letGo();
    if (this.#abandoned) return;
    this.deliver(false, error);
  }

  /** Binds it to an open file, which lives at least as long as the operation. */
  hold(file: OpenFile): void {
    this.#attached = true;
    this.file = file;
    file.references++;
  }

  /** Waits its turn in a queue. */
  park<W extends Waiter>(queue: WaitQueue<W>): void {
    this.#attached = true;
    queue.push(this as unknown as W);
  }

  /** Somebody else (a device, another operation) has it now. */
  waitFor(target: WaitTarget, withdraw: Withdraw | null = null): void {
    this.#attached = true;
    this.target = target;
    this.#withdraw = withdraw;
  }

  /** It no longer waits for what it was told to. */
  stopWaiting(): void {
    this.target = null;
    this.#withdraw = null;
    this.state = ENDED;
  }

  /** Sleeps until the clock says `due` ns, then completes with nothing. */
  sleepUntil(due: number, target: WaitTarget): void {
    this.#attached = true;
    this.target = target;
    this.sleepsUntil = due;
    const { machine } = this.thread;
    this.timer = machine.clock.schedule(due, this);
    machine.timerStarted();
  }

  /** The sleep is over. */
  fire(): void {
    this.timer = -1;
    this.thread.machine.timerEnded();
    this.wokenBySleep();
  }

  /** A repeating timer overrides this. */
  protected wokenBySleep(): void {
    this.complete(undefined);
  }

  /** Puts the limit of `within` on it, once it is known to wait. */
  limitTo(limitNs: number): void {
    const { clock } = this.thread.machine;
    this.#attached = true;
    this.#limit = new Limit(this, clock.now + limitNs);
  }

  /** Takes it back. False: it has ended already, or a device has it. */
  withdraw(reason: WithdrawReason, detail?: ErrorDetail): boolean {
    if (this.state !== PENDING) return false;
    const { queue } = this;
    if (queue !== null) {
      queue.remove(this);
    } else if (this.timer < 0) {
      if (this.#withdraw === null || !this.#withdraw(reason)) return false;
    }
    if (this.state === PENDING) this.#endShort(reason, detail);
    queue?.left();
    return true;
  }

  /** Its process ends: nothing is delivered, whenever it ends. */
  abandon(): void {
    this.#abandoned = true;
    this.withdraw("ECANCELED");
  }

  /** The power is gone: it never ends, and the clock forgets it. */
  vanish(): void {
    if (this.state !== PENDING) return;
    this.state = ENDED;
    const { clock } = this.thread.machine;
    if (this.timer >= 0) clock.cancel(this.timer);
    this.timer = -1;
    this.#limit?.vanish();
    this.target?.vanish?.();
  }

  /** Time alone will end it. */
  get hasDeadline(): boolean {
    return this.timer >= 0 || this.#limit !== null;
  }

  /** What it waits for, for people and for the deadlock report. */
  get waitsFor(): WaitTarget | null {
    return this.queue ?? this.target;
  }

  #endShort(reason: WithdrawReason, detail?: ErrorDetail): void {
    if (this.moved > 0) this.complete(this.moved);
    else this.fail(reason, detail);
  }

  /** Leaves every queue, timer and file. */
  #letGo(): void {
    this.state = ENDED;
    if (!this.#attached) return;
    this.#attached = false;
    if (this.queue !== null) this.queue.remove(this);
    if (this.timer >= 0) {
      this.thread.machine.clock.cancel(this.timer);
      this.timer = -1;
      this.thread.machine.timerEnded();
    }
    if (this.#limit !== null) {
      this.#limit.cancel();
      this.#limit = null;
    }
    this.target = null;
    this.#withdraw = null;
    if (this.file !== null) {
      const { file } = this;
      this.file = null;
      file.release();
    }
  }

  #endedTwice(): never {
    throw new Error(
      `${this.call?.name ?? "operation"} ended twice (state ${this.state})`,
    );
  }
}

/** The time limit of one operation. */
class Limit implements Due {
  #operation: Operation;
  #token: number;

  constructor(operation: Operation, due: number) {
    this.#operation = operation;
    const { machine } = operation.thread;
    this.#token = machine.clock.schedule(due, this);
    machine.timerStarted();
  }

  fire(): void {
    const { machine } = this.#operation.thread;
    this.#token = -1;
    machine.timerEnded();
    this.#operation.withdraw("ETIME");
  }

  cancel(): void {
    if (this.#token < 0) return;
    const { machine } = this.#operation.thread;
    machine.clock.cancel(this.#token);
    machine.timerEnded();
  }

  vanish(): void {
    if (this.#token < 0) return;
    this.#operation.thread.machine.clock.cancel(this.#token);
    this.#token = -1;
  }
}

/** Which argument of a request its events carry, and under what name. */
const EVENT_FIELD: Record<RequestName, string> = {
  read: "fd",
  write: "fd",
  pread: "fd",
  pwrite: "fd",
  open: "path",
  close: "fd",
  fsync: "fd",
  ftruncate: "fd",
  unlink: "path",
  link: "path",
  rename: "path",
  mkdir: "path",
  rmdir: "path",
  stat: "path",
  fstat: "fd",
  readdir: "path",
  sync: "",
  statfs: "path",
  utimes: "path",
  connect: "fd",
  accept: "fd",
  sendto: "fd",
  recvfrom: "fd",
  ready: "fd",
  sleep: "ns",
  waitpid: "pid",
  join: "tid",
  futexWait: "cell",
  nop: "",
  chain: "",
};

/** Under what name an event of this request carries its first argument; "" if it does not. */
export function eventField(call: Call<unknown>): string {
  return EVENT_FIELD[call.name as RequestName];
}
