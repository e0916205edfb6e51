/// <reference lib="dom" />
// The timeline as a picture in a file: SVG that needs no style sheet, in the
// colours of the present theme, and the same as PNG. The drawing is that of the
// still figure (timeline/figure.ts).

import { figure, patterns } from "../timeline/figure.ts";
import type { Picture } from "./share_door.ts";

const WIDTH_PX = 1200;
const MARGIN_PX = 16;
const NAMES_PX = 152;
const FOOT_PX = 24;
/** Points of the PNG for each of the SVG. */
const SCALE = 2;

/** Text for a file of its own. */
export function svgOf({ lanes, span, now }: Picture): string {
  const all = document.createElement("div");
  all.innerHTML = figure(lanes, span, now, "Timeline of Kettle");
  const [names, plot] = all.querySelectorAll<SVGElement>(".drawing > svg");
  const height = Number(plot!.getAttribute("height"));
  plot!.setAttribute("x", String(MARGIN_PX + NAMES_PX));
  plot!.setAttribute("y", String(MARGIN_PX));
  plot!.setAttribute("width", String(WIDTH_PX - NAMES_PX - 3 * MARGIN_PX));
  names!.setAttribute("x", String(MARGIN_PX));
  names!.setAttribute("y", String(MARGIN_PX));
  names!.setAttribute("width", String(NAMES_PX));
  const paint = document.createElement("div");
  paint.innerHTML = patterns();
  const serializer = new XMLSerializer();
  const inner = [paint.firstElementChild!, names!, plot!]
    .map((element) => serializer.serializeToString(element)).join("\n");
  const whole = height + 2 * MARGIN_PX + FOOT_PX;
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" ` +
    `height="${whole}" viewBox="0 0 ${WIDTH_PX} ${whole}">` +
    `<style>${STYLE}</style>` +
    `<rect width="100%" height="100%" style="fill:var(--surface)"/>${inner}` +
    `<text class="axis" x="${MARGIN_PX}" y="${whole - 12}">Kettle</text></svg>`;
  return inColours(text);
}

const STYLE =
  "text{font:12px -apple-system,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif;fill:var(--ink)}" +
  ".letter{font:600 12px ui-monospace,Menlo,Consolas,'Liberation Mono',monospace}" +
  ".axis,.now-text{font:10px ui-monospace,Menlo,Consolas,'Liberation Mono',monospace;fill:var(--ink-3)}" +
  ".grid{stroke:var(--line)}.now{stroke:var(--whistle);stroke-width:2}" +
  ".now-tag{fill:var(--whistle)}.now-text{fill:var(--on-whistle)}";

/** The tokens become what they stand for now. */
function inColours(text: string): string {
  const style = getComputedStyle(document.documentElement);
  return text.replace(
    /var\((--[\w-]+)\)/g,
    (_, name: string) => style.getPropertyValue(name).trim() || "none",
  );
}

export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  const blob = new Blob([svg], { type: "image/svg+xml" });
  image.src = URL.createObjectURL(blob);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * SCALE;
  canvas.height = image.height * SCALE;
  const pen = canvas.getContext("2d")!;
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return await new Promise((resolve, reject) =>
    canvas.toBlob((png) =>
      png === null ? reject(new Error("no picture came")) : resolve(png)
    )
  );
}
