// yes [TEXT]: prints a line again and again, until nobody reads it any more.

import { type Program, write } from "kettle";

export default function* main(args: string[]): Program {
  const line = (args.length === 0 ? "y" : args.join(" ")) + "\n";
  const lines = line.repeat(Math.ceil(4096 / line.length));
  while (true) yield* write(1, lines);
}
