/** The page's end of the talk with its worker: jobs out, answers in, and an end for work that nobody wants any more. */
import type { Candidate } from "../board/candidate.ts";
import type { Answer, Job } from "../board/worker-messages.ts";
import { carried } from "./page.ts";

export class WorkerClient {
  #worker: Worker | undefined;
  #asked = 0;
  readonly #open = new Map<number, (answer: Answer | undefined) => void>();

  /** Resolves with the answer, or with nothing when the work was stopped. */
  async ask(kind: Job["kind"], candidate: Candidate): Promise<Answer | undefined> {
    const id = ++this.#asked;
    const job: Job = { id, kind, candidate, squallVersion: carried("version"), key: carried("key") };
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    this.#open.set(id, resolve);
    this.#running().postMessage(job);
    return await promise;
  }

  /** Ends whatever is being worked on. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const resolve of this.#open.values()) resolve(undefined);
    this.#open.clear();
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker("/board-worker.js", { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      this.#open.get(data.id)?.(data);
      this.#open.delete(data.id);
    });
    worker.addEventListener("error", ({ message }) => {
      for (const [id, resolve] of this.#open) {
        const refused = { message: `the simulator broke off: ${message}`, problems: [], hint: undefined };
        resolve({ id, kind: "refused", refused });
      }
      this.#open.clear();
    });
    this.#worker = worker;
    return worker;
  }
}
