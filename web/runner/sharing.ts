// A run as something to send, and back. What is sent begins on a fresh disk: a
// run that began from a used one is done once more from a fresh disk with the
// files of /home, and that one is sent. It does not know what a link looks like,
// nor where a run is kept.

import type { Image } from "../../host/base_files.ts";
import type { Playground } from "../../host/playground.ts";
import { Replay } from "../../host/replay.ts";
import type { Shared } from "../../host/share.ts";
import { makeWorld, startPrograms, worldOf } from "../../host/world_file.ts";
import type { Input, ProgramLoader, Wanted, World } from "../../kernel/mod.ts";
import type { LeftOut, Sent } from "../protocol.ts";

export type Programs = ProgramLoader & {
  compile(wanted: Wanted): Promise<void>;
};

/** How far it is; a rejection ends it there. */
export type Progress = (nowNs: number, atNs: number) => Promise<void>;

/** A file larger than this is not sent. */
export const FILE_BYTES_MAX = 256 * 1024;
const FILES_BYTES_MAX = 2 * 1024 * 1024;

/** What an open run is made of. */
export interface Running {
  world: World;
  /** What came from outside later than now: time has gone back. */
  future: readonly Input[];
  speed: number;
  view: Shared["view"];
}

/** How it began. */
export interface Beginning {
  /** On a fresh disk, or from a link. */
  isFresh: boolean;
  /** The files it began with: path → contents. */
  files: Record<string, Uint8Array>;
  shared: Shared | null;
}

// ------------------------------------------------------------- sending

/** All that is due at this instant happens; then it is one that comes again. */
export async function settle(
  { world, future }: Pick<Running, "world" | "future">,
  loader: Programs,
): Promise<void> {
  const next = future[0];
  if (next !== undefined && next.atNs <= world.now) return;
  while (world.run({ untilNs: world.now }).reason === "host") {
    await loader.compile(world.wanted!);
  }
}

/** The run as it is, for whoever begins as it began. */
export function sentAsItIs(
  { world, future, speed, view }: Running,
  { files, shared }: Beginning,
): Sent {
  const { fitting, leftOut } = sorted(files);
  return {
    leftOut,
    isAsSeen: true,
    shared: {
      files: shared?.files ?? fitting,
      world: shared?.world ?? null,
      params: shared?.params ?? {},
      seed: world.seed,
      log: [...world.log, ...future],
      speed,
      view,
      atNs: world.now,
      hash: world.trace.hash,
      done: world.log.length,
    },
  };
}

/** True if those files are all text of a size that can be sent. */
export function isWhole({ files, isFresh }: Beginning): boolean {
  return isFresh && sorted(files).leftOut.length === 0;
}

/** The same inputs at the same times from a fresh disk. */
export async function sentFromFresh(
  running: Running,
  { files }: Beginning,
  loader: Programs,
  boot: (files: Image) => Playground,
  progress: Progress,
): Promise<Sent> {
  const { fitting, leftOut } = sorted(files);
  const atNs = running.world.now;
  const { world } = boot(fitting);
  const passes = new Passing(world, loader, (now) => progress(now, atNs));
  for (const input of running.world.log) await passes.take(input);
  await passes.to(atNs);
  const again = sentAsItIs(
    { ...running, world, future: [] },
    { isFresh: true, files: {}, shared: null },
  );
  const { hash, done } = again.shared;
  for (const input of running.future) await passes.take(input);
  const log = [...world.log];
  const shared = { ...again.shared, files: fitting, log, atNs, hash, done };
  return { shared, leftOut, isAsSeen: false };
}

/** Lets time pass in a world, with inputs at their times. */
class Passing {
  constructor(
    readonly world: World,
    readonly loader: Programs,
    readonly breathe: (nowNs: number) => Promise<void>,
  ) {}

  async take(input: Input): Promise<void> {
    await this.to(input.atNs);
    this.world.inputAgain(input);
  }

  async to(untilNs: number): Promise<void> {
    const { world } = this;
    for (;;) {
      const { reason } = world.run({ untilNs, steps: 50_000 });
      if (reason === "host") await this.loader.compile(world.wanted!);
      else if (reason !== "budget") return;
      await this.breathe(world.now);
    }
  }
}

/** What can be sent, as text, and what is left out and why. */
function sorted(
  files: Record<string, Uint8Array>,
): { fitting: Record<string, string>; leftOut: LeftOut[] } {
  const fitting: Record<string, string> = {};
  const leftOut: LeftOut[] = [];
  let room = FILES_BYTES_MAX;
  for (const [path, bytes] of Object.entries(files)) {
    const { length } = bytes;
    const text = textOf(bytes);
    if (text === null) leftOut.push({ path, bytes: length, why: "no text" });
    else if (length > Math.min(FILE_BYTES_MAX, room)) {
      leftOut.push({ path, bytes: length, why: "too large" });
    } else {
      fitting[path] = text;
      room -= length;
    }
  }
  return { fitting, leftOut };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return null;
  }
}

// ------------------------------------------------------------- opening

/** The world of what was sent, as it was booted. */
export function worldOfShared(
  shared: Shared,
  programs: ProgramLoader,
  image: Image,
  traceBytesMax: number,
): Playground {
  const file = worldOf(structuredClone(shared.world));
  const [first] = file.machines;
  const files = { ...first!.options.files, ...shared.files };
  first!.options = { ...first!.options, files };
  const { seed } = shared;
  const world = makeWorld(file, { programs, image, seed, traceBytesMax });
  startPrograms(world, file);
  return { world, machine: world.machines[0]! };
}

export interface Opened {
  world: World;
  future: readonly Input[];
  leaveTo(next: () => Input | null): void;
  /** Somebody wanted it to stop on the way. */
  isCut: boolean;
  hash: string;
}

/** The run up to the instant that is shown. `breathe` rejects: as far as it is. */
export async function openShared(
  shared: Shared,
  loader: Programs,
  boot: (programs: ProgramLoader) => World,
  progress: Progress,
): Promise<Opened> {
  const { log, atNs } = shared;
  const done = shared.done ?? log.filter((input) => input.atNs <= atNs).length;
  const replay: Replay = new Replay({
    log: log.slice(0, done),
    loader,
    boot,
    breathe: () => progress(replay.world.now, atNs),
  });
  const isCut = await replay.to(atNs).then(() => false, (error) => {
    if (error instanceof Enough) return true;
    throw error;
  });
  const { world } = replay;
  const future = [...replay.future, ...log.slice(done)];
  if (!isCut) await settle({ world, future }, loader);
  return {
    world,
    isCut,
    future,
    leaveTo: (next) => replay.leaveTo(next),
    hash: world.trace.hash,
  };
}

/** What `progress` rejects with when the rest is not wanted. */
export class Enough extends Error {}
