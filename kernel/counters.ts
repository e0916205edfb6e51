// What one machine has done since it was made, in counts and ns: traps, switches,
// interrupts, callbacks, CPU time, and the most memory and the longest queue there
// ever were. The kernel counts as it goes, so these are there in a world that
// records no trace; where there is one, its events add up to the same
// (tests/scenarios/trace_costs.ts). It knows no thread and no text. Where CPU time
// went, and to whom, is accounting.ts's.

export class Counters {
  traps = 0;
  /** Those that are paid for: another thread than the last one on that CPU. */
  switches = 0;
  interrupts = 0;
  callbacks = 0;
  /** Stacks and processes at their most. */
  memoryBytes = 0;
  /** Connections that waited to be accepted, at their most. */
  queueMost = 0;
  /** CPUs with a thread, and interrupts of a CPU without one. */
  #busyNs = 0;
  /** Of each CPU: since when it has a thread; −1: it has none. */
  #busySince: number[];

  constructor(cpus: number) {
    this.#busySince = new Array(cpus).fill(-1);
  }

  /** Up to now, over all CPUs. */
  busyNs(now: number): number {
    let sum = this.#busyNs;
    for (const since of this.#busySince) if (since >= 0) sum += now - since;
    return Math.min(sum, now * this.#busySince.length);
  }

  /** A CPU has a thread from now on, or none. */
  cpuTook(cpu: number, hasThread: boolean, now: number): void {
    const since = this.#busySince[cpu]!;
    if (since >= 0) this.#busyNs += now - since;
    this.#busySince[cpu] = hasThread ? now : -1;
  }

  /** CPU 0 gives time to a device. What it takes from a thread is counted with the thread. */
  stolen(costNs: number): void {
    if (this.#busySince[0]! < 0) this.#busyNs += costNs;
  }

  memoryIs(usedBytes: number): void {
    if (usedBytes > this.memoryBytes) this.memoryBytes = usedBytes;
  }

  queueIs(waiting: number): void {
    if (waiting > this.queueMost) this.queueMost = waiting;
  }
}
