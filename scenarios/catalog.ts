// All scenarios, in the order of the claims they are about; those that go on where
// the article ends come last.

import crowd from "./crowd.ts";
import crunching from "./crunching.ts";
import fiveGuys from "./five_guys.ts";
import fullQueue from "./full_queue.ts";
import interrupted from "./interrupted.ts";
import ioBound from "./io_bound.ts";
import manyClients from "./many_clients.ts";
import onePerCpu from "./one_per_cpu.ts";
import order from "./order.ts";
import overload from "./overload.ts";
import patience from "./patience.ts";
import pause from "./pause.ts";
import type { Scenario } from "./scenario.ts";
import sixSteps from "./six_steps.ts";
import tax from "./tax.ts";
import thirdClient from "./third_client.ts";
import thousands from "./thousands.ts";
import worker from "./worker.ts";

export const SCENARIOS: readonly Scenario[] = [
  sixSteps,
  order,
  pause,
  thirdClient,
  fullQueue,
  patience,
  manyClients,
  tax,
  thousands,
  crunching,
  worker,
  onePerCpu,
  interrupted,
  fiveGuys,
  ioBound,
  crowd,
  overload,
];
