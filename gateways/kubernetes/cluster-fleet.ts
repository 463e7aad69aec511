/**
 * A fleet of pods: the replicas of a Deployment in a cluster that somebody else runs, behind the address of its Service.
 *
 * The cluster is told what is wished for and looked at; who comes and goes in which order, and which pod gets which request, are
 * its own affair. What it was like before is noted, and put back at the end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { environmentNotReady, invalidInput } from "../../core/errors.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import type { GatewayCall, RunningGateway } from "../driver.ts";
import type { FleetClock, FleetSample, FleetWatcher, LiveFleet, LiveReplica } from "../fleet/live-fleet.ts";
import type { ClusterChange } from "./cluster-change.ts";
import { type DeploymentFile, podRefusals } from "./deployment-file.ts";
import { type DeploymentSeen, readDeployment } from "./deployment.ts";
import type { Kubectl } from "./kubectl.ts";
import { PodReplica } from "./pod-replica.ts";
import type { PodSeen } from "./pods.ts";
import { PodUsage } from "./pod-usage.ts";
import { type PodWatch, watchPods } from "./pod-watch.ts";

export interface ClusterFleetOptions {
  readonly kubectl: Kubectl;
  readonly file: DeploymentFile;
  /** Reached at the Service's address. */
  readonly gateway: Pick<RunningGateway, "description" | "call">;
  /** Pods when the run begins. */
  readonly start: number;
  /** What the Deployment runs when the run begins is called so. */
  readonly firstVersion: string;
  readonly readyTimeoutMs: Ms;
  readonly clock: FleetClock;
  readonly watcher: FleetWatcher;
  /** Told what could not be put back. */
  readonly onTrouble: (text: string) => void;
  readonly signal: AbortSignal;
}

const lookEveryMs: Ms = 100;

export class ClusterFleet implements LiveFleet {
  readonly description: string;
  readonly exited: Promise<string>;
  readonly #options: ClusterFleetOptions;
  /** As it was found. */
  readonly #found: DeploymentSeen;
  readonly #usage: PodUsage;
  /** By uid. */
  readonly #pods = new Map<string, PodReplica>();
  readonly #settleExit: (reason: string) => void;
  #watch: PodWatch | undefined;
  #seen: { readonly arrived: number; readonly inFlight: number } = { arrived: 0, inFlight: 0 };
  /** Of the Deployment now; undefined after a command that failed, which may have been done all the same. */
  #image: string | undefined;
  #replicas: number | undefined;
  #stopping: Promise<void> | undefined;
  /** Before that nothing that is seen is news. */
  #hasBegun = false;

  constructor(options: ClusterFleetOptions, found: DeploymentSeen) {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { kubectl, file, gateway } = options;
    this.#options = options;
    this.#found = found;
    this.#image = found.image;
    this.#replicas = found.replicas;
    this.#usage = new PodUsage(kubectl, file.namespace, found.selector, () => performance.now());
    this.exited = promise;
    this.#settleExit = resolve;
    this.description = `${gateway.description}, deployment ${file.deployment} in ${file.namespace} of ${file.context}`;
  }

  /** `surge 25%, unavailable 25%`: the pace of the Deployment's own rollouts. */
  get pace(): string {
    return this.#found.pace;
  }

  /** What the Deployment ran when it was found. */
  get firstImage(): string {
    return this.#found.image;
  }

  async begin(): Promise<void> {
    const { kubectl, start } = this.#options;
    this.#watch = await watchPods({
      kubectl,
      selector: this.#found.selector,
      onPod: (pod) => this.#look(pod),
      onList: () => {
        const known = [...this.#pods];
        return (pods) => {
          for (const pod of pods) this.#look(pod);
          const listed = new Set(pods.map(({ uid }) => uid));
          for (const [uid, replica] of known) if (!listed.has(uid)) this.#enter(replica, "gone");
        };
      },
    });
    void this.#watch.failed.then(this.#settleExit);
    if (start !== this.#replicas) await this.scale(start);
    if (!kubectl.isRehearsal) await this.#untilReady();
    this.#hasBegun = true;
  }

  call(model: string): GatewayCall {
    return this.#options.gateway.call(model);
  }

  replicas(): readonly LiveReplica[] {
    return this.#existing();
  }

  async scale(replicas: number): Promise<void> {
    this.#replicas = undefined;
    await this.#options.kubectl.change({ kind: "scale", replicas });
    this.#replicas = replicas;
  }

  async setImage(image: string): Promise<void> {
    this.#image = undefined;
    await this.#options.kubectl.change({ kind: "image", container: this.#found.container, image });
    this.#image = image;
  }

  /** Back to what ran before the latest `setImage`, which was `image`. */
  async undo(image: string): Promise<void> {
    this.#image = undefined;
    await this.#options.kubectl.change({ kind: "undo" });
    this.#image = image;
  }

  /** Deletes so many pods, the oldest first; answers how many. */
  async remove(count: number, how: "in-order" | "at-once"): Promise<number> {
    const { kubectl } = this.#options;
    const candidates = this.#existing().filter(({ phase }) => phase === "ready" || how === "at-once");
    const removed = candidates.slice(0, count);
    if (removed.length === 0) return 0;
    await kubectl.change({ kind: "delete-pods", pods: removed.map(({ name }) => name), how });
    // The watch will tell; nobody is to take them for serving until it does.
    if (!kubectl.isRehearsal)
      for (const replica of removed) this.#enter(replica, how === "at-once" ? "gone" : "draining");
    return removed.length;
  }

  /** What the load engine has sent, and has no answer to yet: here nothing else counts requests. */
  saw(arrived: number, inFlight: number): void {
    this.#seen = { arrived, inFlight };
  }

  async sample(): Promise<FleetSample> {
    const wasKnown = this.#usage.isKnown;
    const used = await this.#usage.read();
    if (wasKnown === undefined && this.#usage.isKnown === false) {
      this.#options.watcher.happened(
        "usage-unknown",
        "gateway",
        "the cluster has no metrics API: CPU and memory are not known",
      );
    }
    for (const replica of this.#pods.values()) {
      const { cpuSeconds, rssBytes } = used.get(replica.name) ?? replica;
      replica.cpuSeconds = cpuSeconds;
      replica.rssBytes = rssBytes;
    }
    const cpuSeconds = [...this.#pods.values()].reduce((sum, replica) => sum + replica.cpuSeconds, 0);
    return { ...this.#seen, waiting: 0, cpuSeconds };
  }

  judge(): void {
    // Its own readiness probes decide who serves.
  }

  probe(id: number): Promise<boolean> {
    const replica = [...this.#pods.values()].find((pod) => pod.id === id);
    return Promise.resolve(replica?.phase === "ready");
  }

  setPolicy(): Promise<never> {
    return refused("rotate-key");
  }

  switchModels(): Promise<never> {
    return refused("switch-model");
  }

  bar(): Promise<never> {
    return refused("cap-tenant");
  }

  admit(): Promise<never> {
    return refused("admit");
  }

  cutOff(): void {
    throw environmentNotReady(podRefusals.broken, { code: "not-breakable" });
  }

  /** Puts back what was found. */
  stop(): Promise<void> {
    this.#stopping ??= this.#restore();
    return this.#stopping;
  }

  async #restore(): Promise<void> {
    const { container, image, replicas } = this.#found;
    // What was rehearsed was not done.
    if (this.#options.kubectl.isRehearsal) return await this.#watch?.stop();
    if (this.#image !== image) await this.#putBack({ kind: "image", container, image });
    if (this.#replicas !== replicas) await this.#putBack({ kind: "scale", replicas });
    await this.#watch?.stop();
  }

  async #putBack(change: ClusterChange): Promise<void> {
    const { kubectl, onTrouble } = this.#options;
    await kubectl.change(change).catch((cause: unknown) => {
      onTrouble(`not put back; do it by hand: ${cause instanceof Error ? cause.message : String(cause)}`);
    });
  }

  #existing(): readonly PodReplica[] {
    return [...this.#pods.values()].filter(({ phase }) => phase !== "gone");
  }

  /** A pod with the same labels that belongs to something else is nobody's business here. */
  #look(pod: PodSeen): void {
    const { file, clock, watcher } = this.#options;
    if (pod.owner !== `${file.deployment}-${pod.templateHash}`) return;
    let replica = this.#pods.get(pod.uid);
    if (replica === undefined) {
      if (pod.phase === "gone") return;
      replica = new PodReplica(this.#pods.size, pod.name, this.#versionOf(pod), clock.nowMs());
      replica.restarts = pod.restarts;
      this.#pods.set(pod.uid, replica);
    }
    if (pod.restarts > replica.restarts) {
      watcher.happened(
        "replica-restarted",
        pod.name,
        `its container was started again (${pod.lastEnd ?? "no reason is known"})`,
      );
    }
    replica.restarts = pod.restarts;
    this.#enter(replica, pod.phase);
  }

  #enter(replica: PodReplica, phase: PodReplica["phase"]): void {
    if (replica.phase === phase || replica.phase === "gone") return;
    const { clock, watcher } = this.#options;
    // A watch that is behind may still call ready what was told to go.
    if (replica.phase === "draining" && phase !== "gone") return;
    const wasDraining = replica.phase === "draining";
    replica.enter(phase, clock.nowMs());
    if (!this.#hasBegun) return;
    if (phase === "ready") {
      const after = formatDuration(Math.round(clock.nowMs() - replica.wishedMs));
      watcher.happened("replica-ready", replica.name, `serves ${after} after it was seen first`);
    }
    if (phase === "gone") watcher.happened("replica-gone", replica.name, wasDraining ? "has ended" : "is gone");
    watcher.changed();
  }

  #versionOf({ images }: PodSeen): string {
    const { file, firstVersion } = this.#options;
    const image = images[this.#found.container];
    const named = Object.entries(file.versions).find(([, each]) => each === image)?.[0];
    return image === this.#found.image ? firstVersion : (named ?? image ?? firstVersion);
  }

  async #untilReady(): Promise<void> {
    const { start, readyTimeoutMs, signal, file } = this.#options;
    const timeout = AbortSignal.timeout(readyTimeoutMs);
    const ready = (): number => this.#existing().filter(({ phase }) => phase === "ready").length;
    while (ready() !== start) {
      signal.throwIfAborted();
      if (timeout.aborted) {
        const phases = this.#existing().map(({ name, phase }) => `${name} ${phase}`);
        throw environmentNotReady(
          `deployment ${file.deployment} has ${ready()} of ${start} pods ready after ${formatDuration(readyTimeoutMs)}: ${phases.join(", ") || "it has none"}`,
          {
            code: "gateway-not-ready",
            hint: "`kubectl describe pods` says what they wait for; a cluster that grows needs a longer --ready-timeout",
          },
        );
      }
      await sleep(lookEveryMs);
    }
  }
}

/** Finds the Deployment, brings it to its number of pods, and waits until they are ready. Puts back what it changed when it throws. */
export async function joinCluster(options: ClusterFleetOptions): Promise<ClusterFleet> {
  const fleet = new ClusterFleet(options, await readDeployment(options.kubectl, options.file));
  try {
    await fleet.begin();
    return fleet;
  } catch (cause) {
    await fleet.stop();
    throw cause;
  }
}

/** Whoever acts has asked the driver's refusals first. */
function refused(kind: keyof typeof podRefusals): Promise<never> {
  return Promise.reject(invalidInput(podRefusals[kind], { code: "not-done-live" }));
}
