// What all panels of a machine show, from the events of its world: the fold of
// the machine, its drive, its network, and what the charts need once they are
// looked at. It runs beside the machine and reads events only; what cannot be an
// event (which cables there are, how the machine was set up) it asks for once.

import { DEFAULT_MODEL, HDD_MODELS } from "../../kernel/dev/hdd_model.ts";
import type { Machine, TraceEvent, World } from "../../kernel/mod.ts";
import { DiskModel } from "../disk/disk_model.ts";
import { type NetMap, NetModel } from "../network/net_model.ts";
import { ChartsModel } from "./charts_model.ts";
import { handlesView } from "./handles_model.ts";
import { MachineState } from "./machine_state.ts";
import { memoryView } from "./memory_model.ts";
import type { PanelName, PanelView, PanelViews } from "./panel_list.ts";
import { requestsView } from "./requests_model.ts";
import { runQueueView } from "./run_queue_model.ts";
import { setupOf } from "./setup.ts";

/** What the timeline shows: the charts show the same. */
export interface Window {
  fromNs: number;
  toNs: number;
}

/** While time passes: pictures move with every frame, words need not. */
const EVERY_MS: Record<PanelName, number> = {
  requests: 100,
  queue: 100,
  disk: 0,
  network: 0,
  handles: 200,
  memory: 200,
  charts: 200,
};

export class PanelModels {
  readonly #world: World;
  readonly #index: number;
  readonly #state: MachineState;
  readonly #drive: DiskModel;
  readonly #network: NetModel;
  /** Made when the charts are looked at first, from all events that there are. */
  #charts: ChartsModel | null = null;
  #nextSeq = 0;
  /** When each was told last. */
  readonly #toldAt = new Map<PanelName, number>();

  constructor(world: World, machine: Machine) {
    this.#world = world;
    this.#index = machine.index;
    this.#state = new MachineState(setupOf(machine));
    const { model } = machine.settings.disk;
    this.#drive = new DiskModel(
      HDD_MODELS.find(({ name }) => name === model) ?? DEFAULT_MODEL,
    );
    this.#network = new NetModel(mapOf(world));
  }

  /** Events of all machines, in order. */
  add(event: TraceEvent): void {
    this.#nextSeq = event.seq + 1;
    this.#network.add(event);
    if (event.machine !== this.#index) return;
    this.#drive.add(event);
    this.#state.add(event);
    this.#charts?.add(event);
  }

  /** What a panel shows at a moment that is not before the last event. */
  view<K extends PanelName>(
    panel: K,
    now: number,
    window: Window,
  ): PanelViews[K] {
    return this.#view(panel, now, window) as PanelViews[K];
  }

  #view(
    panel: PanelName,
    now: number,
    { fromNs, toNs }: Window,
  ): PanelViews[PanelName] {
    switch (panel) {
      case "requests":
        return requestsView(this.#state, this.#drive.at(now));
      case "queue":
        return runQueueView(this.#state, now);
      case "disk":
        return this.#drive.at(now);
      case "network":
        return this.#network.at(now);
      case "handles":
        return handlesView(this.#state, now);
      case "memory": {
        const bytes = this.#network.socketBytes(this.#state.name);
        return memoryView(this.#state, now, bytes);
      }
      case "charts":
        return this.#chartsModel().view(fromNs, toNs, now);
    }
  }

  /** The views of these, but for those that were told a moment ago while time passes. */
  *views(
    panels: Iterable<PanelName>,
    now: number,
    window: Window,
    isMoving: boolean,
  ): Iterable<PanelView> {
    const time = performance.now();
    for (const panel of panels) {
      const ago = time - (this.#toldAt.get(panel) ?? -Infinity);
      if (isMoving && ago < EVERY_MS[panel]) continue;
      this.#toldAt.set(panel, time);
      const view = this.#view(panel, now, window);
      yield { panel, view } as PanelView;
    }
  }

  #chartsModel(): ChartsModel {
    if (this.#charts === null) {
      this.#charts = new ChartsModel();
      for (const event of this.#world.trace.events()) {
        if (event.seq >= this.#nextSeq) break;
        if (event.machine === this.#index) this.#charts.add(event);
      }
    }
    return this.#charts;
  }
}

/** What is plugged together. */
export function mapOf({ machines, switches, cables }: World): NetMap {
  const names = (ends: { name: string }[]) => ends.map(({ name }) => name);
  return {
    machines: names(machines),
    switches: names(switches),
    cables: cables.map(({ id, ends: [a, b], latencyNs }) => ({
      id,
      ends: [a.machine.name, b.machine.name],
      latencyNs,
      bitsPerSecond: Math.min(a.bitsPerSecond, b.bitsPerSecond),
    })),
  };
}
