/// <reference lib="dom" />
// The code on the screen: CodeMirror with a state for each file, one of them in
// front. It knows neither the machine nor what the text is for.

import {
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import {
  defaultKeymap,
  history,
  historyKeymap,
  indentWithTab,
  isolateHistory,
} from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import {
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { forceLinting } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import {
  EditorState,
  type Extension,
  Transaction,
  type TransactionSpec,
} from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  tooltips,
} from "@codemirror/view";
import { HIGHLIGHT } from "./highlight.ts";
import { lightLine, LINE_MARKS, type LineNote, markError } from "./marks.ts";

export interface CodeListener {
  /** The visitor has written. */
  onWrite(path: string, text: string): void;
  /** The cursor is on this line, from 1. */
  onCursor(path: string, line: number): void;
  onRun(): void;
  onSave(): void;
}

const PROGRAM = /\.ts$|^\/(bin|lib|sh|servers)\/|^\/\./;

export class CodeView {
  readonly #listener: CodeListener;
  readonly #help: (path: string) => Extension;
  readonly #view: EditorView;
  readonly #root: HTMLElement;
  readonly #states = new Map<string, EditorState>();
  #path = "";
  #line = 0;

  constructor(
    root: HTMLElement,
    help: (path: string) => Extension,
    listener: CodeListener,
  ) {
    this.#root = root;
    this.#listener = listener;
    this.#help = help;
    this.#view = new EditorView({
      parent: root,
      state: EditorState.create({
        extensions: [EditorState.readOnly.of(true)],
      }),
    });
  }

  get path(): string {
    return this.#path;
  }

  has(path: string): boolean {
    return this.#states.has(path);
  }

  /** A file, not yet in front. */
  add(path: string, text: string, isReadOnly: boolean): void {
    this.#states.set(path, this.#stateOf(path, text, isReadOnly));
  }

  remove(path: string): void {
    this.#states.delete(path);
    if (this.#path === path) this.#path = "";
  }

  /** That file comes to the front. */
  show(path: string): void {
    if (path === this.#path) return;
    this.#keep();
    this.#path = path;
    this.#view.setState(this.#states.get(path)!);
  }

  /** The file has another text now; what was typed can still be undone. */
  replace(path: string, text: string): void {
    const state = this.#state(path);
    if (state === undefined) return;
    const old = state.doc.toString();
    let from = 0, end = old.length, newEnd = text.length;
    while (from < end && from < newEnd && old[from] === text[from]) from++;
    while (
      end > from && newEnd > from && old[end - 1] === text[newEnd - 1]
    ) {
      end--;
      newEnd--;
    }
    const changes = { from, to: end, insert: text.slice(from, newEnd) };
    const annotations = [
      Transaction.remote.of(true),
      isolateHistory.of("full"),
    ];
    this.#update(path, { changes, annotations });
  }

  light(path: string, note: LineNote | null): void {
    this.#update(path, { effects: lightLine.of(note) });
    if (note !== null) this.#reveal(path, note.line);
  }

  markError(path: string, note: LineNote | null): void {
    this.#update(path, { effects: markError.of(note) });
    if (note !== null) this.#reveal(path, note.line);
  }

  /** The cursor goes to that line. */
  goTo(path: string, from: number, to = from): void {
    const { length } = this.#state(path)?.doc ?? { length: 0 };
    const anchor = Math.min(from, length), head = Math.min(to, length);
    this.#update(path, {
      selection: { anchor, head },
      effects: EditorView.scrollIntoView(anchor, { y: "center" }),
    });
  }

  offsetOf(path: string, line: number): number {
    const { doc } = this.#state(path) ?? this.#view.state;
    return doc.line(Math.max(1, Math.min(doc.lines, line))).from;
  }

  focus(): void {
    this.#view.focus();
  }

  /** What is wrong is asked for again. */
  lint(): void {
    if (this.#path !== "") forceLinting(this.#view);
  }

  // ----------------------------------------------------------- states

  #state(path: string): EditorState | undefined {
    return path === this.#path ? this.#view.state : this.#states.get(path);
  }

  #update(
    path: string,
    spec: TransactionSpec,
  ): void {
    if (path === this.#path) return this.#view.dispatch(spec);
    const state = this.#states.get(path);
    if (state !== undefined) this.#states.set(path, state.update(spec).state);
  }

  #keep(): void {
    if (this.#states.has(this.#path)) {
      this.#states.set(this.#path, this.#view.state);
    }
  }

  /** Only as far as it takes: a line that is seen already stays where it is. */
  #reveal(path: string, line: number): void {
    if (path !== this.#path) return;
    const at = this.offsetOf(path, line);
    this.#view.dispatch({
      effects: EditorView.scrollIntoView(at, { y: "nearest", yMargin: 40 }),
    });
  }

  #stateOf(path: string, text: string, isReadOnly: boolean): EditorState {
    const isProgram = PROGRAM.test(path);
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        indentUnit.of("  "),
        EditorState.tabSize.of(2),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        syntaxHighlighting(HIGHLIGHT),
        tooltips({ position: "fixed", parent: this.#root.parentElement! }),
        isProgram ? javascript({ typescript: true }) : EditorView.lineWrapping,
        isProgram ? this.#help(path) : [],
        LINE_MARKS,
        EditorState.readOnly.of(isReadOnly),
        EditorView.contentAttributes.of({
          "aria-label": `Code of ${path}${isReadOnly ? ", read only" : ""}`,
          spellcheck: "false",
          tabindex: "0", // so that it is known to take the focus
        }),
        this.#listens(path),
        this.#keys(),
      ],
    });
  }

  #listens(path: string): Extension {
    return EditorView.updateListener.of(
      ({ docChanged, selectionSet, transactions, state, view }) => {
        const isOurs = transactions.every((it) =>
          it.annotation(Transaction.remote) !== true
        );
        if (docChanged && isOurs) {
          this.#listener.onWrite(path, state.doc.toString());
        }
        if (!selectionSet || !view.hasFocus) return;
        const { number } = state.doc.lineAt(state.selection.main.head);
        if (number === this.#line) return;
        this.#line = number;
        this.#listener.onCursor(path, number);
      },
    );
  }

  #keys(): Extension {
    const does = (act: () => void) => () => {
      act();
      return true;
    };
    return keymap.of([
      { key: "Mod-Enter", run: does(() => this.#listener.onRun()) },
      { key: "Mod-s", run: does(() => this.#listener.onSave()) },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...defaultKeymap,
      indentWithTab,
    ]);
  }
}
