// test EXPRESSION: status 0 if it is true, 1 if not, 2 if it is no expression.
// Files: -e -f -d -s -r -w -x -p -S -c -b -h -L, -t FD; text: -z -n = != < >;
// whole numbers: -eq -ne -lt -le -gt -ge; two files: -nt -ot -ef; ! -a -o ( ).

import {
  isatty,
  type Program,
  type Routine,
  type Stat,
  stat,
  SysError,
  write,
} from "kettle";

export default function* main(args: string[]): Program {
  try {
    return (yield* evaluate(args)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestProblem)) throw error;
    yield* write(2, `test: ${error.message}\n`);
    return 2;
  }
}

/** Not an expression. */
export class TestProblem extends Error {}

const UNARY = /^-[edfsrwxpScbhLztn]$/;
const BINARY = /^(?:=|==|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/;

/** The truth of an expression; the shell's own test and [ use this, too. */
export function* evaluate(args: string[]): Routine<boolean> {
  if (args.length === 0) return false;
  const rest = [...args];
  const truth = yield* either(rest);
  if (rest.length > 0) throw new TestProblem(`${rest[0]}: unexpected`);
  return truth;
}

function* either(rest: string[]): Routine<boolean> {
  let truth = yield* both(rest);
  while (rest[0] === "-o") {
    rest.shift();
    truth = (yield* both(rest)) || truth;
  }
  return truth;
}

function* both(rest: string[]): Routine<boolean> {
  let truth = yield* negation(rest);
  while (rest[0] === "-a") {
    rest.shift();
    truth = (yield* negation(rest)) && truth;
  }
  return truth;
}

function* negation(rest: string[]): Routine<boolean> {
  if (rest[0] === "!" && rest.length > 1 && !BINARY.test(rest[1]!)) {
    rest.shift();
    return !(yield* negation(rest));
  }
  return yield* primary(rest);
}

function* primary(rest: string[]): Routine<boolean> {
  const [first, second, third] = rest;
  if (first === undefined) throw new TestProblem("argument expected");
  if (BINARY.test(second ?? "") && third !== undefined) {
    rest.splice(0, 3);
    return yield* compare(first, second!, third);
  }
  if (first === "(" && rest.length > 1) {
    rest.shift();
    const truth = yield* either(rest);
    if (rest.shift() !== ")") throw new TestProblem("missing )");
    return truth;
  }
  if (UNARY.test(first) && second !== undefined) {
    rest.splice(0, 2);
    return yield* look(first, second);
  }
  rest.shift();
  return first !== "";
}

function* compare(a: string, how: string, b: string): Routine<boolean> {
  if (how === "=" || how === "==") return a === b;
  if (how === "!=") return a !== b;
  if (how === "<") return a < b;
  if (how === ">") return a > b;
  if (how === "-nt" || how === "-ot") {
    const [left, right] = [yield* status(a), yield* status(b)];
    const [newer, older] = how === "-nt" ? [left, right] : [right, left];
    return newer !== null && (older === null || newer.mtimeNs > older.mtimeNs);
  }
  if (how === "-ef") {
    const [left, right] = [yield* status(a), yield* status(b)];
    return left !== null && right !== null && left.ino === right.ino &&
      left.type === right.type;
  }
  const [left, right] = [whole(a), whole(b)];
  const truths = {
    "-eq": left === right,
    "-ne": left !== right,
    "-lt": left < right,
    "-le": left <= right,
    "-gt": left > right,
    "-ge": left >= right,
  };
  return truths[how as keyof typeof truths];
}

function whole(text: string): bigint {
  if (/^\s*[-+]?\d+\s*$/.test(text)) {
    return BigInt(text.trim().replace("+", ""));
  }
  throw new TestProblem(`${text}: expected a whole number`);
}

function* look(how: string, operand: string): Routine<boolean> {
  if (how === "-z") return operand === "";
  if (how === "-n") return operand !== "";
  if (how === "-t") return yield* isatty(Number(whole(operand)));
  const found = yield* status(operand);
  // There are no symbolic links, and no block devices.
  if (found === null || "hLb".includes(how[1]!)) return false;
  const types = {
    f: "file",
    d: "directory",
    p: "pipe",
    S: "socket",
    c: "device",
  };
  const type = types[how[1] as keyof typeof types];
  if (type !== undefined) return found.type === type;
  return how === "-s" ? found.size > 0 : true;
}

function* status(path: string): Routine<Stat | null> {
  try {
    return yield* stat(path);
  } catch (error) {
    if (error instanceof SysError) return null;
    throw error;
  }
}
