// The state that the trace adds up to: events in, a snapshot out. If a view
// needs something that this lacks, the trace lacks an event.

import type {
  Counts,
  ProcessSnapshot,
  Snapshot,
  ThreadSnapshot,
} from "./snapshot.ts";
import type { TraceEvent } from "./trace.ts";

interface Requested {
  pid: number;
  pushed: boolean;
  ended: boolean;
}

/** What has been added up so far for one machine. */
export class Fold {
  #machine = "";
  #processes = new Map<number, ProcessSnapshot>();
  #threads = new Map<number, ThreadSnapshot>();
  #requests = new Map<string, Requested>();
  #objects = new Map<string, Set<number>>();
  #timers = 0;

  constructor(readonly index: number) {}

  /** Adds one event; events of other machines are passed over. */
  add(event: TraceEvent): void {
    if (event.machine !== this.index) return;
    switch (event.kind) {
      case "machine_boot":
        this.#machine = event.name;
        return;
      case "machine_off":
        this.#processes.clear();
        this.#threads.clear();
        this.#requests.clear();
        this.#objects.clear();
        this.#timers = 0;
        return;
      case "process_spawn":
        this.#processes.set(event.pid, {
          pid: event.pid,
          ppid: event.ppid,
          name: event.name,
          state: "running",
        });
        return;
      case "process_exec":
        this.#processes.get(event.pid)!.name = event.name;
        this.#dropRequests(event.pid);
        return;
      case "process_exit":
        return this.#exit(event.pid);
      case "process_reap":
        this.#processes.delete(event.pid);
        return;
      case "thread_create":
        this.#threads.set(event.tid, {
          tid: event.tid,
          pid: event.pid,
          state: "ready",
          why: "",
        });
        return;
      case "thread_exit":
        this.#threads.delete(event.tid);
        return;
      case "sched_wakeup":
        return this.#set(event.tid, "ready");
      case "sched_switch":
        if (event.prevState === "waiting") {
          this.#set(event.tid, "waiting", event.why);
        } else if (event.prevState !== "") this.#set(event.tid, "ready");
        return this.#set(event.next, "running");
      case "sched_wait":
        return this.#set(event.tid, "waiting", event.why);
      case "request_submit":
        this.#requests.set(`${event.pid}/${event.id}`, {
          pid: event.pid,
          pushed: event.door === "push",
          ended: false,
        });
        return;
      case "request_complete":
        this.#requests.get(`${event.pid}/${event.id}`)!.ended = true;
        return;
      case "request_drop":
        this.#requests.delete(`${event.pid}/${event.id}`);
        return;
      case "event_take":
      case "callback_enter":
        if (event.last) this.#requests.delete(`${event.pid}/${event.id}`);
        return;
      case "object_create":
        this.#objectsOf(event.what).add(event.id);
        return;
      case "object_release":
        this.#objectsOf(event.what).delete(event.id);
        return;
      case "timer_start":
        this.#timers++;
        return;
      case "timer_end":
        this.#timers--;
        return;
    }
  }

  /** The machine as its events tell. */
  snapshot(): Snapshot {
    const processes = [...this.#processes.values()];
    const threads = [...this.#threads.values()];
    return {
      machine: this.#machine,
      processes: processes.sort((a, b) => a.pid - b.pid),
      threads: threads.sort((a, b) => a.tid - b.tid),
      counts: this.#counts(),
    };
  }

  #counts(): Counts {
    const requests = [...this.#requests.values()];
    return {
      processes: this.#processes.size,
      threads: this.#threads.size,
      openFiles: this.#objectsOf("file").size,
      inodes: this.#objectsOf("inode").size,
      pipes: this.#objectsOf("pipe").size,
      sockets: this.#objectsOf("socket").size,
      requests: requests.filter((each) => !each.ended).length,
      handles: requests.length,
      callbacks: requests.filter((each) => each.pushed).length,
      timers: this.#timers,
    };
  }

  /** Its requests are dropped, its children go to init. */
  #exit(pid: number): void {
    const process = this.#processes.get(pid);
    if (process !== undefined) process.state = "zombie";
    this.#dropRequests(pid);
    for (const child of this.#processes.values()) {
      if (child.ppid === pid) child.ppid = 1;
    }
  }

  #dropRequests(pid: number): void {
    for (const [key, request] of this.#requests) {
      if (request.pid === pid) this.#requests.delete(key);
    }
  }

  #set(
    tid: number,
    state: ThreadSnapshot["state"],
    why: ThreadSnapshot["why"] = "",
  ): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined) return;
    thread.state = state;
    thread.why = why;
  }

  #objectsOf(what: string): Set<number> {
    let ids = this.#objects.get(what);
    if (ids === undefined) this.#objects.set(what, ids = new Set());
    return ids;
  }
}

/** Adds up a whole trace for one machine. */
export function fold(events: Iterable<TraceEvent>, machine = 0): Snapshot {
  const state = new Fold(machine);
  for (const event of events) state.add(event);
  return state.snapshot();
}
