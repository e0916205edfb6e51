// The options of the shell that `set` and `sh -…` turn on and off: their letters,
// their long names, and what is said of those that Kettle's shell has not. What
// an option does is written where it does it.

import { SyntaxProblem } from "./tree.ts";

const LETTERS = {
  a: "allexport",
  C: "noclobber",
  f: "noglob",
  n: "noexec",
  u: "nounset",
  x: "xtrace",
} as const;

export type OptionName = (typeof LETTERS)[keyof typeof LETTERS];

const NAMES: readonly OptionName[] = Object.values(LETTERS);

/** Options of other shells, and what to write for them. */
const UNSUPPORTED = new Map([
  ["e", "write COMMAND || exit"],
  ["errexit", "write COMMAND || exit"],
  ["pipefail", "the status of a pipeline is that of its last command"],
  ["v", "set -x shows commands as they run"],
  ["verbose", "set -x shows commands as they run"],
  ["m", "a shell at a terminal has job control, a script has not"],
  ["monitor", "a shell at a terminal has job control, a script has not"],
  ["b", "jobs that end are told before the next prompt"],
  ["notify", "jobs that end are told before the next prompt"],
  ["vi", "the keys are those of emacs"],
  ["emacs", "the keys are those of emacs already"],
]);

/** `aux`: the letters of what is on. */
export function optionLetters(options: ReadonlySet<OptionName>): string {
  return Object.entries(LETTERS).map(([letter, name]) =>
    options.has(name) ? letter : ""
  ).join("");
}

/** `nounset` for `u`; refuses what there is not. `sign` is `-` or `+`. */
export function optionOfLetter(letter: string, sign = "-"): OptionName {
  const name = LETTERS[letter as keyof typeof LETTERS];
  if (name !== undefined) return name;
  throw unsupported(`set ${sign}${letter}`, letter);
}

/** The name itself, as `set -o` has it; refuses what there is not. */
export function optionOfName(name: string, sign = "-"): OptionName {
  const found = NAMES.find((each) => each === name);
  if (found !== undefined) return found;
  throw unsupported(`set ${sign}o ${name}`, name);
}

/** Switches one option. */
export function switchOption(
  options: Set<OptionName>,
  name: OptionName,
  sign: string,
): void {
  if (sign === "-") options.add(name);
  else options.delete(name);
}

/** What `set -o` prints, or `set +o`: commands that bring it all back. */
export function optionList(
  options: ReadonlySet<OptionName>,
  asCommands: boolean,
): string {
  return [...NAMES].sort().map((name) => {
    const on = options.has(name);
    if (asCommands) return `set ${on ? "-" : "+"}o ${name}\n`;
    return `${name.padEnd(12)}${on ? "on" : "off"}\n`;
  }).join("");
}

function unsupported(what: string, option: string): SyntaxProblem {
  return SyntaxProblem.unsupported(
    what,
    UNSUPPORTED.get(option) ?? "there are -a -C -f -n -u -x",
  );
}
