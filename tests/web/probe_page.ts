/// <reference lib="dom" />
// A page that runs a probe in the page's own sandbox instead of a machine, and
// puts what the probe could reach into its title.

import { Sandbox } from "../../web/machine/sandbox.ts";

/** Tries every way out; says for each whether it was refused. */
const PROBE = `
const tries = {
  eval: () => eval("1"),
  fetch: () => fetch("${location.origin}/index.html"),
  importData: () => import("data:text/javascript,export default 1"),
  importPage: () => import("${location.origin}/main.js"),
  importScripts: () => importScripts("${location.origin}/main.js"),
  indexedDB: () => new Promise((done, fail) => {
    const asked = indexedDB.open("x");
    asked.onsuccess = done;
    asked.onerror = fail;
  }),
  socket: () => new Promise((done, fail) => {
    const socket = new WebSocket("${location.origin.replace("http", "ws")}/");
    socket.onopen = done;
    socket.onerror = fail;
  }),
};
onmessage = async ({ data: port }) => {
  const found = {};
  for (const name in tries) {
    try {
      await tries[name]();
      found[name] = "REACHED";
    } catch {
      found[name] = "refused";
    }
  }
  found.origin = self.origin;
  const sorted = Object.fromEntries(Object.entries(found).sort());
  port.postMessage({ kind: "trouble", title: "", text: JSON.stringify(sorted) });
};
`;

new Sandbox(PROBE, {
  onMessage: (message) => {
    if (message.kind === "trouble") document.title = message.text;
  },
  onHang: () => {},
  onFault: (text) => {
    document.title = `{"fault":${JSON.stringify(text)}}`;
  },
});
