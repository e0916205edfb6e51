// A chain: requests one after another as one operation. Each member starts when
// the one before is done; a failure or a short count cancels the rest, which
// never start.

import { type Outcome, type Request, SysError } from "./abi.ts";
import { dataOf } from "./arguments.ts";
import { Operation, PENDING } from "./request.ts";
import { start } from "./syscall.ts";
import type { WaitTarget } from "./wait_queue.ts";

export class Chain implements WaitTarget {
  readonly kind = "event";
  #op: Operation;
  #members: Request[];
  #outcomes: Outcome[] = [];
  #current: Member | null = null;

  constructor(op: Operation, members: Request[]) {
    this.#op = op;
    this.#members = members;
  }

  /** The member under way, as an operation. */
  get current(): Operation | null {
    return this.#current;
  }

  describe(): string {
    const at = `${this.#outcomes.length + 1} of ${this.#members.length}`;
    const target = this.#current?.waitsFor?.describe() ?? "";
    return `member ${at} of a chain: ${target}`;
  }

  vanish(): void {
    this.#current?.vanish();
  }

  /** Starts the next member, or ends the chain. */
  next(): void {
    const member = this.#members[this.#outcomes.length];
    if (member === undefined) return this.#op.complete(this.#outcomes);
    this.#current = new Member(this, this.#op);
    this.#op.waitFor(this, (reason) => this.#current!.withdraw(reason));
    start(this.#current, member);
  }

  /** A member has ended. */
  ended(request: Request, outcome: Outcome): void {
    this.#outcomes.push(outcome);
    const last = this.#outcomes.length === this.#members.length;
    if (!outcome.ok) return this.#break(outcome.error);
    if (!last && isShort(request, outcome.value)) {
      return this.#break(new SysError("ECANCELED", "chain"));
    }
    if (this.#op.state === PENDING) this.next();
  }

  /** The rest is cancelled and was never started. */
  #break(error: SysError): void {
    for (const member of this.#members.slice(this.#outcomes.length)) {
      this.#outcomes.push({
        ok: false,
        error: new SysError("ECANCELED", member.name),
      });
    }
    this.#op.fail(error.code, { members: this.#outcomes });
  }
}

/** One member of a chain, as an operation. */
class Member extends Operation {
  #chain: Chain;

  constructor(chain: Chain, whole: Operation) {
    super(whole.thread);
    this.#chain = chain;
  }

  protected override deliver(ok: boolean, result: unknown): void {
    const outcome = ok
      ? { ok: true as const, value: result as never }
      : { ok: false as const, error: result as SysError };
    this.#chain.ended(this.call as Request, outcome);
  }
}

/** Fewer bytes than were asked for. */
function isShort(request: Request, value: unknown): boolean {
  switch (request.name) {
    case "read":
    case "pread":
      return (value as Uint8Array).length < (request.b as number);
    case "write":
    case "pwrite":
      return (value as number) < (dataOf(request.b)?.length ?? 0);
    default:
      return false;
  }
}
