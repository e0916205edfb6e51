// A line of a program as HTML with the colours of the editor: enough for a few
// lines that are shown and not edited. It knows no DOM.

const TOKEN =
  /(\/\/.*$)|("[^"]*")|(\byield\*|\b(?:const|let|for|while|if|function|return|export|default)\b)|(\b\d[\d_]*\b)|(\b[a-z]\w*(?=\())/g;
const KINDS = ["com", "str", "key", "num", "fn"];

export function highlighted(line: string): string {
  let out = "", at = 0;
  for (const match of line.matchAll(TOKEN)) {
    const kind = KINDS[match.slice(1).findIndex((it) => it !== undefined)];
    out += escaped(line.slice(at, match.index)) +
      `<span class="syn-${kind}">${escaped(match[0])}</span>`;
    at = match.index + match[0].length;
  }
  return out + escaped(line.slice(at));
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(
    />/g,
    "&gt;",
  );
}
