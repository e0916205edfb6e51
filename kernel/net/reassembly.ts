// Bytes that arrived before those in front of them: kept, in order, until the
// gap is filled. It knows sequence numbers and bytes, nothing of who sends them.

interface Piece {
  sequence: number;
  data: Uint8Array;
}

export class Reassembly {
  /** In order, without overlap. */
  #pieces: Piece[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Bytes kept. */
  get length(): number {
    return this.#bytes;
  }

  /** Keeps bytes that lie behind a gap; what is there already is not kept twice. */
  add(sequence: number, data: Uint8Array): void {
    const kept: Piece[] = [];
    let from = sequence;
    const end = sequence + data.length;
    const keep = (to: number) => {
      if (to <= from) return;
      const part = data.subarray(from - sequence, to - sequence);
      kept.push({ sequence: from, data: part });
      this.#bytes += part.length;
    };
    let placed = false;
    for (const piece of this.#pieces) {
      if (!placed && piece.sequence + piece.data.length > from) {
        keep(Math.min(end, piece.sequence));
        from = Math.max(from, piece.sequence + piece.data.length);
        placed = from >= end;
      }
      kept.push(piece);
    }
    keep(end);
    this.#pieces = kept.sort((a, b) => a.sequence - b.sequence);
  }

  /** Takes the bytes that come next, if they are there; null: there is a gap. */
  take(next: number): Uint8Array | null {
    for (;;) {
      const [first] = this.#pieces;
      if (first === undefined || first.sequence > next) return null;
      this.#pieces.shift();
      this.#bytes -= first.data.length;
      const old = next - first.sequence;
      if (old < first.data.length) return first.data.subarray(old);
    }
  }

  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }
}
