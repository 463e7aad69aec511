/** A HorizontalPodAutoscaler on requests per pod, which a fleet also offers as a total. */
import { expect, it } from "vitest";
import { parse } from "yaml";
import { loadScaling } from "../../../behavior/scaling/formats/load.ts";
import type { MetricReading, Replica } from "../../../behavior/scaling/policy.ts";

const hpa = `
kind: HorizontalPodAutoscaler
apiVersion: autoscaling/v2
spec:
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - type: Pods
      pods: { metric: { name: http_requests_per_second }, target: { type: AverageValue, averageValue: "10" } }
`;

it("a metric of type Pods is read on each pod, not from the total of the same name", () => {
  const pod = (name: string): Replica => ({
    name,
    phase: "running",
    deleting: false,
    startedAtMs: 0,
    readiness: { state: "ready", sinceMs: 0 },
    requestsMilli: {},
  });
  const sample = (replica: string) => ({ replica, value: 20, takenAtMs: 600_000, windowMs: 60_000 });
  const metrics = new Map<string, MetricReading>([
    ["requests_per_second", { kind: "total", values: [40] }],
    ["pods/requests_per_second", { kind: "per-replica", samples: [sample("a"), sample("b")] }],
  ]);
  const policy = loadScaling(parse(hpa), "hpa.yaml").create();
  const fleet = [pod("a"), pod("b")];
  expect(policy.decide({ nowMs: 600_000, replicas: 2, ready: 2, fleet, metrics }).replicas).toBe(4);
});
