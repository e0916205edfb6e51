/// <reference lib="dom" />
// One tab at a time has the disk: the first that asks. It knows nothing of what
// is on it. (Where the browser has no locks, the store notices when another tab
// has written.)

const NAME = "kettle.disk";
/** A page that is being reloaded still has it for a moment. */
const PATIENCE_MS = 500;

/** True if the disk is this tab's, until it closes. */
export function claimDisk(): Promise<boolean> {
  const { locks } = navigator;
  if (locks === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = () => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    locks.request(NAME, { signal }, hold).catch(() => resolve(false));
  });
}
