/**
 * What the pods of a Deployment use, by the cluster's metrics API (metrics.k8s.io/v1beta1 PodMetrics), where it has one.
 *
 * It tells a rate over a window, every 15 s or so, and not what was used: CPU seconds are that rate times the time between two
 * answers.
 */
import * as z from "zod";
import { parseQuantity } from "../../behavior/scaling/formats/quantity.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import type { ProcessUsage } from "../child/process-usage.ts";
import type { Kubectl } from "./kubectl.ts";

/** An answer with a quantity that nobody knows is no answer. */
const quantity = z.string().transform(parseQuantity).pipe(z.number());
const schema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      timestamp: z.string(),
      window: z.string(),
      containers: z.array(z.object({ usage: z.object({ cpu: quantity, memory: quantity }) })),
    }),
  ),
});

/** How often the cluster is asked at most: metrics-server itself looks every 15 s. */
const askEveryMs: Ms = 5_000;

export class PodUsage {
  readonly #kubectl: Kubectl;
  readonly #path: string;
  readonly #used = new Map<string, ProcessUsage & { readonly atMs: Ms }>();
  readonly #nowMs: () => Ms;
  #askedMs: Ms = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  /** Whether there is a metrics API; undefined: nobody has asked. */
  isKnown: boolean | undefined;

  /** `nowMs`: wall time. */
  constructor(kubectl: Kubectl, namespace: string, selector: string, nowMs: () => Ms) {
    this.#kubectl = kubectl;
    this.#path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
    this.#nowMs = nowMs;
  }

  /** By name of the pod, as the latest answer had it. */
  async read(): Promise<ReadonlyMap<string, ProcessUsage>> {
    if (this.#nowMs() - this.#askedMs >= askEveryMs) {
      this.#askedMs = this.#nowMs();
      this.#asking = this.#ask().then(
        () => void (this.isKnown = true),
        () => void (this.isKnown ??= false),
      );
    }
    await this.#asking;
    return this.#used;
  }

  async #ask(): Promise<void> {
    const { items } = schema.parse(JSON.parse(await this.#kubectl.read(["get", "--raw", this.#path])));
    for (const { metadata, timestamp, window, containers } of items) {
      const atMs = Date.parse(timestamp);
      const before = this.#used.get(metadata.name);
      if (before?.atMs === atMs) continue;
      const cores = containers.reduce((sum, { usage }) => sum + usage.cpu, 0);
      const forMs = before === undefined ? secondMs * goSeconds(window) : atMs - before.atMs;
      this.#used.set(metadata.name, {
        cpuSeconds: (before?.cpuSeconds ?? 0) + (cores * forMs) / secondMs,
        rssBytes: containers.reduce((sum, { usage }) => sum + usage.memory, 0),
        atMs,
      });
    }
  }
}

/** `1m15.3s`, as Go prints a duration. */
export function goSeconds(text: string): number {
  const [, minutes = "0", seconds = "0"] = /^(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
