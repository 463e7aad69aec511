/**
 * Everything that Squall may do to a cluster: this union, for the one Deployment that the gateway file names and for its pods,
 * and nothing else.
 */
import { assertNever } from "../../core/invariant.ts";
import type { DeploymentFile } from "./deployment-file.ts";

export type ClusterChange =
  | { readonly kind: "scale"; readonly replicas: number }
  /** Another image, exchanged pod by pod at the Deployment's own pace. */
  | { readonly kind: "image"; readonly container: string; readonly image: string }
  /** Back to what the Deployment ran before its last change. */
  | { readonly kind: "undo" }
  /** `at-once`: SIGKILL, with all that is in flight; `in-order`: after their own grace period. Others are started for them. */
  | { readonly kind: "delete-pods"; readonly pods: readonly string[]; readonly how: "in-order" | "at-once" };

/** What follows `kubectl --context … --namespace …`. */
export function commandOf(change: ClusterChange, { deployment }: DeploymentFile): readonly string[] {
  const target = `deployment/${deployment}`;
  switch (change.kind) {
    case "scale":
      return ["scale", target, `--replicas=${change.replicas}`];
    case "image":
      return ["set", "image", target, `${change.container}=${change.image}`];
    case "undo":
      return ["rollout", "undo", target];
    case "delete-pods":
      return [
        "delete",
        "pod",
        ...change.pods,
        ...(change.how === "at-once" ? ["--grace-period=0", "--force"] : []),
        "--wait=false",
        "--ignore-not-found",
      ];
    default:
      return assertNever(change);
  }
}
