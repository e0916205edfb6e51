// The gallery's list, made at build time: every program that comes along, with
// its sentence from the manual, and the servers with that of their first line.

import { readPages, readPrograms } from "../../host/image.ts";
import { parseBook } from "../../userland/lib/manual.ts";

export interface GalleryEntry {
  /** Where it lies in the machine. */
  path: string;
  name: string;
  about: string;
  /** What to type to see it do something; "" if it wants to be told what. */
  command: string;
}

const BOOK = /\b1_programs\.md$/;

/** Programs of /bin and of /servers, by their names. */
export function galleryEntries(): GalleryEntry[] {
  const pages = Object.entries(readPages())
    .filter(([path]) => BOOK.test(path))
    .flatMap(([, text]) => parseBook(text));
  const abouts = new Map(pages.map(({ name, about }) => [name, about]));
  return Object.entries(readPrograms()).flatMap(([path, source]) => {
    const [, room, file] = /^\/(bin|servers)\/([^/]+)$/.exec(path) ?? [];
    if (room === undefined || file === undefined) return [];
    const name = file.replace(/\.ts$/, "");
    const about = abouts.get(name) ?? openingOf(source);
    return [{ path, name, about, command: commandOf(path, name, room) }];
  }).sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The first sentence of the comment that a file opens with. */
function openingOf(source: string): string {
  const comment = source.split("\n\n")[0]!.split("\n")
    .filter((line) => line.startsWith("//"))
    .map((line) => line.replace(/^\/\/ ?/, "")).join(" ");
  const sentence = comment.split(/\.(?: |$)/)[0]!;
  return sentence.replace(/^\w+(\.ts)?( [[A-Z][^:]*)?: /, "");
}

function commandOf(path: string, name: string, room: string): string {
  if (room === "bin") return COMMANDS[name] ?? "";
  if (!name.startsWith("http_")) return "";
  return `${path} 8080 & sleep 1; curl http://localhost:8080/; kill %1`;
}

/** Programs that show something worth seeing when they are called so. */
const COMMANDS: Readonly<Record<string, string>> = {
  hello: "hello",
  figure_block: "figure_block",
  figure_poll: "figure_poll",
  figure_push: "figure_push",
  timeline: "timeline figure_poll",
  strace: "strace hello",
  perf: "perf stat hello",
  ps: "ps",
  top: "top",
  free: "free",
  df: "df",
  uname: "uname -a",
  date: "date",
  uptime: "uptime",
  ss: "ss",
  ping: "ping -c 3 www",
  curl: "curl http://www/",
  dmesg: "dmesg",
  vmstat: "vmstat 1 3",
  iostat: "iostat",
  man: "man read",
  help: "help",
};
