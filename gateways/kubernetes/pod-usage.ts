/**
 * What the pods of a Deployment use, by the cluster's metrics API (metrics.k8s.io/v1beta1 PodMetrics), where it has one.
 *
 * It tells a rate over a window, every 15 s or so, and not what was used: CPU seconds are that rate times the time between two
 * answers.
 */
import * as z from "zod";
import { type Ms, secondMs } from "../../core/time.ts";
import type { ProcessUsage } from "../child/process-usage.ts";
import type { Kubectl } from "./kubectl.ts";

const schema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      timestamp: z.string(),
      window: z.string(),
      containers: z.array(z.object({ usage: z.object({ cpu: z.string(), memory: z.string() }) })),
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
      const cores = containers.reduce((sum, { usage }) => sum + quantity(usage.cpu), 0);
      const forMs = before === undefined ? secondMs * goSeconds(window) : atMs - before.atMs;
      this.#used.set(metadata.name, {
        cpuSeconds: (before?.cpuSeconds ?? 0) + (cores * forMs) / secondMs,
        rssBytes: containers.reduce((sum, { usage }) => sum + quantity(usage.memory), 0),
        atMs,
      });
    }
  }
}

/** Kubernetes API conventions, resource.Quantity: decimal and binary suffixes. */
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** `250m` is 0.25, `128Mi` 134217728; NaN for what is no quantity. */
export function quantity(text: string): number {
  const [, number = "", suffix = ""] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  return number === "" ? Number.NaN : Number(number) * (factors[suffix] ?? Number.NaN);
}

/** `1m15.3s`, as Go prints a duration. */
export function goSeconds(text: string): number {
  const [, minutes = "0", seconds = "0"] = /^(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
