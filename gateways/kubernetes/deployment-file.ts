/**
 * Which Deployment of which cluster is behind a gateway's address: the `kubernetes` part of a gateway file.
 *
 *     base-url: http://gateway.staging.example:8080/v1
 *     kubernetes:
 *       context: staging
 *       namespace: gateway
 *       deployment: gateway
 *       versions: { v2: registry.example/gateway:2 }
 *
 * Context and namespace have no defaults: what kubectl would take by itself is whatever somebody last worked on.
 */
import * as z from "zod";

export interface DeploymentFile {
  /** Of the kubeconfig that kubectl reads. */
  readonly context: string;
  readonly namespace: string;
  readonly deployment: string;
  /** The container of a pod whose image is the gateway's; the first one unless given. */
  readonly container: string | undefined;
  /** Images by the names that rollouts give them. */
  readonly versions: Readonly<Record<string, string>>;
}

const configuration = "where its pods send requests, and with which keys, is in the cluster's own configuration";
const noFront = "requests go straight to its Service: nothing of ours could turn them away";

type PodRefusal = "route" | "switch-model" | "rotate-key" | "admit" | "cap-tenant" | "broken";

/** What is not done to pods; a cluster's own controllers do the rest. */
export const podRefusals: Readonly<Record<PodRefusal, string>> = {
  route: configuration,
  "switch-model": configuration,
  "rotate-key": configuration,
  admit: noFront,
  "cap-tenant": noFront,
  broken: "a pod cannot be cut off from its providers by kubectl",
};

/** As Kubernetes names objects: a label of DNS. */
const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "is no name of a Kubernetes object");
/** Nobody's gateway runs there, and what does must not be touched. */
const ownedByKubernetes = /^kube-/;

export const deploymentSchema: z.ZodType<DeploymentFile> = z
  .strictObject({
    context: z.string().regex(/^[^\s-]\S*$/, "is to be the name of a context of your kubeconfig"),
    namespace: name.refine((text) => !ownedByKubernetes.test(text), "is Kubernetes' own"),
    deployment: name,
    container: name.optional(),
    versions: z.record(z.string().min(1), z.string().regex(/^[\w][\w./:@-]*$/, "is no name of an image")).default({}),
  })
  .transform((read) => ({ ...read, container: read.container }));
