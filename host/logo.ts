// /srv/logo: 64 KiB that stand for a picture. The bytes come from a fixed
// sequence (xorshift32), so they are the same everywhere and compress badly, as
// a picture does.

export const LOGO_BYTES = 65_536;

const SEED = 0x6b_65_74_74; // "kett"

export const LOGO: Uint8Array = makeLogo();

function makeLogo(): Uint8Array {
  const bytes = new Uint8Array(LOGO_BYTES);
  let state = SEED;
  for (let at = 0; at < bytes.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}
