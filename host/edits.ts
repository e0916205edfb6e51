// Insertions and cuts in a text, collected in any order and applied at once.
// What is put in never holds a line break, so lines stay where they are.

interface Edit {
  at: number;
  /** At one place: first what closes, the innermost first; then what opens. */
  rank: number;
  order: number;
  end: number;
  text: string;
}

export class Edits {
  #list: Edit[] = [];

  /** Before the text at `at`. Of several, the one added first is outermost. */
  open(at: number, text: string): void {
    this.#add({ at, rank: 1, order: this.#list.length, end: at, text });
  }

  /** After the text that began at `from` and ends at `at`. */
  close(at: number, from: number, text: string): void {
    this.#add({ at, rank: 0, order: -from, end: at, text });
  }

  /** In place of the text between. */
  replace(at: number, end: number, text: string): void {
    this.#add({ at, rank: 2, order: this.#list.length, end, text });
  }

  #add(edit: Edit): void {
    this.#list.push(edit);
  }

  apply(source: string): string {
    const list = [...this.#list].sort((a, b) =>
      a.at - b.at || a.rank - b.rank || a.order - b.order
    );
    const pieces: string[] = [];
    let done = 0;
    for (const { at, end, text } of list) {
      if (at > done) pieces.push(source.slice(done, at));
      pieces.push(text);
      done = Math.max(done, at, end);
    }
    pieces.push(source.slice(done));
    return pieces.join("");
  }
}
