/// <reference lib="dom" />
// What the pictures of the panels are drawn with.

const NAMESPACE = "http://www.w3.org/2000/svg";

type Attributes = Record<string, string | number>;

export function shape(name: string, className: string): SVGElement {
  const element = document.createElementNS(NAMESPACE, name) as SVGElement;
  element.setAttribute("class", className);
  return element;
}

/** The same with these attributes. */
export function drawn(
  name: string,
  className: string,
  attributes: Attributes,
): SVGElement {
  const element = shape(name, className);
  set(element, attributes);
  return element;
}

export function set(element: SVGElement, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
  }
}

/** A hundredth of a unit is finer than any screen. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
