/**
 * Worker threads that play simulations, and the words that go between them and the main thread.
 *
 * A simulation blocks its thread, so a sweep that is stopped ends its threads. What a worker answers is data: a class
 * does not survive the way between threads, so a failure is taken apart on one side and put together again on the other.
 */
import { Tinypool } from "tinypool";
import { type ExitCode, type Problem, SquallError } from "../../core/errors.ts";

export interface SweepPool<Job, Result> {
  /** Plays one job; undefined when the sweep was stopped first. Throws what the job threw. */
  readonly run: (job: Job) => Promise<Result | undefined>;
  /** Ends all threads. */
  readonly close: () => Promise<void>;
}

export interface SweepPoolOptions {
  readonly worker: URL;
  /** Its function that answers an `Answer` to each job. */
  readonly play: string;
  readonly workers: number;
  /** What every worker needs and no job repeats. It is copied once for each thread; shared memory is not. */
  readonly setup: unknown;
  readonly signal: AbortSignal;
}

/** What comes back from a worker. */
export type Answer<Result> =
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "failed"; readonly failure: Failure };

interface Failure {
  readonly message: string;
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint?: string;
  readonly problems: readonly Problem[];
}

export function sweepPool<Job, Result>({
  worker,
  play,
  workers,
  setup,
  signal,
}: SweepPoolOptions): SweepPool<Job, Result> {
  const pool = new Tinypool({
    filename: worker.href,
    name: play,
    minThreads: workers,
    maxThreads: workers,
    workerData: setup,
  });
  const stopped = Promise.withResolvers<undefined>();
  const stop = (): void => stopped.resolve(undefined);
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return {
    run: async (job) => {
      if (signal.aborted) return undefined;
      const played: Promise<Answer<Result>> = pool.run(job);
      // When the threads are ended, what they were playing is refused; nobody waits for it then.
      const answer = await Promise.race([played, stopped.promise]).catch((cause: unknown) => {
        if (signal.aborted) return undefined;
        throw cause;
      });
      played.catch(() => undefined);
      if (answer === undefined) return undefined;
      if (answer.kind === "result") return answer.result;
      throw new SquallError(answer.failure.message, answer.failure);
    },
    close: async () => {
      signal.removeEventListener("abort", stop);
      await pool.destroy();
    },
  };
}

/** Runs a job on the worker's side: what Squall tells the user becomes data, our own bugs stay errors. */
export function answerOf<Result>(job: () => Result): Answer<Result> {
  try {
    return { kind: "result", result: job() };
  } catch (cause) {
    if (!(cause instanceof SquallError)) throw cause;
    const { message, code, exitCode, hint, problems } = cause;
    const failure = { message, code, exitCode, problems, ...(hint === undefined ? {} : { hint }) };
    return { kind: "failed", failure };
  }
}

/** What the main thread gave as `setup`, on the worker's side. */
export function setupOfWorker(): unknown {
  return Tinypool.workerData;
}
