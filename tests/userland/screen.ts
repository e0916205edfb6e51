// A terminal for tests: xterm without a page, fed with what a machine's console
// writes, and its rows as text.

import xterm from "@xterm/headless";
import type { Session } from "./programs.ts";

export class Screen {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;

  constructor(readonly session: Session, columns = 80, rows = 24) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
    });
    session.machine.resize(columns, rows);
    session.machine.console.onOutput = (bytes) => this.#terminal.write(bytes);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.session.machine.resize(columns, rows);
  }

  /** Types keys, lets a second pass, and gives the rows, without blanks at their ends. */
  async type(keys: string): Promise<string[]> {
    this.session.machine.type(keys);
    this.session.settle(1_000_000_000);
    await new Promise<void>((done) => this.#terminal.write("", done));
    return this.rows;
  }

  get rows(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.#terminal.rows }, (_, row) => {
      const line = active.getLine(active.viewportY + row);
      return line?.translateToString(true) ?? "";
    });
  }

  /** Where the cursor is, from 0. */
  get cursor(): [row: number, column: number] {
    const { cursorY, cursorX } = this.#terminal.buffer.active;
    return [cursorY, cursorX];
  }

  /** Whether a program has taken the whole screen. */
  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === "alternate";
  }
}
