// The pieces that answers are made of. Who reads an answer aloud or looks for a
// word in it takes its plain text.

/** A piece of the sentence; `code` is what the machine says. */
export interface Phrase {
  text: string;
  style: "plain" | "bold" | "code";
}

/** A question and what is answered. */
export interface Answer {
  question: string;
  answer: Phrase[];
}

export function bold(text: string): Phrase {
  return { text, style: "bold" };
}

export function code(text: string): Phrase {
  return { text, style: "code" };
}

export function plain(text: string): Phrase {
  return { text, style: "plain" };
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `a, b and 3 more` */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most);
  const more = names.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The sentence as plain text, for those who listen. */
export function asText(answer: Phrase[]): string {
  return answer.map((phrase) => phrase.text).join("");
}
