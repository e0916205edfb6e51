// What small programs say when a call fails: the sentences of Linux's C library,
// which every Unix user has read before. (The kernel's own words, with the code,
// stand in the trace and in what an uncaught error prints.)

import { ERRNO, type ErrorCode, type SysError } from "kettle";

/** Those that differ from the kernel's words by more than the first letter. */
const SENTENCES: { [code in ErrorCode]?: string } = {
  ESRCH: "No such process",
  EINTR: "Interrupted system call",
  ENOEXEC: "Exec format error",
  ENOMEM: "Cannot allocate memory",
  EXDEV: "Invalid cross-device link",
  ENOTTY: "Inappropriate ioctl for device",
  ESPIPE: "Illegal seek",
  EPIPE: "Broken pipe",
  EDEADLK: "Resource deadlock avoided",
  ENAMETOOLONG: "File name too long",
  ETIME: "Timer expired",
  ENOTSOCK: "Socket operation on non-socket",
  EDESTADDRREQ: "Destination address required",
  EMSGSIZE: "Message too long",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ENETUNREACH: "Network is unreachable",
  EISCONN: "Transport endpoint is already connected",
  ENOTCONN: "Transport endpoint is not connected",
  EALREADY: "Operation already in progress",
  ECANCELED: "Operation canceled",
};

/** Why a call failed. A reason that only Kettle knows is told as it is. */
export function strerror(error: SysError): string {
  const { code, message } = error;
  const stock = ERRNO[code][1];
  const reason = message.slice(message.indexOf(`${code}, `) + code.length + 2);
  if (reason !== stock) return reason;
  return SENTENCES[code] ?? stock[0]!.toUpperCase() + stock.slice(1);
}

/** A name as it is, or in quotes where it could be taken for something else. */
export function quoted(name: string): string {
  const isPlain = /^(?![#~]|[{}]$)[\w./,@%+#~{}\u0080-\uffff-]+$/.test(name);
  if (isPlain) return name;
  if (/'/.test(name) && !/["$`\\!]/.test(name)) return `"${name}"`;
  return `'${name.replaceAll("'", "'\\''")}'`;
}

/** What failed and why: `nofile: No such file or directory`. */
export function failure(error: SysError): string {
  const { path, call } = error;
  const doing = call === "write" || call === "read" ? `${call} error` : call;
  const what = path === undefined ? doing : quoted(path);
  return `${what}: ${strerror(error)}`;
}
