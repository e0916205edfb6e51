// The HTTP server written five ways: all answer the same requests with the same
// bytes, survive what clients do to them, and leave nothing behind.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  clock,
  close,
  connect,
  join,
  kill,
  type Main,
  ms,
  type Program,
  read,
  type Routine,
  s,
  setsockopt,
  shutdown,
  sleep,
  socket,
  spawn,
  SysError,
  text,
  thread,
  waitpid,
  within,
  write,
} from "kettle";
import { type MachineOptions, World } from "kettle/world";
import { draw } from "../../kernel/random.ts";
import {
  HEAD_BYTES_MAX,
  parseRequest,
  parseResponse,
  requestBytes,
  responseBytes,
} from "../../userland/lib/http.ts";
import backend from "../../userland/servers/backend.ts";
import block from "../../userland/servers/http_block.ts";
import pool from "../../userland/servers/http_pool.ts";
import push from "../../userland/servers/http_push.ts";
import submit from "../../userland/servers/http_submit.ts";
import threads from "../../userland/servers/http_threads.ts";

const SERVERS: Record<string, Main> = { block, threads, pool, submit, push };
const TO = { host: "www", port: 80 };
const encoder = new TextEncoder();

/** The sentence for each server. */
function ofEachServer(name: string, body: (main: Main) => void): void {
  for (const [style, main] of Object.entries(SERVERS)) {
    test(`${name} (${style})`, () => body(main));
  }
}

/**
 * A server on `www`, its client on another machine. The client's end stops the
 * server; then nothing of either is left.
 */
function serve(
  main: Main,
  args: string[],
  client: () => Routine<unknown>,
  machine: MachineOptions = {},
): World {
  const world = new World();
  const www = world.boot({ name: "www", ...machine });
  const kettle = world.boot({ name: "kettle" });
  const third = world.boot({ name: "back" });
  world.cable(www, kettle);
  world.cable(www, third);
  world.run({ untilNs: 1 * ms });
  const machines = [www, kettle, third];
  const before = machines.map((it) => it.snapshot().counts);
  let ended = false;
  const keep = (program: Main, given: string[]) =>
    function* (): Program {
      const child = yield* spawn(program, given, { group: 0 });
      while (!ended) yield* sleep(10 * ms);
      yield* kill(-child, "TERM");
      yield* waitpid(child);
    };
  const server = www.spawn(keep(main, args), []);
  third.spawn(keep(backend, ["9000"]), []);
  const asked = kettle.spawn(function* () {
    yield* sleep(5 * ms);
    yield* client();
    ended = true;
  }, []);
  const { reason, report } = world.run({ untilNs: 7200 * s });
  assertEquals([asked.stderr, server.stderr], ["", ""]);
  assertEquals(asked.exit, { status: 0 }, `${reason} ${report}`);
  machines.forEach((it, i) => assertEquals(it.snapshot().counts, before[i]));
  return world;
}

/** Sends bytes, closes its direction and gives all that comes back. */
function* ask(data: string | Uint8Array): Routine<string> {
  const fd = yield* socket();
  yield* connect(fd, TO);
  yield* write(fd, data);
  yield* shutdown(fd, "wr");
  const answer = yield* rest(fd);
  yield* close(fd);
  return answer;
}

function* rest(fd: number): Routine<string> {
  let all = "";
  while (true) {
    const piece = yield* read(fd, 65_536);
    if (piece.length === 0) return all;
    all += text(piece);
  }
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: www\r\n\r\n`;
const FILES = {
  "/home/a": "The contents of a.\n",
  "/home/long": "0123456789".repeat(20_000),
};

// ------------------------------------------------------------- the protocol

test("a request is found however its bytes are cut", () => {
  const whole = encoder.encode(
    "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET",
  );
  for (let cut = 0; cut < whole.length - 3; cut++) {
    assertEquals(parseRequest(whole.subarray(0, cut)), null);
  }
  const parsed = parseRequest(whole);
  assert(parsed !== null && "message" in parsed);
  assertEquals(parsed.used, whole.length - 3);
  const { method, target, body, keepAlive } = parsed.message;
  assertEquals([method, target, text(body), keepAlive], [
    "POST",
    "/a?b=c",
    "abc",
    true,
  ]);
});

test("what is no request is told why, with its status", () => {
  const cases: [string, number, RegExp][] = [
    ["hello\r\n\r\n", 400, /METHOD TARGET/],
    ["GET  / HTTP/1.1\r\n\r\n", 400, /METHOD TARGET/],
    ["GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400, /begin with \//],
    ["GET / FTP\r\n\r\n", 400, /HTTP\/1.1/],
    ["GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505, /HTTP\/2.0/],
    ["GET / HTTP/1.1\r\n\r\n", 400, /no Host/],
    ["GET / HTTP/1.1\r\nHost x\r\n\r\n", 400, /NAME: VALUE/],
    ["GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, /NAME: VALUE/],
    ["GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, /number/],
    [
      "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      400,
      /two Content-Lengths/,
    ],
    [
      "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n",
      413,
      /longer/,
    ],
    [
      "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      501,
      /Transfer-Encoding/,
    ],
    ["GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(101) + "\r\n", 431, /headers/],
    ["G".repeat(HEAD_BYTES_MAX + 1), 431, /longer/],
  ];
  for (const [sent, status, why] of cases) {
    const parsed = parseRequest(encoder.encode(sent));
    assert(parsed !== null && "bad" in parsed, sent);
    assertEquals(parsed.bad.status, status, sent);
    assertMatch(parsed.bad.why, why);
  }
});

test("a header of exactly the greatest length passes, one byte more does not", () => {
  for (const [extra, passes] of [[0, true], [1, false]] as const) {
    const frame = "GET / HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n".length;
    const filler = "a".repeat(HEAD_BYTES_MAX - frame + extra);
    const parsed = parseRequest(
      encoder.encode(`GET / HTTP/1.1\r\nHost: x\r\nA: ${filler}\r\n\r\n`),
    );
    assertEquals(parsed !== null && "message" in parsed, passes);
  }
});

test("no bytes whatever make the parsers throw, and what they take is there", () => {
  const seed = encoder.encode(
    "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi",
  );
  for (let i = 0; i < 20_000; i++) {
    const data = seed.slice(0, Math.ceil(draw(1, i, "length") * seed.length));
    for (let change = 0; change < i % 4; change++) {
      const at = Math.floor(draw(1, i, change, "at") * data.length);
      data[at] = Math.floor(draw(1, i, change, "byte") * 256);
    }
    for (const parsed of [parseRequest(data), parseResponse(data, true)]) {
      if (parsed === null) continue;
      if ("bad" in parsed) assert(parsed.bad.status >= 400);
      else assert(parsed.used <= data.length);
    }
  }
});

test("HTTP/1.0 closes unless told to keep alive, HTTP/1.1 the other way round", () => {
  const kept = (version: string, header: string) => {
    const parsed = parseRequest(
      encoder.encode(`GET / ${version}\r\nHost: x\r\n${header}\r\n`),
    );
    return parsed !== null && "message" in parsed && parsed.message.keepAlive;
  };
  assertEquals(kept("HTTP/1.1", ""), true);
  assertEquals(kept("HTTP/1.1", "Connection: close\r\n"), false);
  assertEquals(kept("HTTP/1.0", ""), false);
  assertEquals(kept("HTTP/1.0", "Connection: Keep-Alive\r\n"), true);
});

test("a response is read back as it was written; without a length it ends with the stream", () => {
  const sent = responseBytes(404, "nothing", true);
  for (let cut = 0; cut < sent.length; cut++) {
    assertEquals(parseResponse(sent.subarray(0, cut)), null);
  }
  const parsed = parseResponse(sent);
  assert(parsed !== null && "message" in parsed);
  assertEquals(parsed.message.status, 404);
  assertEquals(text(parsed.message.body), "nothing");
  const endless = encoder.encode("HTTP/1.1 200 OK\r\n\r\nto the end");
  assertEquals(parseResponse(endless), null);
  const whole = parseResponse(endless, true);
  assert(whole !== null && "message" in whole);
  assertEquals(text(whole.message.body), "to the end");
  assertEquals(whole.message.keepAlive, false);
});

test("a request that is written is one that is read", () => {
  for (const keepAlive of [true, false]) {
    const parsed = parseRequest(requestBytes("www", "/x", keepAlive));
    assert(parsed !== null && "message" in parsed);
    assertEquals(parsed.message.target, "/x");
    assertEquals(parsed.message.keepAlive, keepAlive);
  }
});

// ------------------------------------------------------------- the servers

const QUESTIONS = [
  get("/"),
  get("/file/home/a"),
  get("/file/home/long"),
  get("/file/home/none"),
  get("/file/home"),
  get("/nowhere"),
  get("/work?us=100&io=2000"),
  get("/work?us=0.5"),
  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + get("/"),
  get("/") + get("/work?io=1") + get("/file/home/a"),
  "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + get("/"),
  "GET / HTTP/1.0\r\n\r\n",
  "rubbish\r\n\r\n" + get("/"),
  "GET / HTTP/1.1\r\n\r\n",
  "G".repeat(HEAD_BYTES_MAX + 1),
  "GET / HT",
  "",
];
let answers: string[] | null = null;

ofEachServer("the same requests get the same bytes", (main) => {
  const got: string[] = [];
  serve(main, ["-c", "20", "-s", "30"], function* () {
    for (const question of QUESTIONS) got.push(yield* ask(question));
  }, { files: FILES });
  answers ??= got;
  assertEquals(got, answers);
  const statuses = got.map((answer) =>
    [...answer.matchAll(/^HTTP\/1.1 (\d+)/gm)].map((it) => it[1]).join(" ")
  );
  assertEquals(statuses, [
    "200",
    "200",
    "200",
    "404",
    "404",
    "404",
    "200",
    "200",
    "405 200",
    "200 200 200",
    "200",
    "200",
    "400",
    "400",
    "431",
    "",
    "",
  ]);
  assertMatch(got[2]!, /\r\n\r\n(0123456789){20000}$/);
});

ofEachServer("the I/O time can be a backend's", (main) => {
  let tookNs = 0;
  const got: string[] = [];
  serve(main, ["-s", "5000", "-B", "back:9000"], function* () {
    const startNs = yield* clock();
    got.push(yield* ask(get("/")));
    tookNs = (yield* clock()) - startNs;
  });
  assertMatch(got[0]!, /^HTTP\/1.1 200 /);
  assert(tookNs > 5 * ms && tookNs < 6.5 * ms, `${tookNs}`);
});

ofEachServer("a backend that is not there gives 502", (main) => {
  const got: string[] = [];
  serve(main, ["-s", "5000", "-B", "back:9001"], function* () {
    got.push(yield* ask(get("/")));
  });
  assertMatch(got[0]!, /^HTTP\/1.1 502 [^]*the backend does not answer\n$/);
});

ofEachServer("200 clients at once are all answered", (main) => {
  let answered = 0;
  serve(main, ["-s", "1000", "-b", "256"], function* () {
    const clients: number[] = [];
    for (let i = 0; i < 200; i++) {
      clients.push(
        yield* thread(function* () {
          const answer = yield* ask(get("/"));
          if (answer.startsWith("HTTP/1.1 200 ")) answered++;
        }),
      );
    }
    for (const client of clients) yield* join(client);
  }, { memory: 256 * 1024 * 1024 });
  assertEquals(answered, 200);
});

ofEachServer("clients that go away at any time harm nobody", (main) => {
  const got: string[] = [];
  serve(main, ["-s", "2000"], function* () {
    const moments = [0, 0.05, 0.1, 0.2, 0.5, 1, 2, 2.1, 2.2, 3];
    for (const linger0 of [false, true]) {
      for (const moment of moments) {
        const fd = yield* socket();
        yield* connect(fd, TO);
        yield* write(fd, get("/file/home/long") + get("/") + "GET / HT");
        if (moment > 0) yield* sleep(Math.round(moment * ms));
        yield* setsockopt(fd, { linger0 });
        yield* close(fd);
      }
    }
    got.push(yield* ask(get("/")));
  }, { files: FILES });
  assertMatch(got[0]!, /It works/);
});

ofEachServer(
  "a backlog that is full refuses, and serves who was let in",
  (main) => {
    const ends: string[] = [];
    const args = ["-b", "2", "-w", "1", "-c", "5000"];
    serve(main, args, function* () {
      const knock = function* () {
        const fd = yield* socket();
        try {
          yield* within(400 * ms, connect(fd, TO));
          yield* write(fd, get("/"));
          yield* shutdown(fd, "wr");
          ends.push((yield* rest(fd)).slice(9, 12));
        } catch (error) {
          ends.push((error as SysError).code);
        }
        yield* close(fd);
      };
      for (let i = 0; i < 12; i++) yield* thread(knock);
      yield* sleep(1 * s);
    }, { backlogPolicy: "reset" });
    const served = ends.filter((end) => end === "200").length;
    const refused = ends.filter((end) => end === "ECONNREFUSED").length;
    assertEquals(served + refused, 12);
    assert(served >= 3 && refused >= 1, ends.join(" "));
  },
);

for (const [style, main] of Object.entries({ threads, submit, push })) {
  test(`more clients than descriptors: the others come when some have gone (${style})`, () => {
    let answered = 0;
    const crowd = function* (): Program {
      const fds: number[] = [];
      for (let i = 0; i < 600; i++) {
        const fd = yield* socket();
        yield* connect(fd, TO);
        fds.push(fd);
      }
      yield* sleep(200 * ms);
      for (const fd of fds) {
        yield* write(fd, get("/"));
        const answer = text(yield* read(fd, 4096));
        if (answer.includes("It works")) answered++;
        yield* close(fd);
      }
    };
    serve(main, ["-b", "4096"], function* () {
      const crowds = [yield* spawn(crowd), yield* spawn(crowd)];
      for (const pid of crowds) yield* waitpid(pid);
    }, { memory: 1024 ** 3 });
    assertEquals(answered, 1200);
  });
}

test("thread per connection: no memory for a stack closes the connection, and later ones are served", () => {
  const got: string[] = [];
  let closed = 0;
  serve(threads, ["-s", "50000"], function* () {
    for (let i = 0; i < 40; i++) {
      yield* thread(function* () {
        try {
          if ((yield* ask(get("/"))) === "") closed++;
        } catch (error) {
          if (!(error instanceof SysError)) throw error;
          closed++;
        }
      });
    }
    yield* sleep(200 * ms);
    got.push(yield* ask(get("/")));
  }, { memory: 8 * 1024 * 1024 });
  assert(closed > 5 && closed < 40, `${closed}`);
  assertMatch(got[0]!, /It works/);
});

test("who ends the event loop's first process, ends the others", () => {
  const world = new World();
  const www = world.boot({ name: "www" });
  const server = www.spawn(submit, ["-w", "3"]);
  world.run({ untilNs: 1 * s });
  assertEquals(www.snapshot().counts.processes, 3);
  www.spawn(function* () {
    yield* kill(server.pid, "TERM");
  }, []);
  world.run();
  assertEquals(server.exit, { status: 143 });
  assertEquals(www.snapshot().counts.processes, 0);
  assertEquals(www.snapshot().counts.sockets, 0);
});

test("the event loop in several processes shares one listening socket", () => {
  let answered = 0;
  serve(submit, ["-w", "3", "-c", "100"], function* () {
    for (let i = 0; i < 30; i++) {
      if ((yield* ask(get("/"))).includes("It works")) answered++;
    }
  });
  assertEquals(answered, 30);
});
