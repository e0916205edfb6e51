// Virtual time and what is due in it: integer nanoseconds, and a queue ordered
// by (due, seq), so that equal times keep the order in which they were asked
// for. It knows no machine and no device: something due is an object with
// `fire()`.
//
// The queue is a 4-ary heap over typed arrays; an entry names a slot that holds
// the object, so that moving an entry moves no reference. Cancelling empties
// the slot; the entry is dropped when it comes to the top, or when more than
// half of the heap is dead.

/** Something that happens at its time. */
export interface Due {
  fire(): void;
}

const FIRST_CAPACITY = 256;

export class Clock {
  /** Nanoseconds since the world began. */
  now = 0;
  /** When the next thing is due; Infinity when nothing is. */
  nextDue = Infinity;
  nextSeq = 0;

  #seq = 0;
  #count = 0;
  #dead = 0;
  #due = new Float64Array(FIRST_CAPACITY);
  #order = new Float64Array(FIRST_CAPACITY);
  #slot = new Int32Array(FIRST_CAPACITY);
  #what: (Due | null)[] = [];
  #free: number[] = [];

  /** The next number for breaking ties. */
  takeSeq(): number {
    return ++this.#seq;
  }

  /** How many things are due, cancelled ones not counted. */
  get pending(): number {
    return this.#count - this.#dead;
  }

  /** Arranges `what.fire()` at `due` ns. The token cancels it, until it has fired. */
  schedule(due: number, what: Due): number {
    if (due < this.now) throw new Error(`clock: ${due} is before ${this.now}`);
    const slot = this.#free.length > 0 ? this.#free.pop()! : this.#what.length;
    this.#what[slot] = what;
    this.#insert(due, ++this.#seq, slot);
    return slot;
  }

  /** Takes back what was scheduled and has not fired. */
  cancel(token: number): void {
    this.#what[token] = null;
    this.#dead++;
    if (this.#dead > 64 && this.#dead * 2 > this.#count) this.#compact();
    else if (this.#slot[0] === token) this.#dropDead();
  }

  /** Takes the next thing due; the caller moves the clock to it first. */
  takeNext(): Due {
    const slot = this.#slot[0]!;
    const what = this.#what[slot]!;
    this.#removeTop(slot);
    this.#dropDead();
    return what;
  }

  #insert(due: number, seq: number, slot: number): void {
    let at = this.#count++;
    if (at === this.#due.length) this.#grow();
    const dues = this.#due, order = this.#order, slots = this.#slot;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentDue = dues[parent]!;
      if (parentDue < due || (parentDue === due && order[parent]! < seq)) break;
      dues[at] = parentDue;
      order[at] = order[parent]!;
      slots[at] = slots[parent]!;
      at = parent;
    }
    dues[at] = due;
    order[at] = seq;
    slots[at] = slot;
    if (at === 0) {
      this.nextDue = due;
      this.nextSeq = seq;
    }
  }

  #removeTop(slot: number): void {
    this.#what[slot] = null;
    this.#free.push(slot);
    const last = --this.#count;
    if (last > 0) {
      this.#siftDown(
        0,
        this.#due[last]!,
        this.#order[last]!,
        this.#slot[last]!,
      );
    }
    this.nextDue = last > 0 ? this.#due[0]! : Infinity;
    this.nextSeq = last > 0 ? this.#order[0]! : 0;
  }

  #siftDown(at: number, due: number, seq: number, slot: number): void {
    const dues = this.#due, order = this.#order, slots = this.#slot;
    const count = this.#count;
    for (;;) {
      let child = at * 4 + 1;
      if (child >= count) break;
      const end = child + 4 < count ? child + 4 : count;
      let least = child, leastDue = dues[child]!, leastSeq = order[child]!;
      while (++child < end) {
        const childDue = dues[child]!;
        if (
          childDue < leastDue ||
          (childDue === leastDue && order[child]! < leastSeq)
        ) {
          least = child;
          leastDue = childDue;
          leastSeq = order[child]!;
        }
      }
      if (due < leastDue || (due === leastDue && seq < leastSeq)) break;
      dues[at] = leastDue;
      order[at] = leastSeq;
      slots[at] = slots[least]!;
      at = least;
    }
    dues[at] = due;
    order[at] = seq;
    slots[at] = slot;
  }

  #dropDead(): void {
    while (this.#count > 0 && this.#what[this.#slot[0]!] === null) {
      this.#dead--;
      this.#removeTop(this.#slot[0]!);
    }
  }

  #compact(): void {
    let kept = 0;
    for (let at = 0; at < this.#count; at++) {
      const slot = this.#slot[at]!;
      if (this.#what[slot] === null) {
        this.#free.push(slot);
        continue;
      }
      this.#due[kept] = this.#due[at]!;
      this.#order[kept] = this.#order[at]!;
      this.#slot[kept++] = slot;
    }
    this.#count = kept;
    this.#dead = 0;
    for (let at = (kept - 2) >> 2; at >= 0; at--) {
      this.#siftDown(at, this.#due[at]!, this.#order[at]!, this.#slot[at]!);
    }
    this.nextDue = kept > 0 ? this.#due[0]! : Infinity;
    this.nextSeq = kept > 0 ? this.#order[0]! : 0;
  }

  #grow(): void {
    const capacity = this.#due.length * 2;
    const due = new Float64Array(capacity);
    due.set(this.#due);
    this.#due = due;
    const order = new Float64Array(capacity);
    order.set(this.#order);
    this.#order = order;
    const slot = new Int32Array(capacity);
    slot.set(this.#slot);
    this.#slot = slot;
  }
}
