// `$((…))`: whole numbers of 64 bits that wrap around, C's operators and their
// precedence. Variables come and go through two functions, so nothing here knows
// where the shell keeps them.

import { Problem, SyntaxProblem } from "./tree.ts";

export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** An expression that is well formed but has no value. */
export class ArithmeticProblem extends Problem {}

const TOKEN =
  /\s*(\d\w*|[A-Za-z_]\w*|<<=|>>=|[-+*/%&|^]=|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%()<>=!~&|^?:])/y;
const LEVELS = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const BITS = 64;

/** The value of an expression, as text. */
export function calculate(expression: string, variables: Variables): string {
  if (expression.trim() === "") return "0";
  const parser = new Calculator(tokens(expression), variables, 0);
  return String(parser.whole());
}

function tokens(expression: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (expression.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    if (match === null) {
      const rest = expression.slice(at).trim();
      throw new ArithmeticProblem(`arithmetic: cannot read '${rest}'`);
    }
    found.push(match[1]!);
    at = TOKEN.lastIndex;
  }
  return found;
}

/** Parses and calculates in one go; what is not taken (`0 && x`) is only read. */
class Calculator {
  #at = 0;
  #idle = 0;

  constructor(
    readonly tokens: string[],
    readonly variables: Variables,
    readonly depth: number,
  ) {}

  whole(): bigint {
    const value = this.#assignment();
    const rest = this.tokens[this.#at];
    if (rest === undefined) return value;
    const compound = /^(?:[-+*/%&|^]|<<|>>)=$/.test(rest) ||
      rest === "++" || rest === "--";
    if (compound) throw unsupported(rest);
    throw new ArithmeticProblem(`arithmetic: unexpected '${rest}'`);
  }

  #assignment(): bigint {
    const name = this.tokens[this.#at] ?? "";
    if (!/^[A-Za-z_]/.test(name) || this.tokens[this.#at + 1] !== "=") {
      return this.#conditional();
    }
    this.#at += 2;
    const value = this.#assignment();
    if (this.#idle === 0) this.variables.set(name, String(value));
    return value;
  }

  #conditional(): bigint {
    const test = this.#binary(0);
    if (!this.#take("?")) return test;
    const yes = this.#only(test !== 0n, () => this.#assignment());
    this.#expect(":");
    const no = this.#only(test === 0n, () => this.#conditional());
    return test !== 0n ? yes : no;
  }

  #binary(level: number): bigint {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    while (operators.includes(this.tokens[this.#at] ?? "")) {
      const operator = this.tokens[this.#at]!;
      this.#at += 1;
      const needed = operator === "&&"
        ? left !== 0n
        : operator === "||"
        ? left === 0n
        : true;
      const right = this.#only(needed, () => this.#binary(level + 1));
      left = this.#apply(operator, left, right);
    }
    return left;
  }

  #unary(): bigint {
    if (this.#take("-")) return wrap(-this.#unary());
    if (this.#take("+")) return this.#unary();
    if (this.#take("!")) return this.#unary() === 0n ? 1n : 0n;
    if (this.#take("~")) return ~this.#unary();
    if (this.#take("(")) {
      const value = this.#assignment();
      this.#expect(")");
      return value;
    }
    const token = this.tokens[this.#at] ?? "";
    if (token === "++" || token === "--") {
      throw unsupported(token);
    }
    this.#at += 1;
    if (/^\d/.test(token)) return literal(token);
    if (/^[A-Za-z_]/.test(token)) return this.#variable(token);
    const found = token === "" ? "the end" : `'${token}'`;
    throw new ArithmeticProblem(`arithmetic: unexpected ${found}`);
  }

  /** A variable's text is itself an expression: `a=b+1; $((a))`. */
  #variable(name: string): bigint {
    const value = this.variables.get(name) ?? "";
    if (value.trim() === "" || this.#idle > 0) return 0n;
    if (this.depth > 20) {
      throw new ArithmeticProblem(`arithmetic: ${name} refers to itself`);
    }
    const { variables, depth } = this;
    return new Calculator(tokens(value), variables, depth + 1).whole();
  }

  #apply(operator: string, a: bigint, b: bigint): bigint {
    const division = operator === "/" || operator === "%";
    if (division && b === 0n) {
      if (this.#idle > 0) return 0n;
      throw new ArithmeticProblem("arithmetic: division by zero");
    }
    return wrap(operate(operator, a, b));
  }

  /** Reads on; without effect (no assignment, no complaint) unless `needed`. */
  #only(needed: boolean, read: () => bigint): bigint {
    if (!needed) this.#idle += 1;
    const value = read();
    if (!needed) this.#idle -= 1;
    return value;
  }

  #take(token: string): boolean {
    const found = this.tokens[this.#at] === token;
    if (found) this.#at += 1;
    return found;
  }

  #expect(token: string): void {
    if (this.#take(token)) return;
    throw new ArithmeticProblem(`arithmetic: '${token}' is missing`);
  }
}

function unsupported(operator: string): SyntaxProblem {
  const [sign] = operator;
  const instead = operator.endsWith("=") ? "x = x + 1" : `x = x ${sign} 1`;
  return SyntaxProblem.unsupported(
    `${operator} in arithmetic`,
    `write it out: ${instead}`,
  );
}

function operate(operator: string, a: bigint, b: bigint): bigint {
  const bit = (truth: boolean) => truth ? 1n : 0n;
  switch (operator) {
    case "||":
      return bit(a !== 0n || b !== 0n);
    case "&&":
      return bit(a !== 0n && b !== 0n);
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "&":
      return a & b;
    case "==":
      return bit(a === b);
    case "!=":
      return bit(a !== b);
    case "<=":
      return bit(a <= b);
    case ">=":
      return bit(a >= b);
    case "<":
      return bit(a < b);
    case ">":
      return bit(a > b);
    case "<<":
      return a << (b & 63n);
    case ">>":
      return a >> (b & 63n);
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    default:
      return a % b;
  }
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(BITS, value);
}

function literal(token: string): bigint {
  const octal = /^0[0-7]+$/.test(token);
  const valid = octal || /^(?:\d+|0[xX][\da-fA-F]+)$/.test(token);
  if (!valid) throw new ArithmeticProblem(`arithmetic: bad number '${token}'`);
  return wrap(BigInt(octal ? "0o" + token.slice(1) : token));
}
