// The ready threads in the order in which they became so, as the run queue of rr
// and fcfs has them: at the end, or in front behind the others that went in
// front. For policies that choose otherwise it is the order of coming, no more.

export class ReadyList {
  #tids: number[] = [];
  /** How many of the first went in front. */
  #inFront = 0;

  /** In order. */
  get tids(): readonly number[] {
    return this.#tids;
  }

  add(tid: number, inFront = false): void {
    if (!inFront) return void this.#tids.push(tid);
    this.#tids.splice(this.#inFront, 0, tid);
    this.#inFront++;
  }

  /** It got a CPU. */
  pick(tid: number): void {
    const index = this.#tids.indexOf(tid);
    if (index < 0) return;
    this.#tids.splice(index, 1);
    if (index < this.#inFront) this.#inFront--;
  }

  /** It was killed or stopped: who comes in front from now on is the first. */
  remove(tid: number): void {
    const index = this.#tids.indexOf(tid);
    if (index < 0) return;
    this.#tids.splice(index, 1);
    this.#inFront = 0;
  }

  clear(): void {
    this.#tids = [];
    this.#inFront = 0;
  }
}
