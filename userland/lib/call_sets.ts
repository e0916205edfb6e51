// The calls by what they are about: what `strace -e` understands. Every call is in
// one set at least. Knows the names alone.

const SETS: Record<string, string> = {
  file:
    "open unlink link rename mkdir rmdir stat readdir statfs utimes chdir getcwd " +
    "spawn exec",
  desc: "read write pread pwrite open close fsync ftruncate fstat readdir " +
    "ready dup dup2 lseek pipe fcntl isatty sync ttymode tcsetpgrp tcgetpgrp",
  network: "connect accept sendto recvfrom socket bind listen shutdown " +
    "getsockname getpeername setsockopt",
  process: "spawn exec exit waitpid thread join detach kill",
  signal: "kill sigaction mask pause",
  door: "submit poll wait cancel queue push mask pause chain nop",
  time: "sleep clock compute yieldCpu",
  lock: "futexWait futexWake",
  creds:
    "getpid gettid getppid setpgid getpgid setpriority getpriority random environ",
};
const NAMES = new Set(
  Object.values(SETS).flatMap((names) => names.split(" ")),
);

export function callNames(): string[] {
  return [...NAMES];
}

/**
 * What `read,write`, `%network` or `!wait` mean: a test of names; a word that
 * means nothing is given back instead.
 */
export function callFilter(
  list: string,
): { test: (name: string) => boolean } | { unknown: string } {
  const inverse = list.startsWith("!");
  const words = (inverse ? list.slice(1) : list).split(",");
  const chosen = new Set<string>();
  for (const word of words) {
    if (word === "none") continue;
    const names = word === "all" ? callNames() : namesOf(word);
    if (names === null) return { unknown: word };
    for (const name of names) chosen.add(name);
  }
  return { test: (name) => chosen.has(name) !== inverse };
}

function namesOf(word: string): string[] | null {
  const set = word.replace(/^%/, "");
  if (Object.hasOwn(SETS, set)) return SETS[set]!.split(" ");
  return NAMES.has(word) ? [word] : null;
}
