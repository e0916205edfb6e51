// env [NAME=VALUE]… [COMMAND [ARG]…]: prints the environment, or runs a command
// with a changed one.

import { environ, exec, print, type Program, SysError, write } from "kettle";

export default function* main(args: string[]): Program {
  const env = yield* environ();
  const rest = [...args];
  while (/^[^=]+=/.test(rest[0] ?? "")) {
    const [name = "", ...value] = rest.shift()!.split("=");
    env[name] = value.join("=");
  }
  const [command, ...words] = rest;
  if (command === undefined) {
    for (const [name, value] of Object.entries(env)) {
      yield* print(`${name}=${value}`);
    }
    return 0;
  }
  const path = command.includes("/") ? command : `/bin/${command}`;
  try {
    yield* exec(path, words, { env });
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, `env: ${error.message}\n`);
    return error.code === "ENOENT" ? 127 : 126;
  }
}
