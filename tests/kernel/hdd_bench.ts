// A drive on a clock of its own, and a log of what it did.

import { Clock } from "../../kernel/clock.ts";
import { Hdd, type HddRequest, type Service } from "../../kernel/dev/hdd.ts";
import { Geometry } from "../../kernel/dev/hdd_geometry.ts";
import { DEFAULT_MODEL, type HddModel } from "../../kernel/dev/hdd_model.ts";
import { makePolicy, type Policy } from "../../kernel/dev/hdd_policy.ts";
import { Platter } from "../../kernel/dev/platter.ts";

export function driveBench(policy: Policy = makePolicy("fcfs"), options: {
  model?: HddModel;
  queueDepth?: number;
  readAhead?: boolean;
  writeCache?: boolean;
} = {}) {
  const clock = new Clock();
  const model = options.model ?? DEFAULT_MODEL;
  const platter = new Platter(new Geometry(model).capacity);
  const services: Service[] = [];
  const done: { id: number; at: number }[] = [];
  let onDone: (request: HddRequest) => void = () => {};
  const hdd = new Hdd({
    clock,
    model,
    policy,
    platter,
    queueDepth: options.queueDepth,
    readAhead: options.readAhead,
    writeCache: options.writeCache,
    onStart: (_, service) => services.push(service),
    onComplete: (request) => {
      done.push({ id: request.id, at: clock.now });
      onDone(request);
    },
  });
  let lastId = 0;
  return {
    clock,
    hdd,
    platter,
    services,
    done,
    onDone: (listener: typeof onDone) => onDone = listener,
    flush() {
      const request: HddRequest = {
        id: ++lastId,
        lba: 0,
        sectors: 0,
        write: true,
        data: null,
        flush: true,
      };
      hdd.submit(request);
      return request;
    },
    submit(
      lba: number,
      sectors = 8,
      write = false,
      data?: Uint8Array,
      fua = false,
    ) {
      const request: HddRequest = {
        id: ++lastId,
        lba,
        sectors,
        write,
        data: data ?? null,
        fua,
      };
      hdd.submit(request);
      return request;
    },
    step() {
      clock.now = clock.nextDue;
      clock.takeNext().fire();
    },
    run() {
      while (clock.pending > 0) this.step();
    },
  };
}
