// The table of calls, and nothing else: name → handler. A missing row is a type
// error. `start` looks a call up and lets its handler run; a handler ends its
// operation at once, or leaves it waiting.

import {
  type Call,
  CALL_NAMES,
  type CallName,
  type Request,
  REQUEST_NAMES,
} from "./abi.ts";
import { isHostile, timeNs } from "./arguments.ts";
import { type Operation, PENDING } from "./request.ts";
import {
  sysChdir,
  sysClose,
  sysDup,
  sysDup2,
  sysFcntl,
  sysFstat,
  sysFsync,
  sysFtruncate,
  sysGetcwd,
  sysIsatty,
  sysLink,
  sysLseek,
  sysMkdir,
  sysOpen,
  sysPipe,
  sysPread,
  sysPwrite,
  sysRead,
  sysReaddir,
  sysReady,
  sysRename,
  sysRmdir,
  sysStat,
  sysStatfs,
  sysSync,
  sysTcgetpgrp,
  sysTcsetpgrp,
  sysTtymode,
  sysUnlink,
  sysUtimes,
  sysWrite,
} from "./sys_file.ts";
import {
  sysEnviron,
  sysExit,
  sysGetpgid,
  sysGetpid,
  sysGetppid,
  sysGettid,
  sysSetpgid,
  sysWaitpid,
} from "./sys_process.ts";
import { sysKill, sysSigaction } from "./sys_signal.ts";
import { sysExec, sysSpawn } from "./sys_spawn.ts";
import {
  sysDetach,
  sysGetpriority,
  sysJoin,
  sysSetpriority,
  sysThread,
} from "./sys_thread.ts";
import {
  sysCancel,
  sysChain,
  sysMask,
  sysPause,
  sysPoll,
  sysPush,
  sysQueue,
  sysSubmit,
  sysWait,
} from "./sys_queue.ts";
import {
  sysAccept,
  sysBind,
  sysConnect,
  sysGetpeername,
  sysGetsockname,
  sysListen,
  sysRecvfrom,
  sysSendto,
  sysSetsockopt,
  sysShutdown,
  sysSocket,
} from "./sys_socket.ts";
import {
  sysClock,
  sysCompute,
  sysFutexWait,
  sysFutexWake,
  sysNop,
  sysRandom,
  sysSleep,
  sysYieldCpu,
} from "./sys_time.ts";

/** Ends the operation, now or later, exactly once. */
export type Handler = (
  op: Operation,
  a: unknown,
  b: unknown,
  c: unknown,
  d: unknown,
) => void;

const TABLE: { readonly [C in CallName]: Handler } = {
  // requests, through all three doors
  read: sysRead,
  write: sysWrite,
  pread: sysPread,
  pwrite: sysPwrite,
  open: sysOpen,
  close: sysClose,
  fsync: sysFsync,
  ftruncate: sysFtruncate,
  unlink: sysUnlink,
  link: sysLink,
  rename: sysRename,
  mkdir: sysMkdir,
  rmdir: sysRmdir,
  stat: sysStat,
  fstat: sysFstat,
  readdir: sysReaddir,
  sync: sysSync,
  statfs: sysStatfs,
  utimes: sysUtimes,
  connect: sysConnect,
  accept: sysAccept,
  sendto: sysSendto,
  recvfrom: sysRecvfrom,
  ready: sysReady,
  sleep: sysSleep,
  waitpid: sysWaitpid,
  join: sysJoin,
  futexWait: sysFutexWait,
  nop: sysNop,
  chain: sysChain,
  // control calls, door 1 only
  submit: sysSubmit,
  poll: sysPoll,
  wait: sysWait,
  cancel: sysCancel,
  queue: sysQueue,
  push: sysPush,
  mask: sysMask,
  pause: sysPause,
  spawn: sysSpawn,
  exec: sysExec,
  exit: sysExit,
  thread: sysThread,
  detach: sysDetach,
  getpid: sysGetpid,
  gettid: sysGettid,
  getppid: sysGetppid,
  kill: sysKill,
  sigaction: sysSigaction,
  setpgid: sysSetpgid,
  getpgid: sysGetpgid,
  setpriority: sysSetpriority,
  getpriority: sysGetpriority,
  dup: sysDup,
  dup2: sysDup2,
  lseek: sysLseek,
  pipe: sysPipe,
  fcntl: sysFcntl,
  isatty: sysIsatty,
  chdir: sysChdir,
  getcwd: sysGetcwd,
  socket: sysSocket,
  bind: sysBind,
  listen: sysListen,
  shutdown: sysShutdown,
  getsockname: sysGetsockname,
  getpeername: sysGetpeername,
  setsockopt: sysSetsockopt,
  tcsetpgrp: sysTcsetpgrp,
  tcgetpgrp: sysTcgetpgrp,
  ttymode: sysTtymode,
  clock: sysClock,
  random: sysRandom,
  environ: sysEnviron,
  compute: sysCompute,
  yieldCpu: sysYieldCpu,
  futexWake: sysFutexWake,
};

const REQUESTS = REQUEST_NAMES.length;
const HANDLERS: readonly Handler[] = CALL_NAMES.map((name) => TABLE[name]);

/** Starts a call as this operation. */
export function start(op: Operation, call: Call<unknown>): void {
  op.begin(call);
  try {
    handle(op, call);
  } catch (error) {
    if (op.state !== PENDING || !isHostile(call)) throw error;
    op.fail("EINVAL", { reason: "an argument throws when it is looked at" });
  }
}

function handle(op: Operation, call: Call<unknown>): void {
  const handler = HANDLERS[call.number];
  if (handler === undefined) return op.fail("EINVAL");
  if (call.number >= REQUESTS) {
    return handler(op, call.a, call.b, call.c, call.d);
  }
  const { limitNs } = call as Request;
  if (limitNs === null) return handler(op, call.a, call.b, call.c, call.d);
  const limit = timeNs(limitNs);
  if (limit === null) {
    return op.fail("EINVAL", { reason: "the limit is no time" });
  }
  handler(op, call.a, call.b, call.c, call.d);
  if (op.state === PENDING) op.limitTo(limit);
}
