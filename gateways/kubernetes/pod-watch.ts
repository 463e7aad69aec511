/**
 * Watches the pods of a Deployment: `kubectl get pods --watch`, started again whenever the API server ends it, which it does
 * every few minutes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningChild, startChild } from "../child/child-process.ts";
import type { Ms } from "../../core/time.ts";
import type { Kubectl } from "./kubectl.ts";
import { podOfEvent, podsOfList, type PodSeen } from "./pods.ts";

export interface PodWatch {
  /** Resolves with a reason when the pods cannot be watched any more. Never rejects. */
  readonly failed: Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface PodWatchOptions {
  readonly kubectl: Kubectl;
  readonly selector: string;
  readonly onPod: (pod: PodSeen) => void;
  /**
   * Asked when a list is on its way, at the beginning and in each watch, for what is to be told of it: of those that were known
   * when it was asked for, who is not on it is gone.
   */
  readonly onList: () => (pods: readonly PodSeen[]) => void;
}

/** So many watches in a row that ended before they told anything: the cluster is out of reach. */
const failuresMax = 5;
const againAfterMs: Ms = 500;
const stopDeadlineMs: Ms = 1_000;
/** A pod's description has some ten kilobytes. */
const lineBytesMax = 1024 * 1024;

/** Throws `kubectl-failed` when not even the first list can be had. */
export async function watchPods({ kubectl, selector, onPod, onList }: PodWatchOptions): Promise<PodWatch> {
  const about = ["get", "pods", "--selector", selector, "--output=json"];
  const list = async (): Promise<void> => {
    const tell = onList();
    tell(podsOfList(await kubectl.read(about)));
  };
  await list();
  const { promise: failed, resolve: fail } = Promise.withResolvers<string>();
  const over = new AbortController();
  let watching: RunningChild | undefined;
  let failures = 0;
  const watchOnce = async (): Promise<void> => {
    let isFirst = true;
    let isReadable = true;
    const lines = linesOf((line) => {
      let pod: PodSeen | undefined;
      try {
        pod = podOfEvent(line);
      } catch {
        // It may have told of anybody: another watch, and its list, will tell.
        isReadable = false;
        void watching?.stop(stopDeadlineMs);
        return;
      }
      failures = 0;
      // Who went between two watches is in no line of either, but missing in a list that is younger than this one.
      if (isFirst) void list().catch(() => undefined);
      isFirst = false;
      if (pod !== undefined) onPod(pod);
    });
    const watch = kubectl.command([...about, "--watch", "--output-watch-events"]);
    watching = await startChild({ ...watch, name: "kubectl", onOutput: lines });
    if (over.signal.aborted || !isReadable) void watching.stop(stopDeadlineMs);
    const { ended, lastLines } = watching;
    await ended;
    failures += 1;
    if (failures < failuresMax || over.signal.aborted) return;
    fail(
      `the pods cannot be watched any more: ${isReadable ? lastLines(1) : "kubectl tells of them in an unknown form"}`,
    );
  };
  const keepWatching = async (): Promise<void> => {
    while (!over.signal.aborted && failures < failuresMax) {
      await watchOnce();
      await sleep(againAfterMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const kept = keepWatching().catch((cause: unknown) => fail(cause instanceof Error ? cause.message : String(cause)));
  return {
    failed,
    stop: async () => {
      over.abort();
      await watching?.stop(stopDeadlineMs);
      await kept;
    },
  };
}

/** Whole lines of a stream; one that grows too long is no description of a pod. */
function linesOf(onLine: (line: string) => void): (bytes: Buffer) => void {
  let rest = "";
  return (bytes) => {
    const pieces = (rest + bytes.toString("utf8")).split("\n");
    rest = pieces.pop() ?? "";
    if (rest.length > lineBytesMax) rest = "";
    for (const line of pieces) if (line.startsWith("{")) onLine(line);
  };
}
