// The contract between programs and the kernel: what can be asked, what comes
// back, how it fails. Types, constants and the four small objects that cross
// the border (Request, Control, Handle, Queue) live here and nothing else: this
// file does not know how any of it is done. It is the one kernel file that
// userland may import.

// ---------------------------------------------------------------- programs

/** A piece of a program that may trap: `function* ()` with `yield*` inside. */
// deno-lint-ignore no-explicit-any
export type Routine<T = void> = Generator<Trap, T, any>;

/** What `main` is: it ends with nothing, or with an exit status 0–255. */
// deno-lint-ignore no-explicit-any
export type Program = Generator<Trap, number | void, any>;

/** The shape of a program's default export. */
export type Main = (args: string[]) => Program;

/** What a thread hands to the kernel when it traps: the call itself. */
// deno-lint-ignore no-explicit-any
export type Trap = Call<any>;

/** What the kernel hands back: it settles the call, with a value or a throw. */
export interface Resume {
  // deno-lint-ignore no-explicit-any
  settle(): IteratorReturnResult<any>;
}

// ---------------------------------------------------------------- the calls

/** Requests: one row per operation that can wait. All three doors take them. */
export interface Calls {
  read: { value: Uint8Array; args: { fd: number } };
  write: { value: number; args: { fd: number } };
  pread: { value: Uint8Array; args: { fd: number } };
  pwrite: { value: number; args: { fd: number } };
  open: { value: number; args: { path: string } };
  close: { value: void; args: { fd: number } };
  fsync: { value: void; args: { fd: number } };
  ftruncate: { value: void; args: { fd: number } };
  unlink: { value: void; args: { path: string } };
  link: { value: void; args: { path: string } };
  rename: { value: void; args: { path: string } };
  mkdir: { value: void; args: { path: string } };
  rmdir: { value: void; args: { path: string } };
  stat: { value: Stat; args: { path: string } };
  fstat: { value: Stat; args: { fd: number } };
  readdir: { value: DirectoryEntry[]; args: { path: string } };
  sync: { value: void; args: Record<never, never> };
  statfs: { value: StatFs; args: { path: string } };
  utimes: { value: void; args: { path: string } };
  connect: { value: void; args: { fd: number } };
  accept: { value: number; args: { fd: number } };
  sendto: { value: number; args: { fd: number } };
  recvfrom: {
    value: { data: Uint8Array; from: Address };
    args: { fd: number };
  };
  ready: { value: Readiness; args: { fd: number } };
  sleep: { value: void; args: { ns: number } };
  waitpid: { value: ChildStatus; args: { pid: number } };
  join: { value: unknown; args: { tid: number } };
  futexWait: { value: void; args: { cell: Cell } };
  nop: { value: void; args: Record<never, never> };
  chain: { value: Outcome[]; args: Record<never, never> };
}

/** Every request, in the order of its number. */
export const REQUEST_NAMES = [
  "read",
  "write",
  "pread",
  "pwrite",
  "open",
  "close",
  "fsync",
  "ftruncate",
  "unlink",
  "link",
  "rename",
  "mkdir",
  "rmdir",
  "stat",
  "fstat",
  "readdir",
  "sync",
  "statfs",
  "utimes",
  "connect",
  "accept",
  "sendto",
  "recvfrom",
  "ready",
  "sleep",
  "waitpid",
  "join",
  "futexWait",
  "nop",
  "chain",
] as const satisfies readonly (keyof Calls)[];

/** Control calls: they answer at once (or are the waiting itself) and go through door 1 only. */
export const CONTROL_NAMES = [
  "submit",
  "poll",
  "wait",
  "cancel",
  "queue",
  "push",
  "mask",
  "pause",
  "spawn",
  "exec",
  "exit",
  "thread",
  "detach",
  "getpid",
  "gettid",
  "getppid",
  "kill",
  "sigaction",
  "setpgid",
  "getpgid",
  "setpriority",
  "getpriority",
  "dup",
  "dup2",
  "lseek",
  "pipe",
  "fcntl",
  "isatty",
  "chdir",
  "getcwd",
  "socket",
  "bind",
  "listen",
  "shutdown",
  "getsockname",
  "getpeername",
  "setsockopt",
  "tcsetpgrp",
  "tcgetpgrp",
  "ttymode",
  "clock",
  "random",
  "environ",
  "compute",
  "yieldCpu",
  "futexWake",
] as const;

export type RequestName = keyof Calls;
export type ControlName = (typeof CONTROL_NAMES)[number];
export type CallName = RequestName | ControlName;

/** Every call, in the order of its number: requests first. */
export const CALL_NAMES: readonly CallName[] = [
  ...REQUEST_NAMES,
  ...CONTROL_NAMES,
];

/** The number of each call, as the trace stores it. */
export const CALL = Object.fromEntries(
  CALL_NAMES.map((name, number) => [name, number]),
) as { readonly [C in CallName]: number };

/**
 * A call is data: its number and up to four arguments, as registers would carry
 * them. It is its own iterator, so `yield*` hands the object itself to the
 * kernel and no inner generator is made. It can be used once.
 */
export abstract class Call<T> implements Iterable<Trap, T, Resume | undefined> {
  // Declared here and set once below: a call is made at every trap, and a field
  // with an initializer would be written twice.
  declare readonly done: false;
  declare readonly number: number;
  declare readonly a: unknown;
  declare readonly b: unknown;
  declare readonly c: unknown;
  declare readonly d: unknown;
  /** True once it went to the kernel, or into another call. */
  declare used: boolean;
  /** Where it was written, as the loader numbered it; 0 is unknown. */
  declare site: number;

  constructor(
    number: number,
    a?: unknown,
    b?: unknown,
    c?: unknown,
    d?: unknown,
  ) {
    this.number = number;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.used = false;
    this.site = 0;
  }

  get name(): CallName {
    return CALL_NAMES[this.number]!;
  }

  get value(): Trap {
    return this;
  }

  [Symbol.iterator](): Iterator<Trap, T, Resume | undefined> {
    return this as unknown as Iterator<Trap, T, Resume | undefined>;
  }

  next(resume?: Resume): IteratorResult<Trap, T> {
    if (resume !== undefined) return resume.settle();
    if (this.used) throw new UsedTwice(this.name);
    this.used = true;
    return this as unknown as IteratorYieldResult<Trap>;
  }
}
Object.defineProperty(Call.prototype, "done", { value: false });

/** An operation that may wait. It goes through one door, once. */
export class Request<C extends RequestName = RequestName>
  extends Call<Calls[C]["value"]> {
  declare private readonly kind: C;
  /** The time limit that `within` put on it, in ns; null is none. */
  declare limitNs: number | null;

  constructor(
    number: number,
    a?: unknown,
    b?: unknown,
    c?: unknown,
    d?: unknown,
  ) {
    super(number, a, b, c, d);
    this.limitNs = null;
  }
}

/** A call that is no request: `submit(getpid())` does not type-check. */
export class Control<T> extends Call<T> {
  declare private readonly kind: "control";
}

/** The receipt for a submitted or pushed request. It is never reused. */
export class Handle<C extends RequestName = RequestName> {
  declare private readonly kind: C;
  constructor(readonly id: number) {}
}

/** An event queue: an object, not a descriptor; threads of a process may share it. */
export class Queue {
  declare private readonly kind: "queue";
  constructor(readonly id: number) {}
}

/** A word of memory that threads of a process share and futexes wait on. */
export class Cell {
  constructor(public value: number) {}
}

/** A request was used a second time: a bug in the program, thrown where it happened. */
export class UsedTwice extends Error {
  constructor(readonly call: CallName) {
    super(
      `this ${call}() was already used. A request is used once: build it where it is needed, inside the loop`,
    );
    this.name = "UsedTwice";
  }
}

// ---------------------------------------------------------------- what comes back

/** How one operation ended. */
export type Outcome<C extends RequestName = RequestName> =
  | { ok: true; value: Calls[C]["value"] }
  | { ok: false; error: SysError };

/** The news that a submitted or pushed request has ended (`more: false`) or gave one of many results. */
export type Event<C extends RequestName = RequestName> = {
  [K in C]:
    & { handle: Handle<K>; call: K; tag: unknown; at: number; more: boolean }
    & Calls[K]["args"]
    & (
      | { ok: true; value: Calls[K]["value"] }
      | { ok: false; error: SysError }
    );
}[C];

/** What `stat` tells. Sizes in bytes, `mtimeNs` in virtual ns since the boot date. */
export interface Stat {
  ino: number;
  type: FileType;
  size: number;
  nlink: number;
  mtimeNs: number;
  /** Taken on the disk, in units of 512 bytes as POSIX counts them. */
  blocks: number;
}
/** What `statfs` tells of a mounted file system. */
export interface StatFs {
  /** What is mounted: the disk's file system, /dev or /proc. */
  mount: string;
  blockBytes: number;
  blocks: number;
  freeBlocks: number;
  inodes: number;
  freeInodes: number;
}
export type FileType = "file" | "directory" | "pipe" | "socket" | "device";
export interface DirectoryEntry {
  name: string;
  ino: number;
  type: FileType;
}

/** `in` you could read, `out` you could write; the rest is reported even when not asked for. */
export interface Readiness {
  in: boolean;
  out: boolean;
  hup: boolean;
  err: boolean;
  rdhup: boolean;
}

/** What `waitpid` collects; `pid` 0 means "nohang, and no child has changed". */
export interface ChildStatus {
  pid: number;
  /** The exit status, if it exited. */
  status?: number;
  /** The signal that killed it, if one did. */
  signal?: SignalName;
  /** The signal that stopped it (with `untraced`). */
  stopped?: SignalName;
  /** True when it was continued (with `continued`). */
  continued?: boolean;
}

/** A socket's address; a machine's name is its host name. */
export interface Address {
  host: string;
  port: number;
}

/** How a terminal is now. */
export interface TtyState {
  mode: "cooked" | "raw";
  echo: boolean;
  /** Its size in cells. */
  columns: number;
  rows: number;
  /** The cursor is at the beginning of a line. */
  atLineStart: boolean;
}

// ---------------------------------------------------------------- options

export interface SubmitOptions {
  /** Comes back in the event, untouched. */
  tag?: unknown;
  /** Keep going after each result: accept, ready, sleep, read. */
  multishot?: boolean;
  /** Where its events go; without it, to the submitting thread. */
  queue?: Queue;
}
export interface WaitOptions {
  /** Longest wait in ns; the request itself goes on. */
  timeout?: number;
  /** Most events to take. */
  max?: number;
}
export interface WaitpidOptions {
  nohang?: boolean;
  untraced?: boolean;
  continued?: boolean;
}
export interface SpawnOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** child number → parent number: exactly these. Omitted: all without cloexec. */
  fds?: Record<number, number>;
  /** Process group: 0 makes a new one led by the child. */
  group?: number;
  name?: string;
  /** Callback and signal classes the child starts with masked. */
  mask?: MaskSet;
}
export interface FcntlOptions {
  cloexec?: boolean;
  nonblock?: boolean;
  append?: boolean;
}
export interface SocketOptions {
  reuseAddress?: boolean;
  /** Close sends RST at once. */
  linger0?: boolean;
  /** Short segments go at once; true if nothing was said. False: they wait for acknowledgements (Nagle). */
  nodelay?: boolean;
  /** Acknowledgements are put off up to 40 ms; false: never. If nothing was said, in a conversation: where what came was answered soon. */
  delayedAck?: boolean;
  /** What is written and not yet acknowledged at most, 4 KiB to 16 MiB; 64 KiB if nothing was said. An accepted connection has those of its listener. */
  sendBufferBytes?: number;
  /** What has arrived and is not yet read at most, which is the window; 4 KiB to 16 MiB, 64 KiB if nothing was said. */
  receiveBufferBytes?: number;
}

/** What can be held back: signals by name, and `"io"` for pushed callbacks. */
export type MaskClass = "io" | SignalName;
export type MaskSet = "all" | "none" | readonly MaskClass[];

export type SignalAction =
  | "dfl"
  | "ign"
  | { fn: (signal: SignalName) => Routine | void; restart?: boolean };

export type OpenMode = "r" | "r+" | "w" | "w+" | "a" | "a+";

/** Flags of open, with Linux's numbers. */
export const O_RDONLY = 0o0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DIRECT = 0o40000;
export const O_DIRECTORY = 0o200000;
export const O_CLOEXEC = 0o2000000;

export const OPEN_MODES: Readonly<Record<OpenMode, number>> = {
  "r": O_RDONLY,
  "r+": O_RDWR,
  "w": O_WRONLY | O_CREAT | O_TRUNC,
  "w+": O_RDWR | O_CREAT | O_TRUNC,
  "a": O_WRONLY | O_CREAT | O_APPEND,
  "a+": O_RDWR | O_CREAT | O_APPEND,
};

// ---------------------------------------------------------------- signals

/** Signal numbers as on Linux x86-64. */
export const SIGNALS = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  WINCH: 28,
} as const;
export type SignalName = keyof typeof SIGNALS;

// ---------------------------------------------------------------- errors

/** Linux's numbers and, in few words, what each means. */
export const ERRNO = {
  EPERM: [1, "operation not permitted"],
  ENOENT: [2, "no such file or directory"],
  ESRCH: [3, "no such process or thread"],
  EINTR: [4, "interrupted by a signal"],
  EIO: [5, "input/output error"],
  ENOEXEC: [8, "not a program"],
  EBADF: [9, "bad file descriptor"],
  ECHILD: [10, "no child processes"],
  EAGAIN: [11, "resource temporarily unavailable"],
  ENOMEM: [12, "out of memory"],
  EACCES: [13, "permission denied"],
  EBUSY: [16, "device or resource busy"],
  EEXIST: [17, "file exists"],
  EXDEV: [18, "not on the same file system"],
  ENOTDIR: [20, "not a directory"],
  EISDIR: [21, "is a directory"],
  EINVAL: [22, "invalid argument"],
  EMFILE: [24, "too many open files"],
  ENOTTY: [25, "not a terminal"],
  EFBIG: [27, "file too large"],
  ENOSPC: [28, "no space left on device"],
  ESPIPE: [29, "cannot seek in a pipe, socket or terminal"],
  EROFS: [30, "read-only file system"],
  EMLINK: [31, "too many links"],
  EPIPE: [32, "nobody reads the other end"],
  EDEADLK: [35, "would wait for itself"],
  ENAMETOOLONG: [36, "name too long"],
  ENOTEMPTY: [39, "directory not empty"],
  ETIME: [62, "its time limit passed"],
  ENOTSOCK: [88, "not a socket"],
  EDESTADDRREQ: [89, "no address to send it to"],
  EMSGSIZE: [90, "more than fits into one datagram"],
  EOPNOTSUPP: [95, "operation not supported"],
  EADDRINUSE: [98, "address already in use"],
  EADDRNOTAVAIL: [99, "address not available"],
  ENETUNREACH: [101, "no cable leads there"],
  ECONNRESET: [104, "connection reset by peer"],
  EISCONN: [106, "already connected"],
  ENOTCONN: [107, "not connected"],
  ETIMEDOUT: [110, "connection timed out"],
  ECONNREFUSED: [111, "connection refused"],
  EALREADY: [114, "already in progress"],
  ECANCELED: [125, "canceled"],
} as const satisfies Record<string, readonly [number, string]>;
export type ErrorCode = keyof typeof ERRNO;

/** What else is known about a failure. */
export interface ErrorDetail {
  path?: string;
  fd?: number;
  /** Replaces the stock sentence. */
  reason?: string;
  /** An interrupted sleep: what was left of it. */
  remainingNs?: number;
  /** A failed chain: one outcome per member. */
  members?: Outcome[];
}

/**
 * A call that failed: thrown through door 1, `event.error` through the others.
 * It is an `Error` to `instanceof`, but captures no stack: that would cost 2 to
 * 12 µs of host time for each EAGAIN.
 */
export class SysError {
  readonly errno: number;
  readonly path?: string;
  readonly fd?: number;
  readonly remainingNs?: number;
  readonly members?: Outcome[];
  /** Where the call was written, as the loader numbered it; 0 is unknown. */
  site = 0;
  #reason: string | undefined;

  constructor(
    readonly code: ErrorCode,
    readonly call: CallName,
    detail: ErrorDetail = {},
  ) {
    this.errno = ERRNO[code][0];
    if (detail.path !== undefined) this.path = detail.path;
    if (detail.fd !== undefined) this.fd = detail.fd;
    if (detail.remainingNs !== undefined) this.remainingNs = detail.remainingNs;
    if (detail.members !== undefined) this.members = detail.members;
    this.#reason = detail.reason;
  }

  get name(): string {
    return "SysError";
  }

  /** `/etc/nofile: ENOENT, no such file or directory` */
  get message(): string {
    const subject = this.path !== undefined
      ? this.path
      : this.fd !== undefined
      ? `${this.call}(${this.fd})`
      : this.call;
    return `${subject}: ${this.code}, ${this.#reason ?? ERRNO[this.code][1]}`;
  }

  toString(): string {
    return this.message;
  }
}
export interface SysError extends Error {}
Object.setPrototypeOf(SysError.prototype, Error.prototype);
