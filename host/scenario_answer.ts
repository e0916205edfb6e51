// What `scenario …`, typed in a machine's shell, gets from the terminal that runs
// it: what `kettle scenario …` prints. It runs in workers, so that the machine goes
// on, and stops when the program does. Shards are not merged here: their files are
// the host's, not the machine's.

import type { Asked } from "./host_answers.ts";
import { scenarioCommand } from "./scenario_command.ts";

/** Most of what is shown: an answer must fit into a line of /dev/host. */
const LETTERS_MAX = 30_000;

export async function answerScenario(
  { args }: Asked,
  signal?: AbortSignal,
  lettersMax = LETTERS_MAX,
): Promise<{ text: string; status: number }> {
  const words = wordsOf(args);
  if (words[0] === "merge") {
    throw new Error("shards are merged outside: kettle scenario merge FILE…");
  }
  const lines: string[] = [];
  const print = (text: string) => void lines.push(text);
  const status = await scenarioCommand({ given: {}, rest: words }, {
    print,
    complain: print,
    isShared: true,
    signal,
  });
  const text = lines.join("\n");
  if (text.length > lettersMax) {
    throw new Error(
      `that is ${text.length} letters, and ${lettersMax} fit: ask for fewer points`,
    );
  }
  return { text, status };
}

function wordsOf(args: unknown): string[] {
  const isList = Array.isArray(args) &&
    args.every((word) => typeof word === "string");
  if (!isList) throw new Error("args is a list of words");
  return args;
}
