/** What a cluster says of a Deployment, as far as it is needed here (Kubernetes API reference, apps/v1 Deployment). */
import * as z from "zod";
import { environmentNotReady } from "../../core/errors.ts";
import type { DeploymentFile } from "./deployment-file.ts";
import type { Kubectl } from "./kubectl.ts";

export interface DeploymentSeen {
  readonly replicas: number;
  /** `app=gateway,tier=edge`: what finds its pods. */
  readonly selector: string;
  /** The container whose image is the gateway's. */
  readonly container: string;
  readonly image: string;
  /** `surge 25%, unavailable 25%`: the pace of a rollout. */
  readonly pace: string;
}

const share = z.union([z.int(), z.string()]);
const schema = z.object({
  spec: z.object({
    replicas: z.int().default(1),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()).default({}) }),
    strategy: z
      .object({
        type: z.string().optional(),
        rollingUpdate: z.object({ maxSurge: share.optional(), maxUnavailable: share.optional() }).optional(),
      })
      .default({}),
    template: z.object({ spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })) }) }),
  }),
});

/** What Kubernetes takes where a Deployment says nothing. */
const usualShare = "25%";

/** Throws `kubectl-failed`, and `deployment-unfit` for one that cannot be told from others by labels alone, or lacks the container. */
export async function readDeployment(kubectl: Kubectl, file: DeploymentFile): Promise<DeploymentSeen> {
  const answer = await kubectl.read(["get", "deployment", file.deployment, "--output=json"]);
  const { replicas, selector, strategy, template } = schema.parse(JSON.parse(answer)).spec;
  const labels = Object.entries(selector.matchLabels).map(([name, value]) => `${name}=${value}`);
  const { containers } = template.spec;
  const found = file.container === undefined ? containers[0] : containers.find(({ name }) => name === file.container);
  if (labels.length === 0 || found === undefined) {
    const lacks = labels.length === 0 ? "selects its pods by no label" : `has no container "${file.container ?? ""}"`;
    throw environmentNotReady(`deployment ${file.deployment} ${lacks}`, {
      code: "deployment-unfit",
      hint: `its containers: ${containers.map(({ name }) => name).join(", ")}`,
    });
  }
  const { maxSurge = usualShare, maxUnavailable = usualShare } = strategy.rollingUpdate ?? {};
  const pace = strategy.type === "Recreate" ? "all at once" : `surge ${maxSurge}, unavailable ${maxUnavailable}`;
  return { replicas, selector: labels.join(","), container: found.name, image: found.image, pace };
}
