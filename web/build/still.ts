// The finished figure, run at build time: two reads through the first door on
// the machine that the page has, folded and drawn. So it shows what Play will
// show, to the nanosecond.

import { compileNative } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";
import type { World } from "../../kernel/mod.ts";
import { figure } from "../timeline/figure.ts";
import { NO_SLICES, slicesOf } from "../trace/slice_columns.ts";
import { TraceModel } from "../trace/trace_model.ts";
import { asText, explain, type Phrase } from "../trace/why.ts";

/** What a finished run looks like before there is a script. */
export interface Still {
  svg: string;
  /** What Play types, and how fast it goes. */
  command: string;
  speed: number;
  question: string;
  /** As HTML. */
  answer: string;
}

const COMMAND = "figure_block";
/** A figure plays in 5 to 8 s. */
const PLAY_S = 6;
const COLUMNS = 1200;
const MARGIN = 0.04;

export async function makeStill(): Promise<Still> {
  const { world, beganNs, fromNs, toNs } = await runFigure();
  const model = new TraceModel();
  model.addAll(world.trace.events());
  const span = { fromNs, toNs: toNs + (toNs - fromNs) * MARGIN };
  const lanes = model.view(span.fromNs, span.toNs, COLUMNS)
    .filter(({ isHome, kind }) =>
      kind === "network" || isHome && kind !== "socket"
    );
  const main = lanes.find(({ kind, name }) =>
    kind === "thread" && name === COMMAND
  );
  const [longest] = [...slicesOf(main?.slices ?? NO_SLICES)]
    .sort((a, b) => (b.end - b.start) - (a.end - a.start));
  const why = explain(
    model,
    main?.id ?? "",
    longest === undefined ? 0 : (longest.start + longest.end) / 2,
  );
  const answer = why?.answer ?? [];
  return {
    svg: figure(lanes, span, toNs, asText(answer)),
    command: COMMAND,
    speed: (toNs - beganNs) / 1e9 / PLAY_S,
    question: why?.question ?? "",
    answer: answer.map(phraseHtml).join(""),
  };
}

/** Runs the program; the figure is what came after everything was open. */
async function runFigure(): Promise<
  { world: World; beganNs: number; fromNs: number; toNs: number }
> {
  const programs = new Loader({ compile: compileNative });
  const { world, machine } = makePlayground({ programs, image: readImage() });
  const process = machine.spawn(`/bin/${COMMAND}`, [], { console: true });
  for (;;) {
    const { reason, report } = world.run({ until: process });
    if (reason === "host") await programs.compile(world.wanted!);
    else if (reason === "until") break;
    else throw new Error(`${COMMAND}: ${reason} ${report}`);
  }
  const first = (call: string) => firstCall(world, process.pid, call);
  const [beganNs, fromNs] = [first("open"), first("read")];
  return { world, beganNs, fromNs, toNs: world.now };
}

function firstCall(world: World, pid: number, call: string): number {
  for (const event of world.trace.events()) {
    if (event.kind !== "sys_enter" || event.pid !== pid) continue;
    if (event.machine === 0 && event.call === call) return event.at;
  }
  return 0;
}

function phraseHtml({ text, style }: Phrase): string {
  const safe = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  if (style === "plain") return safe;
  return style === "bold" ? `<b>${safe}</b>` : `<code>${safe}</code>`;
}
