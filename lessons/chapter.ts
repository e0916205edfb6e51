// What a chapter of the lessons is: prose, a figure with one control, a question
// to be answered before the figure plays, and a small task. The right answer is
// never written down: it is that choice which agrees with what the figure
// measured. It knows no screen and no world.

/** What a figure measured. */
export type Facts = Readonly<Record<string, number>>;

/** The one thing of a figure that can be turned. */
export interface Control {
  /** Name of the parameter. */
  name: string;
  word: string;
  /** The values it can have. */
  stops: readonly number[];
  value: number;
  unit: string;
}

export interface Choice {
  label: string;
  /** What the fact is, if this is the right one. */
  value: number;
}

export interface Question {
  text: string;
  /** The figure stands here until it is answered, ns. */
  atNs: number;
  /** The style and the value of the control it is asked for, if not the first. */
  style?: string;
  value?: number;
  /** What is asked for. */
  fact: string;
  choices: readonly [Choice, Choice, Choice, Choice];
  /** One sentence, afterwards. */
  why: string;
}

/** How the figure is set. */
export interface Setting {
  style: string;
  value: number;
}

export interface Task {
  text: string;
  /** "" when it is done, or what is still missing. */
  check: (facts: Facts, setting: Setting) => string;
  /** One way to do it: for the tests. */
  solution: Setting;
}

export interface StyleName {
  name: string;
  /** What the tab says beside the row: a few words. */
  line: string;
}

/** The number that is told of each style. */
export interface Tally {
  fact: string;
  word: string;
  unit: "ms" | "%" | "";
}

export interface Chapter {
  id: string;
  title: string;
  /** What the list of chapters says of it. */
  line: string;
  /** The claims it is about, C1 to C15, and the footnotes of the article. */
  claims: readonly number[];
  footnotes?: readonly number[];
  /** Scenarios that go on from here. */
  scenarios: readonly string[];
  /** Paragraphs; `code` and **bold** are marked. */
  prose: readonly string[];
  /** What the figure shows, small. */
  note: string;
  figure: {
    title: string;
    styles: Readonly<Record<string, StyleName>>;
    tally: Tally;
    /** How long the axis is at least: it must not give the answer away. */
    spanNs: number;
    control: Control;
  };
  question: Question;
  task: Task;
}

/** How far a choice may be from what was measured and still be meant. */
const NEAR = 0.08;

/** Which choice is the right one; −1 if none or several agree. */
export function rightChoice({ choices, fact }: Question, facts: Facts): number {
  const measured = facts[fact];
  if (measured === undefined) return -1;
  const agree = choices.map(({ value }, index) => ({ value, index }))
    .filter(({ value }) => Math.abs(value - measured) <= NEAR * Math.abs(value))
    .map(({ index }) => index);
  return agree.length === 1 ? agree[0]! : -1;
}

/** The setting in which the question is asked. */
export function askedSetting({ figure, question }: Chapter): Setting {
  return {
    style: question.style ?? Object.keys(figure.styles)[0]!,
    value: question.value ?? figure.control.value,
  };
}
