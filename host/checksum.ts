// CRC-32 as zip and gzip have it: tells a damaged block from a whole one. It
// knows bytes and nothing of what they mean.

const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) {
    rest = rest & 1 ? rest >>> 1 ^ POLYNOMIAL : rest >>> 1;
  }
  return rest;
});

/** The checksum of some bytes; with `before`, of those and these together. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let rest = ~before;
  for (let i = 0; i < bytes.length; i++) {
    rest = rest >>> 8 ^ TABLE[(rest ^ bytes[i]!) & 255]!;
  }
  return ~rest >>> 0;
}
