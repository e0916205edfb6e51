// What must not compile. `deno check` reads the marks: a line marked as an error
// that compiles is itself an error. Nothing here is ever run by the kernel.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  accept,
  cancel,
  chain,
  type Event,
  getpid,
  type Handle,
  nop,
  poll,
  print,
  type Program,
  push,
  queue,
  read,
  ready,
  type Routine,
  sigaction,
  sleep,
  spawn,
  stat,
  submit,
  SysError,
  thread,
  wait,
  waitpid,
  within,
  write,
} from "kettle";

/** True when two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Holds when its type is `true`. */
function holds<T extends true>(_proof?: T): void {}

/** What each program below is checked for is in its lines, not in what it does. */
const programs: (() => Routine<unknown> | Program)[] = [
  function* onlyRequestsGoThroughDoorsTwoAndThree() {
    yield* submit(read(0, 1));
    // @ts-expect-error a control call is no request
    yield* submit(getpid());
    // @ts-expect-error a control call is no request
    yield* push(getpid(), () => {});
    // @ts-expect-error a control call is no request
    yield* within(5, getpid());
    // @ts-expect-error a control call is no request
    yield* chain(nop(), getpid());
    // @ts-expect-error a number is no request
    yield* submit(3);
  },

  function* aLookMayFindNothing() {
    const handle = yield* submit(read(0, 1));
    const now = yield* poll(handle);
    // @ts-expect-error it may be null
    now.ok;
    const later = yield* wait(handle, { timeout: 5 });
    // @ts-expect-error it may be null
    later.ok;
    const event = yield* wait(handle);
    holds<Same<typeof event, Event<"read">>>();
    const events = yield* poll();
    holds<Same<typeof events, Event[]>>();
  },

  function* aValueIsThereOnlyIfItWentWell() {
    const event = yield* wait(yield* submit(read(0, 1)));
    // @ts-expect-error it may have failed
    event.value;
    // @ts-expect-error it may have gone well
    event.error;
    if (event.ok) {
      holds<Same<typeof event.value, Uint8Array>>();
      // @ts-expect-error it went well
      event.error;
    } else {
      holds<Same<typeof event.error, SysError>>();
      // @ts-expect-error it failed
      event.value;
    }
  },

  function* theCallTellsWhichFieldsThereAre() {
    for (const event of yield* wait()) {
      switch (event.call) {
        case "accept":
          if (event.ok) holds<Same<typeof event.value, number>>();
          event.fd;
          // @ts-expect-error an accept has no path
          event.path;
          break;
        case "stat":
          event.path;
          // @ts-expect-error a stat has no fd
          event.fd;
          break;
        case "sleep":
          event.ns;
          if (event.ok) holds<Same<typeof event.value, void>>();
          break;
        // @ts-expect-error no request is called so
        case "getpid":
          break;
      }
    }
  },

  function* onlyCallsCanBeYielded() {
    // @ts-expect-error a number is no call
    yield* 5;
    // @ts-expect-error a promise is no call
    yield* Promise.resolve(5);
    // @ts-expect-error a function is no call
    yield* getpid;
  },

  function* aProgramReturnsNothingOrAStatus() {
    yield* spawn(function* () {});
    yield* spawn(function* () {
      return 3;
    });
    // @ts-expect-error a text is no status
    yield* spawn(function* () {
      return "three";
    });
    // @ts-expect-error a plain function is no program
    yield* spawn(() => 3);
    // @ts-expect-error an async function is no program
    yield* spawn(async () => {});
  },

  function* aCallbackTakesItsOwnEvent() {
    yield* push(read(0, 1), (event) => {
      holds<Same<typeof event, Event<"read">>>();
    });
    yield* push(read(0, 1), function* (event: Event<"read">) {
      if (event.ok) yield* print(event.value.length);
    });
    // @ts-expect-error the event is a read's
    yield* push(read(0, 1), (event: Event<"accept">) => void event);
    // @ts-expect-error a callback takes no number
    yield* push(read(0, 1), (event: number) => void event);
    // @ts-expect-error a push reports to its callback, not to a queue
    yield* push(read(0, 1), { queue: yield* queue() }, () => {});
  },

  function* aHandleKnowsItsRequest() {
    const reading: Handle<"read"> = yield* submit(read(0, 1));
    // @ts-expect-error it is a read's
    const accepting: Handle<"accept"> = reading;
    // @ts-expect-error it is an accept's
    const wrong: Handle<"read"> = yield* submit(accept(3));
    const any: Handle = reading;
    return [accepting, wrong, any];
  },

  function* cancelSaysWhatItCancels() {
    const one = yield* cancel(yield* submit(nop()));
    holds<Same<typeof one, "cancelled" | "done" | "busy">>();
    const several = yield* cancel({ fd: 3 });
    holds<Same<typeof several, number>>();
    // @ts-expect-error a descriptor is named { fd }
    yield* cancel(3);
  },

  function* argumentsHaveTheirTypes() {
    // @ts-expect-error bytes or text
    yield* write(1, 5);
    // @ts-expect-error how many?
    yield* read(0);
    // @ts-expect-error "in" or "out"
    yield* ready(0, "both");
    // @ts-expect-error ns, or { until }
    yield* sleep("1 s");
    // @ts-expect-error no signal is called so
    yield* sigaction("USR3", "ign");
    // @ts-expect-error an action is "dfl", "ign" or { fn }
    yield* sigaction("USR1", () => {});
    // @ts-expect-error no such option
    yield* waitpid(-1, { hang: false });
    const greet = function* (name: string): Routine {
      yield* print(name);
    };
    // @ts-expect-error the argument is a text
    yield* thread(greet, 5);
  },

  function* resultsHaveTheirTypes() {
    holds<Same<ReturnType<typeof nothing>, Routine>>();
    const { size } = yield* stat("/f");
    holds<Same<typeof size, number>>();
    const outcomes = yield* chain(read(0, 1));
    // @ts-expect-error a member may have failed
    outcomes[0]!.value;
    // @ts-expect-error there may be no such member
    outcomes[0].ok;
    const status = yield* waitpid();
    holds<Same<typeof status.status, number | undefined>>();
  },
];

function* nothing(): Routine {}

test("the lines that must not compile are marked, and the check reads them", () => {
  assertEquals(programs.length, 11);
  assertEquals(new SysError("EPERM", "read") instanceof Error, true);
  for (const program of programs) {
    assertEquals(
      Object.getPrototypeOf(program),
      Object.getPrototypeOf(nothing),
    );
  }
});
