/**
 * The hands on a fleet of pods: what scenarios, policies and drills wish for, told to the cluster.
 *
 * Who comes and who goes in which order is decided by the cluster, whose rule a simulated fleet imitates.
 */
import { invalidInput } from "../../core/errors.ts";
import { invariant } from "../../core/invariant.ts";
import type { RolloutSpec } from "../../core/scenario/event-spec.ts";
import type { Ms } from "../../core/time.ts";
import type { GatewayDriver } from "../../gateways/driver.ts";
import type { FleetClock, ReplicaHands } from "../../gateways/fleet/live-fleet.ts";
import { type ClusterFleet, type ClusterFleetOptions, joinCluster } from "../../gateways/kubernetes/cluster-fleet.ts";
import { type DeploymentFile, podRefusals } from "../../gateways/kubernetes/deployment-file.ts";
import { findKubectl, kubectlFor, kubectlMissing, type KubectlOptions } from "../../gateways/kubernetes/kubectl.ts";
import type { FleetLog } from "../../simulator/fleet-log.ts";
import { firstVersion } from "../../simulator/replica.ts";

export interface ClusterHandsOptions {
  readonly fleet: Pick<ClusterFleet, "scale" | "setImage" | "undo" | "remove" | "replicas" | "pace">;
  readonly file: DeploymentFile;
  readonly clock: FleetClock;
  readonly log: FleetLog;
  readonly start: number;
  readonly firstVersion: string;
  /** What the Deployment was found with. */
  readonly firstImage: string;
}

interface Version {
  readonly name: string;
  readonly image: string;
}

/** The start of a fleet in a cluster, but for what `driver` knows. */
export interface JoinOptions
  extends
    Omit<ClusterFleetOptions, "kubectl" | "file" | "firstVersion">,
    Pick<KubectlOptions, "onCommand" | "isRehearsal"> {}

/** Throws `kubectl-missing`, and as `joinCluster` does. */
export async function joinDeployment(
  { deployment }: Pick<GatewayDriver, "deployment">,
  options: JoinOptions,
): Promise<Pick<ClusterHandsOptions, "file" | "firstVersion" | "firstImage"> & { readonly fleet: ClusterFleet }> {
  invariant(deployment !== undefined, "a cluster is joined where a driver names a deployment");
  const kubectl = await findKubectl(process.env);
  if (kubectl === undefined) throw kubectlMissing();
  const bound = kubectlFor({ ...options, binary: kubectl.file, deployment, env: process.env });
  const fleet = await joinCluster({ ...options, kubectl: bound, file: deployment, firstVersion });
  return { fleet, file: deployment, firstVersion, firstImage: fleet.firstImage };
}

export class ClusterHands implements ReplicaHands {
  readonly #options: ClusterHandsOptions;
  #wished: number;
  #version: Version;
  #versionBefore: Version | undefined;
  #isOver = false;

  constructor(options: ClusterHandsOptions) {
    this.#options = options;
    this.#wished = options.start;
    this.#version = { name: options.firstVersion, image: options.firstImage };
  }

  get wished(): number {
    return this.#wished;
  }

  get version(): string {
    return this.#version.name;
  }

  async scaleTo(wished: number): Promise<void> {
    if (wished !== this.#wished) await this.#options.fleet.scale(wished);
    this.#wished = wished;
    this.changed();
  }

  async rollOut({ version }: RolloutSpec): Promise<string> {
    const { fleet, file, firstVersion, firstImage } = this.#options;
    const image = version === firstVersion ? firstImage : file.versions[version];
    if (image === undefined) {
      throw invalidInput(`no image is named for version "${version}"`, {
        code: "not-done-live",
        hint: `name it in the gateway's file: kubernetes: { versions: { ${version}: … } }`,
      });
    }
    await fleet.setImage(image);
    this.#versionBefore = this.#version;
    this.#version = { name: version, image };
    return fleet.pace;
  }

  async rollBack(): Promise<boolean> {
    const before = this.#versionBefore;
    if (before === undefined) return false;
    await this.#options.fleet.undo(before.image);
    this.#versionBefore = this.#version;
    this.#version = before;
    return true;
  }

  renew(): Promise<never> {
    return Promise.reject(refused("rotate-key"));
  }

  async drain(count: number): Promise<number> {
    return await this.#options.fleet.remove(count, "in-order");
  }

  /** The cluster notices at once: it was told. */
  async lose(count: number, _noticedAfterMs: Ms): Promise<number> {
    return await this.#options.fleet.remove(count, "at-once");
  }

  cutOff(): Promise<never> {
    return Promise.reject(refused("broken"));
  }

  async mend(): Promise<void> {
    // None was ever cut off.
  }

  changed(): void {
    if (this.#isOver) return;
    const { fleet, clock, log } = this.#options;
    const existing = fleet.replicas();
    const ready = existing.filter(({ phase }) => phase === "ready").length;
    const draining = existing.filter(({ phase }) => phase === "draining").length;
    const starting = existing.length - ready - draining;
    log.counted({ atMs: clock.nowMs(), wished: this.#wished, starting, ready, draining });
  }

  stop(): void {
    this.#isOver = true;
  }
}

function refused(kind: keyof typeof podRefusals): Error {
  return invalidInput(podRefusals[kind], { code: "not-done-live" });
}
