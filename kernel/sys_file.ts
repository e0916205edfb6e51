// Handlers of the calls on descriptors and paths: look at the arguments, find
// the open file, then one call to the object that does it. What the object is
// (pipe, inode, socket, terminal) is not known here.

import {
  type ErrorCode,
  O_APPEND,
  O_CLOEXEC,
  O_NONBLOCK,
  OPEN_MODES,
  type OpenMode,
} from "./abi.ts";
import {
  dataOf,
  fieldsOf,
  isCount,
  isOptionalBoolean,
  readCount,
} from "./arguments.ts";
import { KERNEL_SLAB, NO_BYTES } from "./bytes.ts";
import {
  type FileObject,
  isDescriptorNumber,
  OpenFile,
  READY_ERR,
  READY_HUP,
  READY_IN,
} from "./file.ts";
import { PATH_MAX } from "./params.ts";
import { Pipe } from "./pipe.ts";
import { startReady } from "./ready.ts";
import type { Operation } from "./request.ts";
import { Tty } from "./tty.ts";

// ------------------------------------------------------------- reading and writing

export function sysRead(op: Operation, fd: unknown, count: unknown): void {
  const file = readable(op, fd);
  if (file === null) return;
  const most = readCount(count);
  if (most === null) return op.fail("EINVAL", { fd: fd as number });
  if (most === 0) return op.complete(NO_BYTES);
  if (wouldWait(op, file, READY_IN)) return op.fail("EAGAIN");
  op.hold(file);
  file.object.read(op, file, most);
}

export function sysWrite(op: Operation, fd: unknown, data: unknown): void {
  const file = writable(op, fd);
  if (file === null) return;
  const bytes = dataFor(op, data);
  if (bytes === null) return op.fail("EINVAL", { fd: fd as number });
  if (bytes.length === 0) return op.complete(0);
  op.hold(file);
  file.object.write(op, file, bytes);
}

export function sysPread(
  op: Operation,
  fd: unknown,
  count: unknown,
  offset: unknown,
): void {
  const file = readable(op, fd);
  if (file === null) return;
  const most = readCount(count);
  if (file.object.pread === undefined) {
    return op.fail("ESPIPE", { fd: fd as number });
  }
  if (most === null || !isCount(offset)) return op.fail("EINVAL");
  if (most === 0) return op.complete(NO_BYTES);
  op.hold(file);
  file.object.pread(op, most, offset);
}

export function sysPwrite(
  op: Operation,
  fd: unknown,
  data: unknown,
  offset: unknown,
): void {
  const file = writable(op, fd);
  if (file === null) return;
  const bytes = dataFor(op, data);
  if (file.object.pwrite === undefined) {
    return op.fail("ESPIPE", { fd: fd as number });
  }
  if (bytes === null || !isCount(offset)) return op.fail("EINVAL");
  if (bytes.length === 0) return op.complete(0);
  op.hold(file);
  file.object.pwrite(op, bytes, offset);
}

export function sysFsync(op: Operation, fd: unknown): void {
  const file = opened(op, fd);
  if (file === null) return;
  if (file.object.fsync === undefined) {
    return op.fail("EINVAL", { fd: fd as number });
  }
  op.hold(file);
  file.object.fsync(op);
}

export function sysFtruncate(op: Operation, fd: unknown, size: unknown): void {
  const file = opened(op, fd);
  if (file === null) return;
  const { object } = file;
  if (!file.writable || object.truncate === undefined || !isCount(size)) {
    return op.fail("EINVAL", { fd: fd as number });
  }
  op.hold(file);
  object.truncate(op, size);
}

export function sysFstat(op: Operation, fd: unknown): void {
  const file = opened(op, fd);
  if (file === null) return;
  op.hold(file);
  file.object.stat(op);
}

export function sysReady(op: Operation, fd: unknown, what: unknown): void {
  const file = opened(op, fd);
  if (file === null) return;
  if (what !== "in" && what !== "out") return op.fail("EINVAL");
  op.hold(file);
  startReady(op, file, what, op.repeated);
}

// ------------------------------------------------------------- paths

export function sysOpen(op: Operation, path: unknown, mode: unknown): void {
  const flags = typeof mode === "string"
    ? (Object.hasOwn(OPEN_MODES, mode) ? OPEN_MODES[mode as OpenMode] : null)
    : mode;
  if (!isPath(op, path)) return;
  if (!isCount(flags, 0x7fff_ffff)) return op.fail("EINVAL", { path });
  const { machine, process } = op.thread;
  if (process.files.full) return op.fail("EMFILE", { path });
  machine.files.open(op, path, flags, (object) => {
    installNew(op, object, flags, path);
  });
}

/** The lowest free number, taken now that the object is there. */
function installNew(
  op: Operation,
  object: FileObject,
  flags: number,
  path: string,
): void {
  const file = new OpenFile(op.thread.machine, object, flags);
  const fd = op.thread.process.exit === null
    ? op.thread.process.files.install(file, (flags & O_CLOEXEC) !== 0)
    : "EMFILE";
  if (typeof fd === "number") return op.complete(fd);
  file.references = 1;
  file.release();
  op.fail(fd, { path });
}

export function sysReaddir(op: Operation, what: unknown): void {
  if (typeof what === "string") {
    if (isPath(op, what)) op.thread.machine.files.readdir(op, what);
    return;
  }
  const file = opened(op, what);
  if (file === null) return;
  if (file.object.readdir === undefined) {
    return op.fail("ENOTDIR", { fd: what as number });
  }
  op.hold(file);
  file.object.readdir(op);
}

export function sysUnlink(op: Operation, path: unknown): void {
  if (isPath(op, path)) op.thread.machine.files.unlink(op, path);
}
export function sysMkdir(op: Operation, path: unknown): void {
  if (isPath(op, path)) op.thread.machine.files.mkdir(op, path);
}
export function sysRmdir(op: Operation, path: unknown): void {
  if (isPath(op, path)) op.thread.machine.files.rmdir(op, path);
}
export function sysStat(op: Operation, path: unknown): void {
  if (isPath(op, path)) op.thread.machine.files.stat(op, path);
}
export function sysUtimes(op: Operation, path: unknown, ns: unknown): void {
  if (!isPath(op, path)) return;
  if (!Number.isSafeInteger(ns)) return op.fail("EINVAL", { path });
  op.thread.machine.files.utimes(op, path, ns as number);
}
export function sysStatfs(op: Operation, path: unknown): void {
  if (isPath(op, path)) op.thread.machine.files.statfs(op, path);
}
export function sysSync(op: Operation): void {
  op.thread.machine.files.sync(op);
}
export function sysLink(op: Operation, path: unknown, to: unknown): void {
  if (!isPath(op, path) || !isPath(op, to)) return;
  op.thread.machine.files.link(op, path, to);
}
export function sysRename(op: Operation, path: unknown, to: unknown): void {
  if (!isPath(op, path) || !isPath(op, to)) return;
  op.thread.machine.files.rename(op, path, to);
}

export function sysChdir(op: Operation, path: unknown): void {
  if (!isPath(op, path)) return;
  op.thread.machine.files.chdirTarget(op, path, (directory) => {
    op.thread.process.cwd = directory;
    op.complete(undefined);
  });
}

export function sysGetcwd(op: Operation): void {
  op.complete(op.thread.process.cwd);
}

// ------------------------------------------------------------- descriptors

export function sysClose(op: Operation, fd: unknown): void {
  if (op.thread.process.files.close(fd)) return op.complete(undefined);
  badDescriptor(op, fd);
}

export function sysDup(op: Operation, fd: unknown): void {
  const file = opened(op, fd);
  if (file === null) return;
  finishInstall(op, op.thread.process.files.install(file));
}

export function sysDup2(op: Operation, fd: unknown, to: unknown): void {
  const file = opened(op, fd);
  if (file === null) return;
  if (!isDescriptorNumber(to)) return badDescriptor(op, to);
  if (fd !== to) op.thread.process.files.replace(to, file);
  op.complete(to);
}

export function sysPipe(op: Operation): void {
  const { process, machine } = op.thread;
  const pipe = new Pipe(machine);
  const reading = new OpenFile(machine, pipe.readEnd, 0);
  const writing = new OpenFile(machine, pipe.writeEnd, 1);
  const first = process.files.install(reading);
  const second = process.files.install(writing);
  if (typeof first === "number" && typeof second === "number") {
    return op.complete([first, second]);
  }
  if (typeof first === "number") process.files.close(first);
  else letGo(reading);
  letGo(writing);
  op.fail("EMFILE");
}

function letGo(file: OpenFile): void {
  file.references = 1;
  file.release();
}

export function sysLseek(
  op: Operation,
  fd: unknown,
  offset: unknown,
  whence: unknown,
): void {
  const file = opened(op, fd);
  if (file === null) return;
  const { object } = file;
  if (!object.seekable) return op.fail("ESPIPE", { fd: fd as number });
  const from = whence === "set"
    ? 0
    : whence === "cur"
    ? file.offset
    : whence === "end"
    ? (object.size?.() ?? 0)
    : null;
  const to = from === null || !Number.isInteger(offset)
    ? -1
    : from + (offset as number);
  if (!isCount(to)) return op.fail("EINVAL", { fd: fd as number });
  file.offset = to;
  op.complete(to);
}

export function sysFcntl(op: Operation, fd: unknown, options: unknown): void {
  const file = opened(op, fd);
  if (file === null) return;
  const fields = fieldsOf(options, ["cloexec", "nonblock", "append"]);
  if (fields === null) return op.fail("EINVAL");
  const { cloexec, nonblock, append } = fields;
  if (![cloexec, nonblock, append].every(isOptionalBoolean)) {
    return op.fail("EINVAL");
  }
  const { files } = op.thread.process;
  if (cloexec !== undefined) files.setCloexec(fd, cloexec as boolean);
  if (nonblock !== undefined) setFlag(file, O_NONBLOCK, nonblock as boolean);
  if (append !== undefined) setFlag(file, O_APPEND, append as boolean);
  op.complete({
    cloexec: files.cloexec(fd),
    nonblock: file.nonblocking,
    append: file.appending,
  });
}

function setFlag(file: OpenFile, flag: number, on: boolean): void {
  file.flags = on ? file.flags | flag : file.flags & ~flag;
}

// ------------------------------------------------------------- the terminal

export function sysIsatty(op: Operation, fd: unknown): void {
  const file = opened(op, fd);
  if (file !== null) op.complete(file.object instanceof Tty);
}

export function sysTcsetpgrp(op: Operation, fd: unknown, group: unknown): void {
  const tty = terminal(op, fd);
  if (tty === null) return;
  const { processes } = op.thread.machine;
  const known = [...processes.values()].some((each) => each.group === group);
  if (!isCount(group) || !known) {
    return op.fail("EPERM", { reason: "no such group" });
  }
  op.complete(undefined);
  tty.setForeground(group);
}

export function sysTcgetpgrp(op: Operation, fd: unknown): void {
  const tty = terminal(op, fd);
  if (tty !== null) op.complete(tty.foreground);
}

export function sysTtymode(
  op: Operation,
  fd: unknown,
  mode: unknown,
  options: unknown,
): void {
  const tty = terminal(op, fd);
  if (tty === null) return;
  const fields = fieldsOf(options, ["echo"]);
  if (fields === null || !isOptionalBoolean(fields.echo)) {
    return op.fail("EINVAL");
  }
  if (mode === "raw" || mode === "cooked") {
    const echo = fields.echo as boolean | undefined;
    tty.setMode(mode, echo ?? mode === "cooked");
  } else if (mode !== undefined) return op.fail("EINVAL");
  const { mode: now, echo, columns, rows, atLineStart } = tty;
  op.complete({ mode: now, echo, columns, rows, atLineStart });
}

function terminal(op: Operation, fd: unknown): Tty | null {
  const file = opened(op, fd);
  if (file === null) return null;
  if (file.object instanceof Tty) return file.object;
  op.fail("ENOTTY", { fd: fd as number });
  return null;
}

// ------------------------------------------------------------- what they share

/** The open file of a number, or the operation has failed with EBADF. */
export function opened(op: Operation, fd: unknown): OpenFile | null {
  const file = fileOf(op, fd);
  if (file === null) badDescriptor(op, fd);
  return file;
}

/** The open file of a number; a multishot request keeps the one it began with. */
export function fileOf(op: Operation, fd: unknown): OpenFile | null {
  return op.kept ?? op.thread.process.files.get(fd);
}

export function badDescriptor(op: Operation, fd: unknown): void {
  op.fail("EBADF", typeof fd === "number" ? { fd } : {});
}

export function finishInstall(op: Operation, fd: number | ErrorCode): void {
  if (typeof fd === "number") op.complete(fd);
  else op.fail(fd);
}

function readable(op: Operation, fd: unknown): OpenFile | null {
  const file = opened(op, fd);
  if (file === null || file.readable) return file;
  op.fail("EBADF", { fd: fd as number, reason: "not open for reading" });
  return null;
}

function writable(op: Operation, fd: unknown): OpenFile | null {
  const file = opened(op, fd);
  if (file === null || file.writable) return file;
  op.fail("EBADF", { fd: fd as number, reason: "not open for writing" });
  return null;
}

/** O_NONBLOCK speaks at door 1 only: the other doors never wait. */
function wouldWait(op: Operation, file: OpenFile, bit: number): boolean {
  if (!op.atDoorOne || !file.nonblocking) return false;
  const { object } = file;
  return object.watchers !== null &&
    (object.readiness(file) & (bit | READY_HUP | READY_ERR)) === 0;
}

/** What is written later must not change meanwhile. */
function dataFor(op: Operation, data: unknown): Uint8Array | null {
  const bytes = dataOf(data);
  return bytes === null || op.atDoorOne || bytes !== data
    ? bytes
    : KERNEL_SLAB.copyOf(bytes);
}

function isPath(op: Operation, path: unknown): path is string {
  if (typeof path !== "string") {
    op.fail("EINVAL", { reason: "a path is text" });
    return false;
  }
  if (path.length <= PATH_MAX) return true;
  op.fail("ENAMETOOLONG", { path: path.slice(0, 64) + "…" });
  return false;
}
