// A pool of threads: as many as were asked for, a queue of jobs of bounded
// length, and a promise of each result. A job that waits holds its worker; when
// all are held and the queue is full, who brings more work waits, too. Built on
// threads, channels and futexes; the scheduler does not know it.

import { Cell, futexWake, join, type Routine, thread } from "kettle";
import { Channel } from "./channel.ts";
import { sleepOn } from "./mutex.ts";

const EVERYBODY = 2 ** 31 - 1;

/** Work for a thread; what it returns is the result. */
export type Job<T> = () => Routine<T>;

/** The result of a job that another thread does. */
export class Future<T> {
  #done = new Cell(0);
  #outcome: { value: T } | { error: unknown } | null = null;

  get isDone(): boolean {
    return this.#outcome !== null;
  }

  /** Waits for the job and gives its result; throws what the job threw. */
  *value(): Routine<T> {
    while (this.#outcome === null) yield* sleepOn(this.#done, 0);
    if ("error" in this.#outcome) throw this.#outcome.error;
    return this.#outcome.value;
  }

  /** Does the job and wakes who waits for it: for the thread that has taken it. */
  *run(job: Job<T>): Routine {
    try {
      this.#outcome = { value: yield* job() };
    } catch (error) {
      this.#outcome = { error };
    }
    this.#done.value = 1;
    yield* futexWake(this.#done, EVERYBODY);
  }
}

export class ThreadPool {
  #jobs: Channel<() => Routine>;
  #tids: number[] = [];

  /** Up to `queueLength` jobs wait for a free thread; more make `submit` wait. */
  constructor(readonly threads: number, queueLength = threads) {
    if (!(threads >= 1)) throw new RangeError("a pool has at least 1 thread");
    this.#jobs = new Channel(Math.max(1, queueLength));
  }

  /** Starts the threads. EAGAIN when there is no memory for their stacks; those that started stay. */
  *start(): Routine {
    const jobs = this.#jobs;
    while (this.#tids.length < this.threads) {
      this.#tids.push(yield* thread(work, jobs));
    }
  }

  /** Puts a job into the queue and gives its future. EPIPE after `close`. */
  *submit<T>(job: Job<T>): Routine<Future<T>> {
    const future = new Future<T>();
    yield* this.#jobs.send(() => future.run(job));
    return future;
  }

  /** Lets the threads finish what is in the queue, and waits until they have ended. */
  *close(): Routine {
    yield* this.#jobs.close();
    for (const tid of this.#tids.splice(0)) yield* join(tid);
  }
}

/** One thread of a pool: a job after the other. */
function* work(jobs: Channel<() => Routine>): Routine {
  while (true) {
    const job = yield* jobs.receive();
    if (job === undefined) return;
    yield* job();
  }
}

/** Does all jobs with at most `threads` at a time and gives the results in the order of the jobs. */
export function* inParallel<T>(
  jobs: readonly Job<T>[],
  threads: number,
): Routine<T[]> {
  const pool = new ThreadPool(Math.min(threads, Math.max(1, jobs.length)));
  yield* pool.start();
  const futures: Future<T>[] = [];
  for (const job of jobs) futures.push(yield* pool.submit(job));
  yield* pool.close();
  const results: T[] = [];
  for (const future of futures) results.push(yield* future.value());
  return results;
}
