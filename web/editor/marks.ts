/// <reference lib="dom" />
// What is shown on lines beside what TypeScript finds: the line of what is
// selected in the timeline, with a note at its end, and the line where a run
// went wrong, with the sentence under it until somebody writes.

import { type Extension, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  WidgetType,
} from "@codemirror/view";

/** A line, from 1, and what is said of it. */
export interface LineNote {
  line: number;
  text: string;
}

export const lightLine = StateEffect.define<LineNote | null>();
export const markError = StateEffect.define<LineNote | null>();

class Note extends WidgetType {
  constructor(readonly text: string, readonly isBlock: boolean) {
    super();
  }

  override eq(other: Note): boolean {
    return other.text === this.text && other.isBlock === this.isBlock;
  }

  override toDOM(): HTMLElement {
    const note = document.createElement(this.isBlock ? "div" : "span");
    note.className = this.isBlock ? "run-error-text" : "lit-note";
    note.textContent = this.text;
    if (this.isBlock) note.setAttribute("role", "note");
    return note;
  }
}

const litField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { state, changes, effects }) {
    let next = marks.map(changes);
    for (const effect of effects) {
      if (effect.is(lightLine)) next = litMarks(state.doc, effect.value);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const errorField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { state, docChanged, effects }) {
    let next = docChanged ? Decoration.none : marks;
    for (const effect of effects) {
      if (effect.is(markError)) next = errorMarks(state.doc, effect.value);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

type Lines = EditorView["state"]["doc"];

function litMarks(doc: Lines, note: LineNote | null): DecorationSet {
  if (note === null || note.line < 1 || note.line > doc.lines) {
    return Decoration.none;
  }
  const { from, to } = doc.line(note.line);
  const widget = Decoration.widget({
    widget: new Note(note.text, false),
    side: 1,
  });
  const line = Decoration.line({ class: "lit" }).range(from);
  return note.text === ""
    ? Decoration.set([line])
    : Decoration.set([line, widget.range(to)]);
}

function errorMarks(doc: Lines, note: LineNote | null): DecorationSet {
  if (note === null) return Decoration.none;
  const { from, to } = doc.line(Math.max(1, Math.min(doc.lines, note.line)));
  return Decoration.set([
    Decoration.line({ class: "run-error" }).range(from),
    Decoration.widget({
      widget: new Note(note.text, true),
      block: true,
      side: 1,
    }).range(to),
  ]);
}

export const LINE_MARKS: Extension = [litField, errorField];
