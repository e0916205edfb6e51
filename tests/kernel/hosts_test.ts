// Names and addresses: which machine a program means.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  accept,
  bind,
  close,
  connect,
  getpeername,
  listen,
  type Program,
  socket,
  SysError,
} from "kettle";
import { World } from "kettle/world";
import { hostsText, resolveHost } from "../../kernel/net/hosts.ts";

const NAMES = ["kettle", "www"];
const HOSTS = `# name service
10.0.0.2  shop store # two names
www tea
127.0.0.1 me
10.9.9.9 nowhere
shop again
`;

test("a name is a machine's, an address, or stands in /etc/hosts", () => {
  const resolve = (host: string) => resolveHost(host, NAMES, () => HOSTS);
  const table = {
    www: "www",
    "10.0.0.1": "kettle",
    "10.0.0.2": "www",
    "127.0.0.1": "localhost",
    shop: "www",
    store: "www",
    tea: "www",
    me: "localhost",
    nowhere: "nowhere", // its address is nobody's
    again: "again", // a line leads to a machine, not to another line
    two: "two", // a comment
    "10.0.0.9": "10.0.0.9",
    "": "",
  };
  for (const [host, machine] of Object.entries(table)) {
    assertEquals(resolve(host), machine, host);
  }
});

test("the machines of a world are listed by address", () => {
  assertEquals(
    hostsText(NAMES),
    "127.0.0.1 localhost\n10.0.0.1 kettle\n10.0.0.2 www\n",
  );
  const many = Array.from({ length: 251 }, (_, i) => `m${i}`);
  assertEquals(hostsText(many).split("\n").at(-2), "10.0.1.1 m250");
});

test("a program connects by an alias, by an address and to itself", () => {
  const world = new World();
  const files = { "/etc/hosts": "10.0.0.2 shop\n" };
  const kettle = world.boot({ name: "kettle", files });
  const www = world.boot({ name: "www" });
  world.cable(kettle, www);
  const serve = (host: string) =>
    function* server(): Program {
      const fd = yield* socket();
      yield* bind(fd, { host, port: 80 });
      yield* listen(fd, 8);
      for (;;) yield* close(yield* accept(fd));
    };
  www.spawn(serve("10.0.0.2"));
  kettle.spawn(serve("127.0.0.1"));
  const seen: string[] = [];
  kettle.spawn(function* client(): Program {
    const hosts = ["shop", "10.0.0.2", "10.0.0.1", "127.0.0.1", "shopp"];
    for (const host of hosts) {
      const fd = yield* socket();
      try {
        yield* connect(fd, { host, port: 80 });
        seen.push((yield* getpeername(fd)).host);
      } catch (error) {
        seen.push((error as SysError).code);
      }
      yield* close(fd);
    }
  });
  world.run();
  assertEquals(seen, ["www", "www", "kettle", "kettle", "ENETUNREACH"]);
});
