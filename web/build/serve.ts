// A server for a built page: files of one directory, to this computer only. It
// sends no special headers, because any static host must do as well.

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".gz": "application/gzip",
};
const HOST = "127.0.0.1";
const PORTS_TRIED = 50;

export interface Served {
  url: string;
  close(): Promise<void>;
}

/** Serves `directory` at `port`, or at the next free one after it. */
export async function serve(directory: string, port = 8000): Promise<Served> {
  const server = createServer((request, response) => {
    answer(directory, request.url ?? "/").then(({ status, type, body }) => {
      response.writeHead(status, {
        "content-type": type,
        "content-length": body.length,
        "cache-control": "no-cache",
      });
      response.end(request.method === "HEAD" ? undefined : body);
    });
  });
  const bound = await listen(server, port);
  return {
    url: `http://localhost:${bound}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections?.();
      }),
  };
}

async function listen(server: Server, first: number): Promise<number> {
  for (let port = first; port < first + PORTS_TRIED; port++) {
    if (await isBound(server, port)) return port;
  }
  throw new Error(
    `no free port between ${first} and ${first + PORTS_TRIED - 1}`,
  );
}

function isBound(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error);
    server.once("error", onError);
    server.listen(port, HOST, () => {
      server.off("error", onError);
      resolve(true);
    });
  });
}

async function answer(
  directory: string,
  url: string,
): Promise<{ status: number; type: string; body: Uint8Array }> {
  try {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    const name = normalize(path.endsWith("/") ? `${path}index.html` : path);
    if (name.startsWith("..")) throw new Error("outside");
    const body = await readFile(join(directory, name));
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    return { status: 200, type, body };
  } catch {
    const body = new TextEncoder().encode("There is no such file here.\n");
    return { status: 404, type: "text/plain; charset=utf-8", body };
  }
}
