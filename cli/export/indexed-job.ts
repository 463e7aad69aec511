/**
 * A sweep as a Kubernetes Indexed Job: each pod plays one shard and leaves its folder on a volume that `squall merge` reads.
 *
 * Kubernetes sets `JOB_COMPLETION_INDEX` in every container of such a Job (kubernetes.io, Job, completion mode), which is what
 * `--shard job/n` reads. The scenario and what it names travel in a ConfigMap.
 */
export interface IndexedJob {
  readonly name: string;
  readonly image: string;
  /** Pods in all, and at one time. */
  readonly shards: number;
  readonly parallelism: number;
  /** Claim of a volume that all pods can write. */
  readonly claim: string;
  /** Name in the ConfigMap to text. */
  readonly files: ReadonlyMap<string, string>;
  /** Arguments of squall, files under `/scenario`. */
  readonly args: readonly string[];
}

/** A pod that fails is tried again this often before the Job gives up: its shard is played anew, with the same result. */
const backoffLimitPerIndex = 2;

/** Kubernetes' own limit on the size of a ConfigMap (kubernetes.io, ConfigMaps: 1 MiB). */
export const configMapBytesMax = 1_048_576;

/** ConfigMap and Job. */
export function indexedJobManifests(job: IndexedJob): readonly [object, object] {
  const { name, files, shards, parallelism } = job;
  const configMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    data: Object.fromEntries(files),
  };
  const template = {
    metadata: { labels: { "app.kubernetes.io/name": "squall", "app.kubernetes.io/instance": name } },
    spec: podSpec(job),
  };
  return [
    configMap,
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name },
      spec: {
        completions: shards,
        parallelism: Math.min(shards, parallelism),
        completionMode: "Indexed",
        backoffLimitPerIndex,
        ttlSecondsAfterFinished: 86_400,
        template,
      },
    },
  ];
}

function podSpec({ image, args, shards, claim, name }: IndexedJob): object {
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1_000,
      fsGroup: 1_000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "squall",
        image,
        // Kubernetes puts the index in place of $(JOB_COMPLETION_INDEX), so that each shard has a folder of its own. A plan in
        // which nothing holds ends with 4 or 6, and that is a result, not a failure of the pod.
        command: ["sh", "-c", `squall "$@"; code=$?; [ $code -eq 4 ] || [ $code -eq 6 ] || exit $code`, "squall"],
        args: [...args, "--shard", `job/${shards}`, "--out", "/results/shard-$(JOB_COMPLETION_INDEX)"],
        resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { memory: "2Gi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [
          { name: "scenario", mountPath: "/scenario", readOnly: true },
          { name: "results", mountPath: "/results" },
        ],
      },
    ],
    volumes: [
      { name: "scenario", configMap: { name } },
      { name: "results", persistentVolumeClaim: { claimName: claim } },
    ],
  };
}
