import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { hpaOf } from "../../../behavior/scaling/export/hpa-of.ts";
import { kedaOf } from "../../../behavior/scaling/export/keda-of.ts";
import { hpaManifest, scaledObjectManifest } from "../../../behavior/scaling/export/manifests.ts";
import { loadScaling } from "../../../behavior/scaling/formats/load.ts";
import type { ScalingSpec } from "../../../behavior/scaling/formats/loaded.ts";
import { indexedJobManifests } from "../../../cli/export/indexed-job.ts";
import { runCommandLine } from "../listening-terminal.ts";

const scaled = { deployment: "gateway", prometheus: "http://prometheus:9090" };

const hpa = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "gateway" },
  spec: {
    minReplicas: 3,
    maxReplicas: 50,
    metrics: [
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      {
        type: "External",
        external: { metric: { name: "tokens_per_minute" }, target: { type: "AverageValue", averageValue: "2500k" } },
      },
      { type: "External", external: { metric: { name: "queue_depth" }, target: { type: "Value", value: "1500m" } } },
    ],
    behavior: {
      scaleDown: { stabilizationWindowSeconds: 60, policies: [{ type: "Percent", value: 10, periodSeconds: 30 }] },
    },
  },
};

function specOf(document: unknown): ScalingSpec {
  const { spec } = loadScaling(document, "test");
  if (spec === undefined) throw new Error("it has no spec");
  return spec;
}

/** Through the text of a file, as a user would take it. */
function throughYaml(manifest: object): unknown {
  return parse(JSON.stringify(manifest));
}

describe("a scaling policy written for Kubernetes", () => {
  it("is, for an HPA, the same HPA", () => {
    const spec = specOf(hpa);
    const { spec: exported, lost } = hpaOf(spec);
    expect(lost).toEqual([]);
    expect(specOf(throughYaml(hpaManifest(exported, scaled)))).toEqual(spec);
  });

  it("goes from HPA to KEDA, whose own HPA is that HPA again", () => {
    const { spec: keda, lost } = kedaOf(specOf(hpa));
    expect(lost).toEqual([]);
    const loaded = specOf(throughYaml(scaledObjectManifest(keda, scaled)));
    const back = hpaOf(loaded).spec;
    const original = hpaOf(specOf(hpa)).spec;
    const byName = <Metric extends object>(metrics: readonly Metric[]): readonly string[] =>
      metrics.map((metric) => JSON.stringify(metric)).toSorted();
    expect({ ...back, metrics: byName(back.metrics) }).toEqual({ ...original, metrics: byName(original.metrics) });
  });

  it("is, for a ScaledObject, the same ScaledObject, and as an HPA says what is lost", () => {
    const document = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      spec: {
        minReplicaCount: 0,
        maxReplicaCount: 20,
        cooldownPeriod: 120,
        fallback: { failureThreshold: 3, replicas: 6 },
        triggers: [
          {
            type: "prometheus",
            name: "queue_depth",
            metricType: "AverageValue",
            metadata: { serverAddress: "x", query: "q", threshold: "5", activationThreshold: "2" },
          },
        ],
      },
    };
    const spec = specOf(document);
    const { spec: same, lost: nothing } = kedaOf(spec);
    expect(nothing).toEqual([]);
    expect(specOf(throughYaml(scaledObjectManifest(same, scaled)))).toEqual(spec);
    expect(hpaOf(spec).lost.join("; ")).toMatch(/zero.*activation.*fallback/);
  });

  it("keeps bounds and metrics of every config that is shipped, and says what is lost of those that are no HPA", () => {
    const folder = "scenarios/scaling";
    const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
    expect(files.length).toBeGreaterThan(3);
    return Promise.all(
      files.map(async (file) => {
        const { out } = await runCommandLine(
          "export",
          "hpa",
          "scenarios/launch-spike.yaml",
          "--scaling",
          path.join(folder, file),
        );
        const exported = loadScaling(parse(out), file);
        const { readFile } = await import("node:fs/promises");
        const text = await readFile(path.join(folder, file), "utf8");
        const original = loadScaling(parse(text), file);
        expect(exported.minReplicas).toBe(original.minReplicas);
        expect(exported.maxReplicas).toBe(original.maxReplicas);
        expect(exported.metrics.map((metric) => metric.replace("_utilization", "")).toSorted()).toEqual(
          original.metrics.map((metric) => metric.replace("_utilization", "")).toSorted(),
        );
        expect(out.includes("# not expressed")).toBe(original.format !== "Kubernetes HorizontalPodAutoscaler");
      }),
    );
  });
});

describe("a plan as an Indexed Job", () => {
  it("gives each pod its shard by the index that Kubernetes sets, and a folder of its own", async () => {
    const args = ["--candidates", "scenarios/scaling/token-hpa.yaml", "--shards", "8", "--parallelism", "3"];
    const { out, code } = await runCommandLine("export", "indexed-job", "scenarios/launch-spike.yaml", ...args);
    expect(code).toBe(0);
    const [configMap, job] = parseAllDocuments(out).map((document) => document.toJS());
    expect(Object.keys(configMap.data)).toEqual(["scenario.yaml", "token-hpa.yaml", "token-aware.yaml"]);
    expect(configMap.data["scenario.yaml"]).toContain("scaling: token-aware.yaml");
    expect(job).toMatchObject({
      apiVersion: "batch/v1",
      kind: "Job",
      spec: {
        completionMode: "Indexed",
        completions: 8,
        parallelism: 3,
        template: { spec: { restartPolicy: "Never" } },
      },
    });
    const [container] = job.spec.template.spec.containers;
    expect(container.args.join(" ")).toBe(
      "plan /scenario/scenario.yaml --candidates /scenario/token-hpa.yaml --shard job/8 --out /results/shard-$(JOB_COMPLETION_INDEX)",
    );
    const volumes = job.spec.template.spec.volumes.map(({ name }: { readonly name: string }) => name);
    expect(container.volumeMounts.map(({ name }: { readonly name: string }) => name)).toEqual(volumes);
  });

  it("never runs more pods at a time than there are shards", () => {
    const [, job] = indexedJobManifests({
      name: "a",
      image: "i",
      shards: 2,
      parallelism: 9,
      claim: "c",
      files: new Map(),
      args: [],
    });
    expect(job).toMatchObject({ spec: { completions: 2, parallelism: 2 } });
  });

  it("refuses a scenario that replays a trace, which no ConfigMap holds", async () => {
    const { code, err } = await runCommandLine("export", "indexed-job", "scenarios/replay-azure.yaml", "--shards", "2");
    expect(code).toBe(2);
    expect(err).toContain("does not fit into a ConfigMap");
  });
});
