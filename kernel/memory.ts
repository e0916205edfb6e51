// RAM as a budget: a process takes its base, a thread its stack. Without this,
// threads would look free. What is stored in it is not modelled.

import { PROCESS_BYTES } from "./params.ts";

export class Memory {
  usedBytes = 0;

  constructor(readonly sizeBytes: number, readonly stackBytes: number) {}

  get freeBytes(): number {
    return this.sizeBytes - this.usedBytes;
  }

  takeProcess(): boolean {
    return this.#take(PROCESS_BYTES);
  }
  freeProcess(): void {
    this.usedBytes -= PROCESS_BYTES;
  }
  takeStack(): boolean {
    return this.#take(this.stackBytes);
  }
  freeStack(): void {
    this.usedBytes -= this.stackBytes;
  }

  #take(bytes: number): boolean {
    if (this.usedBytes + bytes > this.sizeBytes) return false;
    this.usedBytes += bytes;
    return true;
  }
}
