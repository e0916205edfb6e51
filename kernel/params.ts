// Every limit and default of the machine: its name, its unit, its reason. A
// number that claims to be realistic names its source. Nothing else lives here.

/** Longest virtual time: the last integer a double holds exactly, 104 days. */
export const TIME_MAX_NS = Number.MAX_SAFE_INTEGER;

// ------------------------------------------------------------- CPU costs

/** What things cost, in ns of CPU time. Override any of them per machine. */
export interface Costs {
  /** Entering and leaving the kernel: 100 without, 300 with mitigations (Skylake, 2018 and later). */
  syscallNs: number;
  /** Switching to another thread: 1.2–1.5 µs pinned (Bendersky 2018). The cache refill that follows is not modelled. */
  contextSwitchNs: number;
  /** Making a thread: 10–20 µs on bare metal. */
  threadCreateNs: number;
  /** A hard interrupt with its handler: 1–2 µs on bare metal. */
  interruptNs: number;
  /** Entering a callback or signal handler: our estimate, between a trap and a switch. */
  callbackNs: number;
  /** One packet through the network stack: 0.7–2 µs per core. */
  packetNs: number;
  /** Finding a page in the cache: 0.45–0.5 µs measured with pread. */
  pageHitNs: number;
  /** Copying 1 KiB between kernel and program, cold: 10 GB/s. */
  copyPerKiBNs: number;
  /** Loading a program image, besides reading its file: our estimate; the same however long the host compiles. */
  execNs: number;
}

export const DEFAULT_COSTS: Costs = {
  syscallNs: 200,
  contextSwitchNs: 1_500,
  threadCreateNs: 15_000,
  interruptNs: 1_500,
  callbackNs: 1_200,
  packetNs: 1_000,
  pageHitNs: 500,
  copyPerKiBNs: 100,
  execNs: 150_000,
};

/** A thread's turn under `rr`: EEVDF's base slice on a big system (Linux 6.6 and later: 2.8–3 ms). */
export const QUANTUM_NS = 3_000_000;

/** A thread's weight under `fair` if nothing was said: a tenth to ten times of it can be asked for. */
export const WEIGHT_DEFAULT = 10;
/** Levels of `mlfq`: OSTEP's example. */
export const MLFQ_LEVELS = 3;
/** How often `mlfq` brings all threads up again: Solaris's default, about a second. */
export const MLFQ_BOOST_NS = 1_000_000_000;

/** Calls in a row that cost no time before the caller is taken for stuck: only possible where costs are zero. */
export const FREE_CALLS_MAX = 1_000_000;

// ------------------------------------------------------------- memory

/** A small computer: 64 MiB hold 252 stacks of 256 KiB, so threads are not free. */
export const MEMORY_BYTES = 64 * 1024 * 1024;
/** A thread's stack. Linux reserves 8 MiB and touches little; Kettle charges what is reserved, so it reserves less. */
export const STACK_BYTES = 256 * 1024;
/** A process without its threads: page tables, descriptors, the program text. */
export const PROCESS_BYTES = 256 * 1024;

// ------------------------------------------------------------- tables

/** Descriptors a process may have open: Linux's soft limit. */
export const OPEN_FILES_MAX = 1024;
/** Highest process or thread number: Linux's PID_MAX_LIMIT on 64 bits. */
export const PID_MAX = 4_194_304;
/** Requests one process may have under way through doors 2 and 3: io_uring's largest ring, twice. */
export const REQUESTS_MAX = 65_536;
/** Untaken events at which a multishot request pauses, in its queue or, without one, its own: io_uring's usual ring. */
export const QUEUE_CAPACITY = 64;
/** Largest capacity a queue can be given: io_uring's IORING_MAX_CQ_ENTRIES. */
export const QUEUE_CAPACITY_MAX = 65_536;
/** Members of one chain: small enough to read in one event. */
export const CHAIN_MAX = 64;

// ------------------------------------------------------------- pipes, files, terminal

/** Bytes a pipe holds: Linux since 2.6.11. */
export const PIPE_BYTES = 65_536;
/** A write of up to this many bytes to a pipe is never split: POSIX's PIPE_BUF on Linux. */
export const PIPE_BUF = 4096;
/** Most bytes one read or write moves: Linux's MAX_RW_COUNT, 2 GiB less a page. */
export const TRANSFER_MAX_BYTES = 0x7fff_f000;
/** Largest buffer a read is given at once: more is a short read. */
export const READ_MAX_BYTES = 16 * 1024 * 1024;
/** Longest name of a directory entry, in bytes: as ext4. */
export const NAME_MAX = 255;
/** Longest path, in bytes: Linux's PATH_MAX. */
export const PATH_MAX = 4096;
/** Most bytes of one cooked line: Linux's N_TTY_BUF_SIZE. */
export const LINE_MAX = 4096;
/** What one byte on the console takes: a terminal that shows 1 MB/s, which is quick for a real one. */
export const TTY_BYTE_NS = 1_000;
/** Bytes a console takes in before its writers wait: one page of the tty's buffer. */
export const TTY_OUTPUT_BYTES = 4096;
/** Most bytes of a line written to /dev/host: as much as a cooked line. */
export const HOST_LINE_MAX_BYTES = 4096;
/** Most bytes of the host's answer: they are kept in the log, and go into links. */
export const HOST_ANSWER_MAX_BYTES = 256 * 1024;
/** Lines written to /dev/host whose answers are not read: more is a mistake. */
export const HOST_ASKS_MAX = 16;
/** Keys typed ahead that a terminal keeps: enough to paste a large file. */
export const TTY_INPUT_BYTES = 1024 * 1024;
/** The environment and arguments a program may be given, in characters: Linux's ARG_MAX is 2 MiB. */
export const ARGUMENTS_MAX = 2 * 1024 * 1024;

/** The machine's clock starts on the day the article appeared, 10:00 UTC, in seconds since 1970. */
export const BOOT_EPOCH_S = 1_347_962_400;

// ------------------------------------------------------------- page cache

/** What the page cache may always take, however much programs have taken: enough for any one call. */
export const PAGE_CACHE_MIN_BYTES = 1024 * 1024;
/** How often the flusher looks, and how old a transaction gets: Linux's dirty_writeback_centisecs, ext4's commit. */
export const FLUSH_INTERVAL_NS = 5_000_000_000;
/** How long a page stays dirty at most: Linux's dirty_expire_centisecs. */
export const DIRTY_EXPIRE_NS = 30_000_000_000;
/** How long a read may wait before the flusher stops to let it through: Linux's blk-wbt, for disks that turn. */
export const FLUSH_READ_WAIT_NS = 75_000_000;
/** Share of the cache at which the flusher begins at once: Linux's dirty_background_ratio. */
export const DIRTY_BACKGROUND_PERCENT = 10;
/** Share of the cache at which writers wait: Linux's dirty_ratio. */
export const DIRTY_PERCENT = 20;

// ------------------------------------------------------------- trace

/** Memory the trace may take; the oldest part goes first, hash and fold go on. */
export const TRACE_BYTES_MAX = 256 * 1024 * 1024;
/** Events in one chunk of the trace. */
export const TRACE_CHUNK_EVENTS = 32_768;
