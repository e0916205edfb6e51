// What things cost in the scenarios: round numbers that can be checked by head,
// chosen for illustration. The defaults of a machine (kernel/params.ts) have
// sources and are smaller; a scenario that uses them says so.

import { us } from "../mod.ts";
import type { MachineOptions } from "../kernel/mod.ts";

/** CPU time of a request, besides what its model adds. */
export const REQUEST_US = 100;
/** What a framework of callbacks or promises adds to a request: declared work. */
export const TAX_US = 60;
export const SWITCH_US = 5;

/** Crowds come at the same instant, to the nanosecond: a card for that never drops. */
const NIC = { rxRing: 2 ** 16, txRing: 2 ** 16 };

/** Takes no time for anything. Clients and backends are like this: not they are looked at. */
export const FREE: MachineOptions = {
  costs: "none",
  memory: 2 ** 40,
  nic: NIC,
};

export const NO_COSTS = {
  syscallNs: 0,
  contextSwitchNs: 0,
  threadCreateNs: 0,
  interruptNs: 0,
  callbackNs: 0,
  packetNs: 0,
  pageHitNs: 0,
  copyPerKiBNs: 0,
  execNs: 0,
};

/** The server of the scenarios: only a switch costs anything. */
export const SERVER: MachineOptions = {
  costs: { ...NO_COSTS, contextSwitchNs: SWITCH_US * us },
  memory: 2 ** 40,
  nic: NIC,
};

/** A cable that takes no time. */
export const WIRE = { latencyNs: 0, bitsPerSecond: 1e15 };
