// What programs in a terminal may ask of the host, at /dev/host: a row for each.
// `edit` has none, so the editor is the one in the terminal.

import type { Answers } from "./host_answers.ts";

export const TERMINAL_ANSWERS: Answers = {
  lesson: () => refuse("lessons are on the page"),
  scenario: async (asked, withdrawn) => {
    const { answerScenario } = await import("./scenario_answer.ts");
    return answerScenario(asked, withdrawn);
  },
  share: () => refuse("links are made on the page"),
};

function refuse(why: string): never {
  throw new Error(why);
}
