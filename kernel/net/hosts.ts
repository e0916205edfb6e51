// Which machine a name means. A machine's own name is known everywhere; addresses
// (10.0.0.1 is the first machine of the world) and what /etc/hosts adds lead to
// such a name. No packet and no time is spent on it.
//
// Divergence from Linux: the kernel looks names up, not a library; an address is
// a name like any other, and packets carry names.

/** `10.0.0.1` for machine 0; 250 machines to a net. */
export function addressOf(index: number): string {
  return `10.0.${Math.floor(index / 250)}.${index % 250 + 1}`;
}

/** The lines of an /etc/hosts that lists these machines. */
export function hostsText(names: readonly string[]): string {
  const lines = names.map((name, index) => `${addressOf(index)} ${name}\n`);
  return `127.0.0.1 localhost\n${lines.join("")}`;
}

/** The name of the machine that `host` means; `host` itself if nobody knows. */
export function resolveHost(
  host: string,
  names: readonly string[],
  readHosts: () => string,
): string {
  const known = machineAt(host, names);
  if (known !== null) return known;
  for (const line of readHosts().split("\n")) {
    const [target, ...others] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (!others.includes(host)) continue;
    return machineAt(target!, names) ?? host;
  }
  return host;
}

/** A machine's name, or that of the one at an address. */
function machineAt(host: string, names: readonly string[]): string | null {
  if (host === "127.0.0.1" || host === "localhost") return "localhost";
  if (names.includes(host)) return host;
  return names.find((_, index) => addressOf(index) === host) ?? null;
}
