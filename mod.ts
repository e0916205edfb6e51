// The public door of Kettle, `import { read, submit, … } from "kettle"`: the
// calls and the small library. Re-exports only. The machine itself is
// `kettle/world`, kernel/mod.ts.

export * from "./userland/sys.ts";
export * from "./userland/lib/mod.ts";
