// What a teacher imports to write an assignment: `kettle/grading`. Re-exports only.

export {
  type Assignment,
  assignment,
  type Finding,
  type Goal,
  goal,
  type OtherMachine,
  type Rule,
  type Setup,
} from "./assignment.ts";
export { Chance } from "./chance.ts";
export type { Ending, Run } from "./run.ts";
export {
  atMost,
  computeOf,
  endsWithin,
  found,
  memoryAtMost,
  noLeak,
  openFilesAtMost,
  peak,
  piecesInHandAtMost,
  readsAtMost,
  sameText,
  threadsAtMost,
  timeIn,
  trapsAtMost,
  within,
} from "./rules.ts";

export type { TraceEvent } from "../kernel/mod.ts";
