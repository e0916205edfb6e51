// An image of a disk as the page would save it, small: a few blocks of a fresh
// machine's disk, for tests that break it.

import { DEFAULT_MODEL } from "../../kernel/dev/hdd_model.ts";
import { World } from "../../kernel/mod.ts";
import { imageOf } from "../../web/disk/disk_panel.ts";

const BLOCK_BYTES = 4096;

export function smallImage(): Promise<Uint8Array> {
  const machine = new World().boot({ files: { "/home/cup": "tea\n" } });
  const blocks = [...machine.platter.blocks()];
  const bytes = new Uint8Array(blocks.length * BLOCK_BYTES);
  blocks.forEach(([, block], i) => bytes.set(block, i * BLOCK_BYTES));
  return Promise.resolve(imageOf({
    model: DEFAULT_MODEL.name,
    sectors: machine.platter.sectors,
    numbers: Uint32Array.from(blocks, ([lba]) => lba / 8),
    bytes,
  }));
}
