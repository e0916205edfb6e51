/// <reference lib="dom" />
// The language service in the editor: squiggles with their sentences and fixes,
// completion with imports, what a name is, where it comes from, and the
// parameters of the call that is being written.

import {
  autocompletion,
  type Completion as Offer,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import {
  EditorState,
  type Extension,
  StateEffect,
  StateField,
} from "@codemirror/state";
import {
  EditorView,
  hoverTooltip,
  keymap,
  showTooltip,
  type Tooltip,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { aboutElement } from "./about_element.ts";
import type { LanguageClient } from "./language_client.ts";
import type { Completion, Finding, Place } from "./language_protocol.ts";

export interface HelpListener {
  /** A name comes from there. */
  onDefinition(place: Place): void;
  onFindings(count: number): void;
}

const FINDINGS_AFTER_MS = 250;
/** TypeScript's kinds → the icons of the list. */
const KINDS: Record<string, string> = {
  "function": "function",
  "local function": "function",
  "method": "method",
  "class": "class",
  "interface": "interface",
  "type": "type",
  "alias": "type",
  "const": "constant",
  "let": "variable",
  "var": "variable",
  "parameter": "variable",
  "property": "property",
  "getter": "property",
  "enum": "enum",
  "keyword": "keyword",
  "module": "namespace",
  "string": "text",
};

/** Everything for one file. */
export function languageHelp(
  path: string,
  client: LanguageClient,
  listener: HelpListener,
): Extension {
  return [
    lintGutter(),
    linter((view) => findings(path, client, view, listener), {
      delay: FINDINGS_AFTER_MS,
    }),
    autocompletion({
      override: [(context) => completions(path, client, context)],
      icons: true,
    }),
    hoverTooltip((view, at) => hover(path, client, view, at), {
      hoverTime: 250,
    }),
    definitions(path, client, listener),
    parameters(path, client),
    EditorState.languageData.of(() => [{
      closeBrackets: { brackets: ["(", "[", "{", "'", '"', "`"] },
    }]),
  ];
}

// ------------------------------------------------------------- squiggles

async function findings(
  path: string,
  client: LanguageClient,
  view: EditorView,
  listener: HelpListener,
): Promise<Diagnostic[]> {
  client.file(path, view.state.doc.toString());
  const found = await client.ask("findings", path);
  const wrong = found.filter(({ severity }) => severity === "error");
  listener.onFindings(wrong.length);
  const { length } = view.state.doc;
  return found.filter(({ to }) => to <= length).map(diagnosticOf);
}

function diagnosticOf(finding: Finding): Diagnostic {
  const { from, to, severity, text, source, fix } = finding;
  const isUnused = severity === "unused";
  return {
    from,
    to,
    severity: isUnused ? "hint" : severity,
    message: text,
    source,
    markClass: isUnused ? "unused" : undefined,
    actions: fix === undefined ? [] : [{
      name: fix.name,
      apply: (view) => view.dispatch({ changes: fix.changes }),
    }],
  };
}

// ------------------------------------------------------------- completion

async function completions(
  path: string,
  client: LanguageClient,
  context: CompletionContext,
): Promise<CompletionResult | null> {
  const before = context.matchBefore(/[\w$]+$|\.$|["'/]$/);
  if (before === null && !context.explicit) return null;
  client.file(path, context.state.doc.toString());
  const found = await client.ask("completions", path, context.pos);
  if (found === null || context.aborted) return null;
  const { from, options } = found;
  return {
    from,
    options: options.map((it) => offerOf(path, client, it, context.pos)),
    validFor: /^[\w$]*$/,
  };
}

function offerOf(
  path: string,
  client: LanguageClient,
  { label, kind, sortText, from: module, changes }: Completion,
  at: number,
): Offer {
  const offer: Offer = {
    label,
    type: KINDS[kind] ?? "variable",
    boost: 20 - Math.min(40, Number(sortText.slice(0, 2)) || 20),
    info: async () => {
      const about = await client.ask("detail", path, at, label);
      return about === null ? null : aboutElement(about);
    },
  };
  if (module === undefined) return offer;
  return {
    ...offer,
    detail: `from "${module}"`,
    apply: (view, _offer, from, to) => {
      const word = { from, to, insert: label };
      view.dispatch({
        changes: [...changes ?? [], word],
        selection: {
          anchor: view.state.changes([...changes ?? [], word]).mapPos(to, 1),
        },
        userEvent: "input.complete",
      });
    },
  };
}

// ------------------------------------------------------------- what and whence

async function hover(
  path: string,
  client: LanguageClient,
  view: EditorView,
  at: number,
): Promise<Tooltip | null> {
  client.file(path, view.state.doc.toString());
  const found = await client.ask("hover", path, at);
  if (found === null || found.to > view.state.doc.length) return null;
  return {
    pos: found.from,
    end: found.to,
    above: true,
    create: () => ({ dom: aboutElement(found) }),
  };
}

function definitions(
  path: string,
  client: LanguageClient,
  listener: HelpListener,
): Extension {
  const go = async (view: EditorView, at: number) => {
    client.file(path, view.state.doc.toString());
    const place = await client.ask("definition", path, at);
    if (place !== null) listener.onDefinition(place);
  };
  return [
    keymap.of([{
      key: "F12",
      run: (view) => {
        go(view, view.state.selection.main.head);
        return true;
      },
    }]),
    EditorView.domEventHandlers({
      mousedown: (event, view) => {
        if (!(event.ctrlKey || event.metaKey) || event.button !== 0) {
          return false;
        }
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
        if (at === null) return false;
        event.preventDefault();
        go(view, at);
        return true;
      },
    }),
  ];
}

// ------------------------------------------------------------- parameters

const showParameters = StateEffect.define<Tooltip | null>();

const parametersField = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, { effects }) {
    for (const effect of effects) {
      if (effect.is(showParameters)) return effect.value;
    }
    return tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

/** Asked when a bracket or a comma was written, and while it shows. */
function parameters(path: string, client: LanguageClient): Extension {
  class Parameters {
    #asked = 0;

    constructor(readonly view: EditorView) {}

    update({ docChanged, selectionSet, transactions, state }: ViewUpdate) {
      if (!docChanged && !selectionSet) return;
      const isShown = state.field(parametersField) !== null;
      const wrote = transactions.some((it) => it.isUserEvent("input")) &&
        /[(,]$/.test(state.sliceDoc(0, state.selection.main.head).slice(-1));
      if (isShown || wrote) this.#ask();
    }

    async #ask(): Promise<void> {
      const asked = ++this.#asked;
      const { state } = this.view;
      const { head } = state.selection.main;
      client.file(path, state.doc.toString());
      const found = await client.ask("parameters", path, head);
      if (asked !== this.#asked || !this.view.dom.isConnected) return;
      if (this.view.state.selection.main.head !== head) return;
      const tooltip: Tooltip | null = found === null ? null : {
        pos: head,
        above: true,
        create: () => ({ dom: signatureElement(found) }),
      };
      this.view.dispatch({ effects: showParameters.of(tooltip) });
    }
  }
  return [
    parametersField,
    ViewPlugin.fromClass(Parameters),
    keymap.of([{
      key: "Escape",
      run: (view) => {
        if (view.state.field(parametersField) === null) return false;
        view.dispatch({ effects: showParameters.of(null) });
        return true;
      },
    }]),
  ];
}

function signatureElement(
  { signature, active }: { signature: string; active: [number, number] | null },
): HTMLElement {
  const root = document.createElement("div");
  root.className = "about parameters";
  if (active === null) {
    root.textContent = signature;
    return root;
  }
  const [from, to] = active;
  const now = document.createElement("b");
  now.textContent = signature.slice(from, to);
  root.append(signature.slice(0, from), now, signature.slice(to));
  return root;
}
