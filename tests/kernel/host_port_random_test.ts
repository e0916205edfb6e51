// Programs that write anything to /dev/host and read in any way, a host that
// answers when it likes, kills and power cuts between: nothing is left, nobody is
// answered twice, and the log alone gives the same run.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  close,
  type Main,
  ms,
  open,
  read,
  sleep,
  submit,
  SysError,
  wait,
  within,
  write,
} from "kettle";
import { type Machine, World } from "kettle/world";
import { assertTraceAddsUp } from "../conformance/doors.ts";

type Step =
  | { do: "write"; text: string }
  | { do: "read"; count: number; door: "block" | "submit" | "within" }
  | { do: "sleep"; ms: number }
  | { do: "reopen" };
type Act =
  | { do: "answer"; which: number; text: string }
  | { do: "kill"; which: number }
  | { do: "power" }
  | { do: "pass"; ms: number };

const line = fc.oneof(
  fc.constantFrom(
    '{"ask":"a"}\n',
    '{"ask":"b","n":1}\n',
    "{}\n",
    "\n",
    '{"ask":',
  ),
  fc.string({ maxLength: 20 }).map((text) => `${text}\n`),
  fc.constant("x".repeat(5000)),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("write" as const), text: line }),
  fc.record({
    do: fc.constant("read" as const),
    count: fc.integer({ min: 1, max: 80 }),
    door: fc.constantFrom(
      "block" as const,
      "submit" as const,
      "within" as const,
    ),
  }),
  fc.record({ do: fc.constant("sleep" as const), ms: fc.nat(3) }),
  fc.constant({ do: "reopen" as const }),
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      which: fc.nat(20),
      text: fc.string({ maxLength: 30 }).map((text) =>
        text.replaceAll("\n", "")
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.nat(3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("kill" as const),
      which: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "power" as const }) },
);

function program(steps: readonly Step[]): Main {
  return function* main() {
    let fd = yield* open("/dev/host", "r+");
    for (const step of steps) {
      try {
        if (step.do === "write") yield* write(fd, step.text);
        else if (step.do === "sleep") yield* sleep(step.ms * ms);
        else if (step.do === "reopen") {
          yield* close(fd);
          fd = yield* open("/dev/host", "r+");
        } else if (step.door === "block") yield* read(fd, step.count);
        else if (step.door === "within") {
          yield* within(2 * ms, read(fd, step.count));
        } else {
          const handle = yield* submit(read(fd, step.count));
          yield* wait(handle, { timeout: 1 * ms });
        }
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
      }
    }
  };
}

function start(scripts: readonly Step[][]): { world: World; machine: Machine } {
  const world = new World({ seed: 1 });
  const machine = world.boot();
  for (const steps of scripts) machine.spawn(program(steps));
  return { world, machine };
}

function play(world: World, machine: Machine, acts: readonly Act[]): void {
  const asked: number[] = [], answered = new Set<number>();
  machine.attachHost({
    asked: ({ id }) => {
      assert(!asked.includes(id), `${id} is asked twice`);
      asked.push(id);
    },
    withdrawn: (id) => {
      assert(!answered.has(id), `${id} was answered and is withdrawn`);
      answered.add(id);
    },
  });
  for (const act of acts) {
    if (act.do === "pass") world.run({ untilNs: world.now + act.ms * ms });
    else if (act.do === "kill") {
      const pids = [...machine.processes.keys()];
      const kill = pids[act.which];
      if (kill !== undefined) world.input({ machine: 0, kill });
    } else if (act.do === "answer") {
      const id = asked[act.which];
      if (id !== undefined && machine.answerHost(id, act.text)) {
        answered.add(id);
      }
    } else {
      machine.pullPlug();
      machine.powerOn();
    }
    assert(machine.asks.every(({ id }) => !answered.has(id)));
  }
  for (const pid of machine.processes.keys()) {
    world.input({ machine: 0, kill: pid });
  }
  world.run({ untilNs: world.now + 10 * ms });
}

test("whatever is asked, answered, killed and cut off, nothing is left and the log is the run", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(step, { maxLength: 12 }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.array(act, { maxLength: 25 }),
      (scripts, acts) => {
        const { world, machine } = start(scripts);
        play(world, machine, acts);
        assertTraceAddsUp(world);
        assertEquals([machine.asks, machine.objects.get("ask")?.size ?? 0], [
          [],
          0,
        ]);
        assertEquals(machine.snapshot().counts.openFiles, 0);
        const again = start(scripts);
        again.world.replay(world.log);
        again.world.run({ untilNs: world.now });
        assertEquals(again.world.trace.hash, world.trace.hash);
      },
    ),
    { numRuns: 30, seed: 7 },
  );
});
