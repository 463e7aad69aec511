/**
 * What an API server answers, in the shapes of the Kubernetes API reference (v1.32) and of `api/discovery` in its repository,
 * as far as `kubectl` asks for them here: discovery, Deployment, Scale, ReplicaSet, Pod, PodMetrics, Status.
 */

export const namespace = "shop";
export const deployment = "gateway";
const labels = { app: deployment };

export interface Template {
  readonly image: string;
}

const apps = { groupVersion: "apps/v1", version: "v1" };
const metrics = { groupVersion: "metrics.k8s.io/v1beta1", version: "v1beta1" };
const reads = ["get", "list", "watch"];

/** By path. A cluster without metrics-server lacks that group. */
export function discovery(hasMetrics: boolean): Readonly<Record<string, object>> {
  const group = (name: string, version: typeof apps): object => ({
    name,
    versions: [version],
    preferredVersion: version,
  });
  return {
    "/version": { major: "1", minor: "32", gitVersion: "v1.32.4", platform: "linux/amd64" },
    "/api": { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] },
    "/apis": {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: [group("apps", apps), ...(hasMetrics ? [group("metrics.k8s.io", metrics)] : [])],
    },
    "/api/v1": {
      kind: "APIResourceList",
      groupVersion: "v1",
      resources: [
        {
          name: "pods",
          singularName: "pod",
          namespaced: true,
          kind: "Pod",
          verbs: ["create", "delete", "patch", ...reads],
          shortNames: ["po"],
          categories: ["all"],
        },
      ],
    },
    "/apis/apps/v1": {
      kind: "APIResourceList",
      apiVersion: "v1",
      groupVersion: "apps/v1",
      resources: [
        {
          name: "deployments",
          singularName: "deployment",
          namespaced: true,
          kind: "Deployment",
          verbs: ["create", "delete", "patch", "update", ...reads],
          shortNames: ["deploy"],
          categories: ["all"],
        },
        {
          name: "deployments/scale",
          singularName: "",
          namespaced: true,
          group: "autoscaling",
          version: "v1",
          kind: "Scale",
          verbs: ["get", "patch", "update"],
        },
        {
          name: "replicasets",
          singularName: "replicaset",
          namespaced: true,
          kind: "ReplicaSet",
          verbs: reads,
          shortNames: ["rs"],
          categories: ["all"],
        },
      ],
    },
    ...(hasMetrics
      ? {
          "/apis/metrics.k8s.io/v1beta1": {
            kind: "APIResourceList",
            apiVersion: "v1",
            groupVersion: "metrics.k8s.io/v1beta1",
            resources: [
              { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] },
            ],
          },
        }
      : {}),
  };
}

function templateObject({ image }: Template, hash?: string): object {
  const own = hash === undefined ? {} : { "pod-template-hash": hash };
  return { metadata: { labels: { ...labels, ...own } }, spec: { containers: [{ name: "gateway", image }] } };
}

export function deploymentObject(replicas: number, template: Template, revision: number): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: deployment,
      namespace,
      uid: "00000000-0000-4000-8000-000000000001",
      resourceVersion: String(100 + revision),
      generation: revision,
      labels,
      annotations: { "deployment.kubernetes.io/revision": String(revision) },
    },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      revisionHistoryLimit: 10,
      template: templateObject(template),
    },
    status: { observedGeneration: revision, replicas, updatedReplicas: replicas, readyReplicas: replicas },
  };
}

export function scaleObject(replicas: number, running: number): object {
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: deployment, namespace, resourceVersion: "7" },
    spec: { replicas },
    status: { replicas: running, selector: `app=${deployment}` },
  };
}

export function replicaSetObject(template: Template, revision: number, replicas: number): object {
  const hash = `hash${revision}`;
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${deployment}-${hash}`,
      namespace,
      uid: `00000000-0000-4000-8000-00000000010${revision}`,
      labels: { ...labels, "pod-template-hash": hash },
      annotations: { "deployment.kubernetes.io/revision": String(revision) },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: deployment,
          uid: "00000000-0000-4000-8000-000000000001",
          controller: true,
        },
      ],
    },
    spec: {
      replicas,
      selector: { matchLabels: { ...labels, "pod-template-hash": hash } },
      template: templateObject(template, hash),
    },
    status: { replicas },
  };
}

export type PodState = "pending" | "running" | "ready";

export interface PodFacts {
  readonly name: string;
  readonly image: string;
  /** `gateway-hash1`. */
  readonly owner: string;
  readonly state: PodState;
  readonly isDeleted: boolean;
  readonly restarts: number;
}

export function podObject(
  { name, image, owner, state, isDeleted, restarts }: PodFacts,
  resourceVersion: number,
): object {
  const ended = { terminated: { exitCode: 137, reason: "OOMKilled", startedAt: null, finishedAt: null } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: String(resourceVersion),
      labels: { ...labels, "pod-template-hash": owner.split("-").at(-1) },
      ...(isDeleted ? { deletionTimestamp: "2026-11-21T08:00:00Z", deletionGracePeriodSeconds: 30 } : {}),
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: `uid-${owner}`, controller: true },
      ],
    },
    spec: { containers: [{ name: "gateway", image }], nodeName: "node-1" },
    status: {
      phase: state === "pending" ? "Pending" : "Running",
      conditions: [{ type: "Ready", status: state === "ready" ? "True" : "False" }],
      containerStatuses: [
        {
          name: "gateway",
          image,
          ready: state === "ready",
          restartCount: restarts,
          lastState: restarts > 0 ? ended : {},
        },
      ],
    },
  };
}

export function podMetricsList(pods: readonly string[], timestamp: string): object {
  return {
    kind: "PodMetricsList",
    apiVersion: "metrics.k8s.io/v1beta1",
    metadata: {},
    items: pods.map((name) => ({
      metadata: { name, namespace, labels },
      timestamp,
      window: "15.2s",
      containers: [{ name: "gateway", usage: { cpu: "250000000n", memory: "131072Ki" } }],
    })),
  };
}

export function list(kind: string, apiVersion: string, items: readonly object[], resourceVersion: number): object {
  return { kind, apiVersion, metadata: { resourceVersion: String(resourceVersion) }, items };
}

export function status(code: number, reason: string, message: string): object {
  const outcome = code < 400 ? "Success" : "Failure";
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: outcome, message, reason, code };
}
