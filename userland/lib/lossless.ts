// Bytes as text and back with nothing lost, for programs that look at text and
// must hand on what is none. Two ways: UTF-8, in which a byte that fits nowhere
// becomes U+DC80 to U+DCFF (a lone surrogate, which no UTF-8 can spell), and one
// character for each byte, which sorts as bytes do.

const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const STRAY = /[\udc80-\udcff]/u;
/** Every engine has it, and it has a character for every byte. */
const western = new TextDecoder("windows-1252");

/** UTF-8 as text; each stray byte as one character of its own. */
export function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return decodeStray(bytes);
  }
}

/** The bytes that {@link decode} read. */
export function encode(text: string): Uint8Array {
  if (!STRAY.test(text)) return encoder.encode(text);
  const out = new Uint8Array(text.length * 3);
  let at = 0;
  for (const piece of text.split(/([\udc80-\udcff])/u)) {
    if (STRAY.test(piece)) out[at++] = piece.charCodeAt(0) - 0xdc00;
    else at += encoder.encodeInto(piece, out.subarray(at)).written;
  }
  return out.slice(0, at);
}

function decodeStray(bytes: Uint8Array): string {
  let text = "";
  let start = 0; // of what is good and not yet taken
  for (let at = 0; at < bytes.length;) {
    const length = sequenceAt(bytes, at);
    if (length === 0) {
      text += lenient.decode(bytes.subarray(start, at));
      text += String.fromCharCode(0xdc00 + bytes[at]!);
      start = at + 1;
    }
    at += Math.max(1, length);
  }
  return text + lenient.decode(bytes.subarray(start));
}

/** How many bytes make the character that begins here; 0 if none does. */
export function sequenceAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 || first > 0xf4
    ? 0
    : first < 0xe0
    ? 2
    : first < 0xf0
    ? 3
    : 4;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let next = at + 1; next < at + length; next++) {
    if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[at + 1]!;
  const isOdd = first === 0xe0 && second < 0xa0 ||
    first === 0xed && second > 0x9f || first === 0xf0 && second < 0x90 ||
    first === 0xf4 && second > 0x8f;
  return isOdd ? 0 : length;
}

/** One character, U+0000 to U+00FF, for each byte. */
export function byteString(bytes: Uint8Array): string {
  const text = western.decode(bytes);
  return /[\u0100-\uffff]/.test(text)
    ? text.replace(/[\u0100-\uffff]/g, (char) => WESTERN.get(char)!)
    : text;
}

/** The bytes that {@link byteString} read. */
export function fromByteString(text: string): Uint8Array {
  if (!/[\u0080-\u00ff]/.test(text)) return encoder.encode(text);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** What Windows-1252 has in place of the bytes 128 to 159: back to those. */
const WESTERN = new Map(
  Array.from({ length: 32 }, (_, at) => {
    const byte = 128 + at;
    const char = western.decode(Uint8Array.of(byte));
    return [char, String.fromCharCode(byte)];
  }),
);
