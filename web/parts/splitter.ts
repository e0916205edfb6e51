/// <reference lib="dom" />
// The line between terminal and timeline: dragged, moved by arrow keys, and put
// back by a double click.

const TERMINAL_MIN_PX = 120;
/** What the timeline and the drawer need. */
const REST_MIN_PX = 260;
const STEP_PX = 16;

export function makeSplitter(
  splitter: HTMLElement,
  screen: HTMLElement,
  terminal: HTMLElement,
): void {
  const set = (px: number) => setHeight(splitter, screen, px);
  splitter.addEventListener("pointerdown", (event) => {
    splitter.setPointerCapture(event.pointerId);
  });
  splitter.addEventListener("pointermove", (event) => {
    if (event.buttons === 0) return;
    set(event.clientY - screen.getBoundingClientRect().top);
  });
  splitter.addEventListener("dblclick", () => {
    screen.style.removeProperty("--terminal-height");
  });
  splitter.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp") set(terminal.clientHeight - STEP_PX);
    else if (event.key === "ArrowDown") set(terminal.clientHeight + STEP_PX);
    else return;
    event.preventDefault();
  });
}

function setHeight(
  splitter: HTMLElement,
  screen: HTMLElement,
  px: number,
): void {
  const most = screen.clientHeight - REST_MIN_PX;
  const size = Math.max(TERMINAL_MIN_PX, Math.min(most, px));
  screen.style.setProperty("--terminal-height", `${size}px`);
  const percent = Math.round(100 * size / screen.clientHeight);
  splitter.setAttribute("aria-valuenow", String(percent));
}
