// The assignments that come with Kettle.

import type { Assignment } from "../grading/mod.ts";
import copyShelves from "./copy_shelves.ts";
import patientServer from "./patient_server.ts";
import safeSave from "./safe_save.ts";

export const ASSIGNMENTS: readonly Assignment[] = [
  copyShelves,
  patientServer,
  safeSave,
];
