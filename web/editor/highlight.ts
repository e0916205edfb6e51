// Which part of a program gets which colour: classes, whose colours are tokens.

import { tagHighlighter, tags } from "@lezer/highlight";

export const HIGHLIGHT = tagHighlighter([
  {
    tag: [
      tags.keyword,
      tags.controlKeyword,
      tags.moduleKeyword,
      tags.operatorKeyword,
      tags.definitionKeyword,
      tags.modifier,
      tags.self,
      tags.null,
      tags.bool,
    ],
    class: "syn-key",
  },
  { tag: [tags.string, tags.special(tags.string)], class: "syn-str" },
  { tag: [tags.regexp, tags.escape], class: "syn-str" },
  { tag: [tags.number], class: "syn-num" },
  {
    tag: [
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
    ],
    class: "syn-fn",
  },
  { tag: [tags.comment], class: "syn-com" },
  { tag: [tags.typeName, tags.className, tags.namespace], class: "syn-type" },
]);
