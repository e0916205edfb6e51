// The calls, one function each. A call builds a request (or a control call) and
// does nothing else: it is data until it goes through a door. Nothing here
// knows the kernel; `yield*` on what these functions return is the trap.

import {
  type Address,
  CALL,
  Cell,
  Control,
  type Event,
  type FcntlOptions,
  type Handle,
  type Main,
  type MaskSet,
  type OpenMode,
  type Queue,
  Request,
  type RequestName,
  type Routine,
  type SignalAction,
  type SignalName,
  type SocketOptions,
  type SpawnOptions,
  type SubmitOptions,
  type TtyState,
  type WaitOptions,
  type WaitpidOptions,
} from "../kernel/abi.ts";

export type {
  Address,
  CallName,
  Calls,
  ChildStatus,
  DirectoryEntry,
  ErrorCode,
  Event,
  FcntlOptions,
  FileType,
  Main,
  MaskClass,
  MaskSet,
  OpenMode,
  Outcome,
  Program,
  Readiness,
  RequestName,
  Routine,
  SignalAction,
  SignalName,
  SocketOptions,
  SpawnOptions,
  Stat,
  StatFs,
  SubmitOptions,
  TtyState,
  WaitOptions,
  WaitpidOptions,
} from "../kernel/abi.ts";
export {
  Cell,
  Control,
  ERRNO,
  Handle,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_EXCL,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  Queue,
  Request,
  SIGNALS,
  SysError,
} from "../kernel/abi.ts";

// ------------------------------------------------------------- units

/** Nanoseconds: the unit of every time in Kettle. */
export const ns = 1;
export const us = 1_000;
export const ms = 1_000_000;
export const s = 1_000_000_000;
export const KiB = 1024;
export const MiB = 1024 * 1024;

// ------------------------------------------------------------- files

/**
 * Reads up to `count` bytes: at least one, or none at the end of the file.
 * Fails with EBADF, EISDIR, EINVAL, ENOTCONN, ECONNRESET; through door 1 also
 * EINTR and EAGAIN.
 */
export function read(fd: number, count: number): Request<"read"> {
  return new Request<"read">(CALL.read, fd, count);
}

/**
 * Writes all of `data` (text as UTF-8) and gives the number of bytes. Fails
 * with EBADF, EPIPE (door 1 also gets SIGPIPE), ENOSPC, ENOTCONN.
 */
export function write(
  fd: number,
  data: Uint8Array | string,
): Request<"write"> {
  return new Request<"write">(CALL.write, fd, data);
}

/** Reads at `offset` bytes without moving the descriptor's own offset. ESPIPE on a pipe. */
export function pread(
  fd: number,
  count: number,
  offset: number,
): Request<"pread"> {
  return new Request<"pread">(CALL.pread, fd, count, offset);
}

/** Writes at `offset` bytes without moving the descriptor's own offset. ESPIPE on a pipe. */
export function pwrite(
  fd: number,
  data: Uint8Array | string,
  offset: number,
): Request<"pwrite"> {
  return new Request<"pwrite">(CALL.pwrite, fd, data, offset);
}

/**
 * Opens a file and gives the lowest free number, taken when the open completes.
 * `flags` is a mode as in C's fopen, or O_… numbers. Fails with ENOENT, EEXIST,
 * EISDIR, ENOTDIR, EMFILE, ENAMETOOLONG, ENOSPC.
 */
export function open(
  path: string,
  flags: OpenMode | number = "r",
): Request<"open"> {
  return new Request<"open">(CALL.open, path, flags);
}

/** Frees the number at once; requests already under way on the file go on. EBADF. */
export function close(fd: number): Request<"close"> {
  return new Request<"close">(CALL.close, fd);
}

/** Completes when the file's bytes are on the platter. EINVAL on a pipe. */
export function fsync(fd: number): Request<"fsync"> {
  return new Request<"fsync">(CALL.fsync, fd);
}

/** Makes the file `size` bytes long: the rest is lost, or reads as zeros. EINVAL. */
export function ftruncate(fd: number, size: number): Request<"ftruncate"> {
  return new Request<"ftruncate">(CALL.ftruncate, fd, size);
}

/** Removes a name; an open file lives on. ENOENT, EISDIR. */
export function unlink(path: string): Request<"unlink"> {
  return new Request<"unlink">(CALL.unlink, path);
}

/** Gives the file at `path` a second name. EEXIST, ENOENT, EPERM for a directory. */
export function link(path: string, newPath: string): Request<"link"> {
  return new Request<"link">(CALL.link, path, newPath);
}

/** Renames, replacing atomically. ENOENT, ENOTEMPTY, EISDIR, ENOTDIR, EINVAL. */
export function rename(path: string, newPath: string): Request<"rename"> {
  return new Request<"rename">(CALL.rename, path, newPath);
}

/** Makes a directory. EEXIST, ENOENT, ENOTDIR, ENOSPC. */
export function mkdir(path: string): Request<"mkdir"> {
  return new Request<"mkdir">(CALL.mkdir, path);
}

/** Removes an empty directory. ENOTEMPTY, ENOTDIR, ENOENT, EINVAL for `.`. */
export function rmdir(path: string): Request<"rmdir"> {
  return new Request<"rmdir">(CALL.rmdir, path);
}

/** Tells inode number, type, size in bytes, links and time of change. ENOENT, ENOTDIR. */
export function stat(path: string): Request<"stat"> {
  return new Request<"stat">(CALL.stat, path);
}

/** As {@link stat}, for an open file. EBADF. */
export function fstat(fd: number): Request<"fstat"> {
  return new Request<"fstat">(CALL.fstat, fd);
}

/** Lists a directory in name order, without `.` and `..`. ENOENT, ENOTDIR. */
export function readdir(path: string | number): Request<"readdir"> {
  return new Request<"readdir">(CALL.readdir, path);
}

/** Completes when everything written so far, by anybody, is on the platter. */
export function sync(): Request<"sync"> {
  return new Request<"sync">(CALL.sync);
}

/** Sets the time of the last change, in ns since the boot date; it may be before it. ENOENT, ENOTDIR, EROFS, EINVAL. */
export function utimes(path: string, mtimeNs: number): Request<"utimes"> {
  return new Request<"utimes">(CALL.utimes, path, mtimeNs);
}

/** Tells about the file system that holds `path`: sizes in blocks of `blockBytes`. ENOENT, ENOTDIR. */
export function statfs(path: string): Request<"statfs"> {
  return new Request<"statfs">(CALL.statfs, path);
}

// ------------------------------------------------------------- waiting for other things

/** Connects a socket. ECONNREFUSED, ETIMEDOUT after 131 s, EISCONN, ENETUNREACH. */
export function connect(fd: number, to: Address): Request<"connect"> {
  return new Request<"connect">(CALL.connect, fd, to);
}

/** Takes the oldest established connection and gives its number. EINVAL, ENOTSOCK, EMFILE. */
export function accept(fd: number): Request<"accept"> {
  return new Request<"accept">(CALL.accept, fd);
}

/** Sends one datagram of up to 1472 bytes; whether it arrives, nobody knows. EMSGSIZE, ENETUNREACH, EDESTADDRREQ. */
export function sendto(
  fd: number,
  data: Uint8Array | string,
  to?: Partial<Address> & { port: number },
): Request<"sendto"> {
  return new Request<"sendto">(CALL.sendto, fd, data, to);
}

/** Takes the next datagram, cut to `count` bytes, and who sent it. EOPNOTSUPP on a stream. */
export function recvfrom(fd: number, count: number): Request<"recvfrom"> {
  return new Request<"recvfrom">(CALL.recvfrom, fd, count);
}

/** Completes when a read ("in") or write ("out") would not wait. EBADF. */
export function ready(fd: number, what: "in" | "out"): Request<"ready"> {
  return new Request<"ready">(CALL.ready, fd, what);
}

/** Sleeps `time` nanoseconds, or until an instant of the virtual clock. EINVAL, EINTR with `remainingNs`. */
export function sleep(
  time: number | { until: number },
): Request<"sleep"> {
  return new Request<"sleep">(CALL.sleep, time);
}

/**
 * Collects a child that has ended: any (no pid, or −1), one, or one of a group
 * (−group). ECHILD if there is none to wait for.
 */
export function waitpid(
  pid = -1,
  options: WaitpidOptions = {},
): Request<"waitpid"> {
  return new Request<"waitpid">(CALL.waitpid, pid, options);
}

/** Waits for a thread of this process and gives what it returned, once. ESRCH, EINVAL, EDEADLK. */
export function join(tid: number): Request<"join"> {
  return new Request<"join">(CALL.join, tid);
}

/** Waits on a cell if it still holds `expected`, else EAGAIN. */
export function futexWait(cell: Cell, expected: number): Request<"futexWait"> {
  return new Request<"futexWait">(CALL.futexWait, cell, expected);
}

/** Completes at once. */
export function nop(): Request<"nop"> {
  return new Request<"nop">(CALL.nop);
}

/**
 * Runs requests one after another as one request: each starts when the one
 * before is done, a failure or a short count cancels the rest. Its value, or
 * its `error.members`, holds an outcome for each member.
 */
export function chain(...members: Request[]): Request<"chain"> {
  for (const member of members) {
    if (member instanceof Request) member.used = true;
  }
  return new Request<"chain">(CALL.chain, members);
}

/** Puts a time limit on a request, through whichever door it goes: past it, ETIME. */
export function within<C extends RequestName>(
  limitNs: number,
  request: Request<C>,
): Request<C> {
  const { limitNs: before } = request;
  request.limitNs = before !== null && before < limitNs ? before : limitNs;
  return request;
}

// ------------------------------------------------------------- doors 2 and 3

/** Door 2: starts the request and gives a handle at once. EAGAIN if too many are under way. */
export function submit<C extends RequestName>(
  request: Request<C>,
  options?: SubmitOptions,
): Control<Handle<C>> {
  return new Control(CALL.submit, taken(request), options);
}

/** Looks for events and never waits: at one handle, several, a queue, or all of this thread's. */
export function poll<C extends RequestName>(
  handle: Handle<C>,
): Control<Event<C> | null>;
export function poll(from?: Queue | Handle[]): Control<Event[]>;
export function poll(from?: unknown): Control<unknown> {
  return new Control(CALL.poll, from);
}

/**
 * Waits for events at one handle, several, a queue, or all of this thread's. A
 * timeout ends the waiting, never the request. ENOENT if nothing is pending or
 * untaken, EINTR after a signal handler ran.
 */
export function wait<C extends RequestName>(
  handle: Handle<C>,
): Control<Event<C>>;
export function wait<C extends RequestName>(
  handle: Handle<C>,
  options: { timeout: number },
): Control<Event<C> | null>;
export function wait(
  from?: Queue | Handle[],
  options?: WaitOptions,
): Control<Event[]>;
export function wait(options: WaitOptions): Control<Event[]>;
export function wait(from?: unknown, options?: WaitOptions): Control<unknown> {
  return new Control(CALL.wait, from, options);
}

/**
 * Withdraws: one request ("cancelled", "done", or "busy" when a device has it),
 * or all that wait on a descriptor or report to a queue (their number).
 */
export function cancel(
  handle: Handle,
): Control<"cancelled" | "done" | "busy">;
export function cancel(what: { fd: number } | Queue): Control<number>;
export function cancel(what: unknown): Control<unknown> {
  return new Control(CALL.cancel, what);
}

/** Makes an event queue. A multishot request pauses at `capacity` untaken events. */
export function queue(
  options: { capacity?: number } = {},
): Control<Queue> {
  return new Control(CALL.queue, options);
}

/** Door 3: starts the request; the kernel interrupts this thread with `fn` when it is done. */
export function push<C extends RequestName>(
  request: Request<C>,
  fn: (event: Event<C>) => Routine | void,
): Control<Handle<C>>;
export function push<C extends RequestName>(
  request: Request<C>,
  options: Omit<SubmitOptions, "queue">,
  fn: (event: Event<C>) => Routine | void,
): Control<Handle<C>>;
export function push(
  request: Request,
  second: unknown,
  third?: unknown,
): Control<Handle> {
  const fn = third === undefined ? second : third;
  const options = third === undefined ? undefined : second;
  return new Control(CALL.push, taken(request), options, fn);
}

/** Sets which callbacks and signals are held back and gives what was held before. */
export function mask(set: MaskSet): Control<MaskSet> {
  return new Control(CALL.mask, set);
}

/** Runs `body` with all callbacks and signals held back; they run when it ends. */
export function* masked<T>(body: () => Routine<T>): Routine<T> {
  const before: MaskSet = yield* mask("all");
  try {
    return yield* body();
  } finally {
    yield* mask(before);
  }
}

/** Sleeps until a callback or signal handler has run; at once if one ran since the last pause. */
export function pause(): Control<void> {
  return new Control(CALL.pause);
}

// ------------------------------------------------------------- processes and threads

/**
 * Starts a program, by path or by function, as a child process and gives its
 * pid. ENOENT, ENOEXEC, EACCES, EAGAIN (no memory), EBADF in `fds`.
 */
export function spawn(
  program: string | Main,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): Control<number> {
  return new Control(CALL.spawn, program, args, options);
}

/** Replaces this process by another program; comes back only by failing. */
export function exec(
  program: string | Main,
  args: readonly string[] = [],
  options: { env?: Record<string, string>; name?: string } = {},
): Control<never> {
  return new Control(CALL.exec, program, args, options);
}

/** Ends the process with a status 0–255. */
export function exit(status = 0): Control<never> {
  return new Control(CALL.exit, status);
}

/** Starts a thread of this process running `fn(arg)` and gives its tid. EAGAIN when no stack is left. */
export function thread<A>(
  fn: (arg: A) => Routine<unknown>,
  arg: A,
): Control<number>;
export function thread(fn: () => Routine<unknown>): Control<number>;
export function thread(fn: unknown, arg?: unknown): Control<number> {
  return new Control(CALL.thread, fn, arg);
}

/** Says that nobody will join this thread. ESRCH, EINVAL. */
export function detach(tid: number): Control<void> {
  return new Control(CALL.detach, tid);
}

export function getpid(): Control<number> {
  return new Control(CALL.getpid);
}
export function gettid(): Control<number> {
  return new Control(CALL.gettid);
}
export function getppid(): Control<number> {
  return new Control(CALL.getppid);
}

/** Sends a signal to a process, or to the group −pid; signal 0 only asks whether it exists. ESRCH, EINVAL. */
export function kill(pid: number, signal: SignalName | 0): Control<void> {
  return new Control(CALL.kill, pid, signal);
}

/** Says what a signal does: "dfl", "ign", or a handler. EINVAL for KILL and STOP. */
export function sigaction(
  signal: SignalName,
  action: SignalAction,
): Control<SignalAction> {
  return new Control(CALL.sigaction, signal, action);
}

/** Puts a process into a group (0: its own). ESRCH, EINVAL. */
export function setpgid(pid: number, group: number): Control<void> {
  return new Control(CALL.setpgid, pid, group);
}
export function getpgid(pid = 0): Control<number> {
  return new Control(CALL.getpgid, pid);
}

/** The weight of a thread, of this process or another. ESRCH. */
export function getpriority(tid: number): Control<number> {
  return new Control(CALL.getpriority, tid);
}

/** Sets a thread's weight (1–100; 10 if nothing was said) for the `fair` scheduler; the others ignore it. */
export function setpriority(tid: number, weight: number): Control<void> {
  return new Control(CALL.setpriority, tid, weight);
}

// ------------------------------------------------------------- descriptors

/** A second number for the same open file. EBADF, EMFILE. */
export function dup(fd: number): Control<number> {
  return new Control(CALL.dup, fd);
}
/** Makes `to` mean what `fd` means, closing what it meant before. EBADF. */
export function dup2(fd: number, to: number): Control<number> {
  return new Control(CALL.dup2, fd, to);
}
/** Moves the offset (bytes) and gives the new one. ESPIPE, EINVAL. */
export function lseek(
  fd: number,
  offset: number,
  whence: "set" | "cur" | "end" = "set",
): Control<number> {
  return new Control(CALL.lseek, fd, offset, whence);
}
/** A pipe of 64 KiB: the read end and the write end. EMFILE. */
export function pipe(): Control<[number, number]> {
  return new Control(CALL.pipe);
}
/** Changes (and tells) close-on-exec of the number, O_NONBLOCK and O_APPEND of the open file. */
export function fcntl(
  fd: number,
  options: FcntlOptions = {},
): Control<Required<FcntlOptions>> {
  return new Control(CALL.fcntl, fd, options);
}
export function isatty(fd: number): Control<boolean> {
  return new Control(CALL.isatty, fd);
}
export function chdir(path: string): Control<void> {
  return new Control(CALL.chdir, path);
}
export function getcwd(): Control<string> {
  return new Control(CALL.getcwd);
}

// ------------------------------------------------------------- sockets

/** A socket: a stream (TCP), for datagrams (UDP), or for echoes (as ping has them). EMFILE. */
export function socket(
  kind: "stream" | "datagram" | "echo" = "stream",
): Control<number> {
  return new Control(CALL.socket, kind);
}
/** Takes a port; port 0 takes a free one. EADDRINUSE, EINVAL. */
export function bind(
  fd: number,
  address: Partial<Address> & { port: number },
): Control<void> {
  return new Control(CALL.bind, fd, address);
}
/** Lets up to `backlog` established connections wait to be accepted. EINVAL. */
export function listen(fd: number, backlog = 128): Control<void> {
  return new Control(CALL.listen, fd, backlog);
}
/** Ends one direction, or both. ENOTCONN. */
export function shutdown(
  fd: number,
  how: "rd" | "wr" | "rdwr",
): Control<void> {
  return new Control(CALL.shutdown, fd, how);
}
export function getsockname(fd: number): Control<Address> {
  return new Control(CALL.getsockname, fd);
}
export function getpeername(fd: number): Control<Address> {
  return new Control(CALL.getpeername, fd);
}
export function setsockopt(
  fd: number,
  options: SocketOptions,
): Control<void> {
  return new Control(CALL.setsockopt, fd, options);
}

// ------------------------------------------------------------- terminal, time, the rest

/** Makes a group the one that gets the terminal's ^C and may read keys. ENOTTY. */
export function tcsetpgrp(fd: number, group: number): Control<void> {
  return new Control(CALL.tcsetpgrp, fd, group);
}
export function tcgetpgrp(fd: number): Control<number> {
  return new Control(CALL.tcgetpgrp, fd);
}
/** Cooked: lines, echo, ^C. Raw: every key as it comes. Gives mode and size in cells. */
export function ttymode(
  fd: number,
  mode?: "cooked" | "raw",
  options: { echo?: boolean } = {},
): Control<TtyState> {
  return new Control(CALL.ttymode, fd, mode, options);
}
/** The virtual clock: nanoseconds since the world began. */
export function clock(): Control<number> {
  return new Control(CALL.clock);
}
/** A number in [0, 1) drawn from the world's seed; with a key, always the same one. */
export function random(key?: string | number): Control<number> {
  return new Control(CALL.random, key);
}
/** This process's environment (a copy). */
export function environ(): Control<Record<string, string>> {
  return new Control(CALL.environ);
}
/** Uses the CPU for `time` ns. It can be cut at any nanosecond; the rest is kept. */
export function compute(time: number): Control<void> {
  return new Control(CALL.compute, time);
}
/** Goes to the end of the run queue. */
export function yieldCpu(): Control<void> {
  return new Control(CALL.yieldCpu);
}
/** Wakes up to `count` of the longest waiting on the cell and tells how many. */
export function futexWake(cell: Cell, count = 1): Control<number> {
  return new Control(CALL.futexWake, cell, count);
}

/** A cell for futexes. */
export function cell(value = 0): Cell {
  return new Cell(value);
}

/** A request that goes into another call is used by that. */
function taken<C extends RequestName>(request: Request<C>): Request<C> {
  if (request instanceof Request) {
    if (request.used) request.next(); // throws UsedTwice
    request.used = true;
  }
  return request;
}
