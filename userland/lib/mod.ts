// The small library that comes with the calls in `import { … } from "kettle"`:
// text and lines, locks and channels, percentiles. Re-exports only. Nothing
// here knows the kernel: it is all built on the calls of sys.ts, as any program
// could do it.

export { bytes, print, readAll, readLine, text } from "./text.ts";
export { Condition, Mutex } from "./mutex.ts";
export { Barrier, Semaphore } from "./semaphore.ts";
export { Channel } from "./channel.ts";
export { percentiles } from "./percentiles.ts";
