/// <reference lib="dom" />
// The page's side of the worker behind the figures. It starts it when the first
// figure is asked for; who asks anew does not want the old answer any more.

import type { Recording } from "../../lessons/recording.ts";
import type { FigureAnswer } from "./figure_protocol.ts";

type Waiting = {
  resolve(recording: Recording): void;
  reject(error: Error): void;
};

export class FigureClient {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #number = 0;

  /** The recording of a figure at these values, in this style. */
  run(
    figure: string,
    values: Record<string, number>,
    style: string,
  ): Promise<Recording> {
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#start().postMessage({ number, figure, values, style });
    });
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker("figure_worker.js", { type: "module" });
    worker.onmessage = ({ data }) => this.#hear(data as FigureAnswer);
    worker.onerror = ({ message }) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(message || "the worker did not start"));
      }
      this.#waiting.clear();
      this.#worker = null;
    };
    this.#worker = worker;
    return worker;
  }

  #hear({ number, recording, fault }: FigureAnswer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (recording !== null) waiting?.resolve(recording);
    else waiting?.reject(new Error(fault));
  }
}
