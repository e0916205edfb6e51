// rshd [PORT]: runs command lines for other machines. A client sends one line; a
// shell runs it here, and what it prints goes back as it comes, then its exit
// status. A thread serves each client. Its standard input is empty. A client
// that goes away takes its command with it. It trusts everybody: here the network
// is a toy's.

import {
  accept,
  bind,
  cancel,
  close,
  type Event,
  type Handle,
  kill,
  listen,
  open,
  pipe,
  type Program,
  read,
  type Routine,
  sigaction,
  SIGNALS,
  socket,
  spawn,
  submit,
  SysError,
  thread,
  wait,
  waitpid,
  write,
} from "kettle";
import { joined, NOTHING } from "../lib/http.ts";
import {
  COMMAND_BYTES_MAX,
  commandIn,
  dataFrame,
  exitFrame,
  SHELL_PORT,
} from "../lib/remote.ts";

const CHUNK_BYTES = 4096;
const NOT_RUNNABLE = 126;

export default function* main(args: string[]): Program {
  yield* sigaction("PIPE", "ign"); // a client that went away is no end of ours
  const listener = yield* socket();
  yield* bind(listener, { port: Number(args[0] ?? SHELL_PORT) });
  yield* listen(listener);
  while (true) yield* thread(serve, yield* accept(listener));
}

function* serve(client: number): Routine {
  try {
    const command = yield* readCommand(client);
    if (command !== null) yield* run(command, client);
  } catch (error) {
    if (!(error instanceof SysError)) throw error; // the client has gone
  }
  yield* close(client);
}

/** The one line; null: the client ended before it, or it is too long. */
function* readCommand(client: number): Routine<string | null> {
  let inbox = NOTHING;
  while (inbox.length <= COMMAND_BYTES_MAX) {
    const arrived = yield* read(client, CHUNK_BYTES);
    if (arrived.length === 0) return null;
    inbox = joined(inbox, arrived);
    const command = commandIn(inbox);
    if (command !== null) return command;
  }
  return null;
}

function* run(command: string, client: number): Routine {
  const [output, outputEnd] = yield* pipe();
  const [errors, errorsEnd] = yield* pipe();
  const nothing = yield* open("/dev/null");
  let pid = 0;
  try {
    pid = yield* spawn("/bin/sh", ["-c", command], {
      fds: { 0: nothing, 1: outputEnd, 2: errorsEnd },
      group: 0,
      cwd: "/home",
      name: "sh",
    });
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(client, exitFrame(NOT_RUNNABLE));
  }
  for (const fd of [nothing, outputEnd, errorsEnd]) yield* close(fd);
  const job = new Job(client, pid, output, errors);
  if (pid > 0) yield* job.follow();
  for (const fd of [output, errors]) yield* close(fd);
}

/** One of the two outputs of a command. */
class Stream {
  /** The read under way; null: it has ended. */
  handle: Handle | null = null;

  constructor(readonly kind: "o" | "e", readonly fd: number) {}

  *readOn(): Routine {
    this.handle = yield* submit(read(this.fd, CHUNK_BYTES));
  }
}

/** A command that runs: what it prints is read, its end and its client's awaited. */
class Job {
  readonly #client: number;
  readonly #pid: number;
  readonly #streams: Stream[];

  constructor(client: number, pid: number, output: number, errors: number) {
    this.#client = client;
    this.#pid = pid;
    this.#streams = [new Stream("o", output), new Stream("e", errors)];
  }

  /** To the end of the command, or to that of its client. */
  *follow(): Routine {
    for (const stream of this.#streams) yield* stream.readOn();
    const ending = yield* submit(waitpid(this.#pid));
    const leaving = yield* submit(read(this.#client, 1));
    let isHeard = true;
    while (true) {
      const reads = this.#streams.flatMap(({ handle }) => handle ?? []);
      const guard = isHeard ? [leaving] : [];
      const handles = [...reads, ...guard, ending];
      const [event] = yield* wait(handles, { max: 1 });
      if (event === undefined) continue;
      if (event.handle === ending) {
        if (isHeard) yield* withdraw(leaving);
        return yield* this.#finish(statusOf(event), isHeard);
      }
      const isLost = event.handle === leaving ||
        !(yield* this.#pass(event, isHeard));
      if (!isLost || !isHeard) continue;
      if (event.handle !== leaving) yield* withdraw(leaving);
      isHeard = false;
      yield* kill(-this.#pid, "HUP");
    }
  }

  /** Bytes go to the client, if there is one; false: it is gone. */
  *#pass(event: Event, isHeard: boolean): Routine<boolean> {
    const stream = this.#streams.find((it) => it.handle === event.handle);
    if (stream === undefined) return true;
    stream.handle = null;
    if (!event.ok || event.call !== "read" || event.value.length === 0) {
      return true;
    }
    yield* stream.readOn();
    if (!isHeard) return true;
    return yield* this.#send(dataFrame(stream.kind, event.value));
  }

  /** The shell has ended: what there is to read is sent, then how it ended. */
  *#finish(status: number, isHeard: boolean): Routine {
    for (const stream of this.#streams) {
      while (stream.handle !== null) {
        const { handle } = stream;
        const isEmpty = (yield* cancel(handle)) === "cancelled";
        yield* this.#pass(yield* wait(handle), isHeard);
        if (isEmpty) break;
      }
    }
    if (isHeard) yield* this.#send(exitFrame(status));
  }

  *#send(frame: Uint8Array): Routine<boolean> {
    try {
      yield* write(this.#client, frame);
      return true;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return false;
    }
  }
}

function* withdraw(handle: Handle): Routine {
  yield* cancel(handle);
  yield* wait(handle);
}

/** As a shell tells it. */
function statusOf(event: Event): number {
  if (!event.ok || event.call !== "waitpid") return NOT_RUNNABLE;
  const { status = 0, signal } = event.value;
  return signal === undefined ? status : 128 + SIGNALS[signal];
}
