// What sort compares: the parts of a line that its keys name (-k 2,2n -t :), and
// how (as bytes, as numbers, as sizes, as months, as versions). Lines are texts
// of one character a byte. Knows nothing of files.

/** How a key is compared, by the letters of sort's options. */
export interface Order {
  b?: boolean;
  d?: boolean;
  f?: boolean;
  g?: boolean;
  h?: boolean;
  M?: boolean;
  n?: boolean;
  r?: boolean;
  V?: boolean;
}

/** Where a key begins or ends: a field, and a character in it (0: its end). */
interface Place {
  field: number;
  char: number;
  /** Blanks at the beginning of the field do not count. */
  blanks: boolean;
}

export interface Key {
  from: Place;
  to: Place | null;
  order: Order;
}

const PLACE = /^(\d+)(?:\.(\d+))?([bdfghMnrV]*)/;

/** `2,3nr`; a text that says what is wrong with it otherwise. */
export function parseKey(text: string, global: Order): Key | string {
  const first = PLACE.exec(text);
  if (first === null) {
    return `invalid number at field start: invalid count at start of '${text}'`;
  }
  const rest = text.slice(first[0].length);
  const second = rest.startsWith(",") ? PLACE.exec(rest.slice(1)) : null;
  const end = first[0].length + (second === null ? 0 : second[0].length + 1);
  if (rest === "," || rest !== "" && end === first[0].length) {
    return rest.startsWith(",")
      ? "invalid number after ',': invalid count at start of ''"
      : `stray character in field spec: invalid field specification '${text}'`;
  }
  if (end < text.length) {
    return `stray character in field spec: invalid field specification '${text}'`;
  }
  if (first[1] === "0" || second?.[1] === "0") {
    return `field number is zero: invalid field specification '${text}'`;
  }
  if (first[2] === "0") {
    return `character offset is zero: invalid field specification '${text}'`;
  }
  const letters = first[3]! + (second?.[3] ?? "");
  const own = Object.fromEntries([...letters].map((letter) => [letter, true]));
  const order: Order = letters === "" ? global : own;
  return {
    from: place(first, 1, letters === "" ? global.b === true : false),
    to: second && place(second, 0, letters === "" ? global.b === true : false),
    order,
  };
}

function place(match: RegExpExecArray, char: number, blanks: boolean): Place {
  return {
    field: Number(match[1]),
    char: Number(match[2] ?? char),
    blanks: blanks || match[3]!.includes("b"),
  };
}

/** The part of a line that a key names. */
export function keyText(line: string, key: Key, separator: string): string {
  const from = placeIn(line, key.from, separator, false);
  const to = key.to === null
    ? line.length
    : placeIn(line, key.to, separator, true);
  return line.slice(from, to);
}

function placeIn(
  line: string,
  { field, char, blanks }: Place,
  separator: string,
  isEnd: boolean,
): number {
  if (isEnd && char === 0) return fieldEnd(line, field, separator);
  let at = fieldStart(line, field, separator);
  if (blanks) { while (line[at] === " " || line[at] === "\t") at++; }
  return Math.min(line.length, at + char - (isEnd ? 0 : 1));
}

function fieldStart(line: string, field: number, separator: string): number {
  let at = 0;
  for (let left = field - 1; left > 0 && at < line.length; left--) {
    at = nextEnd(line, at, separator);
    if (separator !== "" && at < line.length) at++;
  }
  return at;
}

function fieldEnd(line: string, field: number, separator: string): number {
  let at = 0;
  for (let left = field; left > 0 && at < line.length; left--) {
    if (separator !== "" && left < field) at++;
    at = nextEnd(line, at, separator);
  }
  return at;
}

/** The end of the field that begins here; without a separator blanks lead it. */
function nextEnd(line: string, start: number, separator: string): number {
  if (separator !== "") {
    const found = line.indexOf(separator, start);
    return found < 0 ? line.length : found;
  }
  let at = start;
  while (line[at] === " " || line[at] === "\t") at++;
  while (at < line.length && line[at] !== " " && line[at] !== "\t") at++;
  return at;
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");

/** What stands for a key when two are compared with `<`: worked out once. */
export function sortValue(text: string, order: Order): string | number {
  if (order.n) return Number(/^[ \t]*(-?\d*\.?\d*)/.exec(text)![1]) || 0;
  if (order.h) return humanValue(text);
  if (order.g) return floatValue(text);
  if (order.M) {
    return MONTHS.indexOf(text.trimStart().slice(0, 3).toUpperCase());
  }
  let value = order.b ? text.replace(/^[ \t]+/, "") : text;
  if (order.d) value = value.replace(/[^ \tA-Za-z0-9]/g, "");
  if (order.f) value = value.replace(/[a-z]+/g, (run) => run.toUpperCase());
  return order.V ? versionValue(value) : value;
}

/** 10K before 1M, whatever the numbers are. */
function humanValue(text: string): number {
  const match = /^[ \t]*(-?)(\d*\.?\d*)([KkMGTPEZY]?)/.exec(text)!;
  const size = Number(match[2]) || 0;
  const power = "KMGTPEZY".indexOf(match[3]!.toUpperCase()) + 1;
  const rank = size === 0 ? 0 : (match[3] === "" ? 0 : power) * 1e15 + size;
  return match[1] === "-" ? -rank : rank;
}

/** What is no number comes first. */
function floatValue(text: string): number {
  const found = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(text);
  if (found !== null) return Number(found[1]);
  if (/^\s*[-+]?inf/i.test(text)) {
    return /^\s*-/.test(text) ? -Number.MAX_VALUE : Infinity;
  }
  return -Infinity;
}

/**
 * Runs of digits by their length first, so that they compare as numbers; letters
 * before all other characters.
 */
function versionValue(text: string): string {
  return text.replace(/\d+|[^\dA-Za-z]/g, (run) => {
    if (!/\d/.test(run)) return String.fromCharCode(run.charCodeAt(0) + 256);
    const digits = run.replace(/^0+(?=\d)/, "");
    return String.fromCharCode(48 + Math.min(9, digits.length)) + digits;
  });
}
