/// <reference lib="dom" />
// Where the machine runs: a worker inside an iframe that has no origin, no
// network and no storage. The page makes it, talks to it through one port,
// watches its pulse, and can put it to death. It does not know what is said.

import type { FromRunner, ToRunner } from "../protocol.ts";

/** The frame's own rules; the worker inherits them. */
const POLICY =
  "default-src 'none'; script-src blob: 'unsafe-inline'; worker-src blob:";

/** All that runs in the frame: it starts the worker and gives it the port. */
const FRAME = `<!DOCTYPE html>
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<script>
addEventListener("message", ({ data: { text, port } }) => {
  const source = new Blob([text], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(source));
  worker.onerror = (event) => parent.postMessage(
    { kind: "fault", text: event.message || "it could not be started" }, "*");
  worker.postMessage(port, [port]);
}, { once: true });
</script>`;

const PING_EVERY_MS = 500;
/** So many pings without an answer and it hangs: 2 s. */
const PINGS_MISSED_MAX = 4;

export interface SandboxListener {
  onMessage(message: FromRunner): void;
  /** No pulse for 2 s. */
  onHang(): void;
  /** The worker broke, or never came to be. */
  onFault(text: string): void;
}

export class Sandbox {
  readonly #frame: HTMLIFrameElement;
  readonly #port: MessagePort;
  readonly #onFault: (event: MessageEvent) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #pings = 0;
  #missed = 0;

  constructor(runnerText: string, listener: SandboxListener) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.onmessage = ({ data }) => {
      this.#missed = 0;
      if ((data as FromRunner).kind !== "pong") listener.onMessage(data);
    };
    this.#frame = document.createElement("iframe");
    this.#frame.setAttribute("sandbox", "allow-scripts");
    this.#frame.title = "The machine";
    this.#frame.hidden = true;
    this.#frame.srcdoc = FRAME;
    this.#frame.onload = () => {
      const message = { text: runnerText, port: port2 };
      this.#frame.contentWindow?.postMessage(message, "*", [port2]);
      this.#watch(listener);
    };
    this.#onFault = (event) => {
      if (event.source !== this.#frame.contentWindow) return;
      listener.onFault(String(event.data?.text ?? "it stopped"));
    };
    addEventListener("message", this.#onFault);
    document.body.append(this.#frame);
  }

  send(message: ToRunner): void {
    this.#port.postMessage(message);
  }

  /** Ends the worker, whatever it does. */
  close(): void {
    clearInterval(this.#timer);
    removeEventListener("message", this.#onFault);
    this.#port.onmessage = null;
    this.#port.close();
    this.#frame.remove();
  }

  /** Counts ticks, not time: a page that slept counts none. */
  #watch(listener: SandboxListener): void {
    this.#timer = setInterval(() => {
      if (this.#missed >= PINGS_MISSED_MAX) return listener.onHang();
      this.#missed++;
      this.send({ kind: "ping", number: ++this.#pings });
    }, PING_EVERY_MS);
  }
}
