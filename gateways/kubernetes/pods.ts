/** What a cluster says of the pods of a Deployment (Kubernetes API reference, core/v1 Pod), in the words of a fleet. */
import * as z from "zod";
import type { LivePhase } from "../fleet/live-fleet.ts";

export interface PodSeen {
  readonly uid: string;
  readonly name: string;
  /** Name of the ReplicaSet to which it belongs. */
  readonly owner: string | undefined;
  /** What its Deployment's controller calls its template: the end of the ReplicaSet's name. */
  readonly templateHash: string | undefined;
  readonly phase: LivePhase;
  /** By name of the container. */
  readonly images: Readonly<Record<string, string>>;
  /** How often its containers were started again, and how the last one of them ended. */
  readonly restarts: number;
  readonly lastEnd: string | undefined;
}

const containerStatus = z.object({
  restartCount: z.int().default(0),
  lastState: z
    .object({ terminated: z.object({ exitCode: z.int(), reason: z.string().optional() }).optional() })
    .optional(),
});

const podSchema = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
  }),
  spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })) }),
  status: z
    .object({
      phase: z.string().optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      containerStatuses: z.array(containerStatus).default([]),
    })
    .default({ conditions: [], containerStatuses: [] }),
});

const eventSchema = z.object({ type: z.string(), object: z.unknown() });

/** A line of `kubectl get pods --watch --output-watch-events --output=json`; undefined: it is about no pod (a bookmark, an error). */
export function podOfEvent(line: string): PodSeen | undefined {
  const { type, object } = eventSchema.parse(JSON.parse(line));
  if (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED") return undefined;
  const pod = podSeen(podSchema.parse(object));
  return type === "DELETED" ? { ...pod, phase: "gone" } : pod;
}

/** All of a list. */
export function podsOfList(text: string): readonly PodSeen[] {
  return z
    .object({ items: z.array(podSchema) })
    .parse(JSON.parse(text))
    .items.map(podSeen);
}

function podSeen({ metadata, spec, status }: z.infer<typeof podSchema>): PodSeen {
  const ends = status.containerStatuses.flatMap(({ lastState }) => lastState?.terminated ?? []);
  const [end] = ends;
  return {
    uid: metadata.uid,
    name: metadata.name,
    owner: metadata.ownerReferences.find(({ kind }) => kind === "ReplicaSet")?.name,
    templateHash: metadata.labels["pod-template-hash"],
    phase: phaseOf(metadata.deletionTimestamp !== undefined, status),
    images: Object.fromEntries(spec.containers.map(({ name, image }) => [name, image])),
    restarts: status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    lastEnd: end === undefined ? undefined : `${end.reason ?? "ended"}, exit code ${end.exitCode}`,
  };
}

/** A pod that is being deleted is sent nothing more by its Service, and has its grace period to finish. */
function phaseOf(isDeleted: boolean, { phase, conditions }: z.infer<typeof podSchema>["status"]): LivePhase {
  if (phase === "Failed" || phase === "Succeeded") return "gone";
  if (isDeleted) return "draining";
  if (phase !== "Running") return "starting";
  return conditions.some(({ type, status }) => type === "Ready" && status === "True") ? "ready" : "unready";
}
