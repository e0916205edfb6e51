/// <reference lib="dom" />
// Where a claim holds, over two of its parameters: a table of cells that say it in a
// word and a pattern, and who answers most.

import type { MapGrid } from "../../scenarios/lab.ts";
import { made } from "../parts/elements.ts";
import { short } from "./lab_plot.ts";

export function showMap(
  parent: HTMLElement,
  { across, down, cells }: MapGrid,
): void {
  const table = document.createElement("table");
  table.className = "lab-map";
  const caption = table.createCaption();
  caption.textContent =
    `Where the claim holds: ${across.param} across, ${down.param} down. A cell that is not as expected has a question mark.`;
  const head = table.createTHead().insertRow();
  head.append(heading("col", `${down.param} \\ ${across.param}`));
  for (const point of across.points) head.append(heading("col", short(point)));
  const body = table.createTBody();
  down.points.forEach((point, y) => {
    const row = body.insertRow();
    row.append(heading("row", short(point)));
    across.points.forEach((_, x) => {
      const cell = row.insertCell();
      const known = cells[y]?.[x];
      if (known === undefined) return;
      cell.className = known.holds ? "holds" : "fails";
      cell.textContent = (known.holds ? "holds" : "fails") +
        (known.expected ? "" : " ?");
      if (known.best !== "") {
        const best = made("small", "");
        best.textContent = known.best;
        cell.append(" ", best);
      }
    });
  });
  parent.replaceChildren(table);
}

function heading(scope: "col" | "row", text: string): HTMLElement {
  const cell = made("th", "") as HTMLTableCellElement;
  cell.scope = scope;
  cell.textContent = text;
  return cell;
}
