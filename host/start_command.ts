// `kettle start`: builds the page and serves it to this computer.

import {
  type CommandLine,
  type OptionTable,
  UsageError,
  wholeNumber,
} from "./options.ts";

export const START_OPTIONS: OptionTable = {
  port: { value: "N", about: "where to listen (8000, or the next free one)" },
};

/** Never returns by itself: the server runs until ^C. */
export async function startCommand(
  { given, rest }: CommandLine,
): Promise<number> {
  if (rest.length > 0) throw new UsageError(`start takes no ${rest[0]}`);
  const port = wholeNumber("port", String(given.port ?? "8000"));
  if (port > 65_535) {
    throw new UsageError(`--port ends at 65535: received ${port}`);
  }
  const { startPage } = await import("../web/build/start.ts");
  const { url } = await startPage(port);
  console.log(`Kettle is at ${url}  (^C ends it)`);
  return await new Promise<never>(() => {});
}
