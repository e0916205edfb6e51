// How a machine was set up, as the panels' models are told of it once.

import type { Machine } from "../../kernel/mod.ts";
import { QUEUE_CAPACITY } from "../../kernel/params.ts";
import type { Setup } from "./machine_state.ts";

export function setupOf({ settings }: Machine): Setup {
  const { scheduler, quantumNs, wakeupPreemption, memory, stackBytes } =
    settings;
  return {
    scheduler,
    quantumNs,
    wakeupPreemption,
    memoryBytes: memory,
    stackBytes,
    queueCapacity: QUEUE_CAPACITY,
  };
}
