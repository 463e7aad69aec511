/** What `squall export k6` and `k6-operator` write, held to what k6 and the operator take. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { k6ProgramFiles, readK6Program } from "../../../cli/export/k6-input.ts";
import { k6OperatorManifests, type K6TestRun } from "../../../cli/export/k6-operator.ts";
import { exportedMock } from "../../../cli/export/k6-operator-mock.ts";
import { programText } from "../../../load/k6/export.ts";
import { planFiles } from "../../../load/k6/plan-folder.ts";
import { parseMockConfig } from "../../../mock-providers/config.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const tenUsers = path.join(root, "scenarios/ten-users.yaml");
const { signal } = new AbortController();
const choices = { timeScale: 1, vusMax: 1_000 };

/**
 * The parts of the operator's CRD that are used (grafana/k6-operator at e2c9571, config/crd/bases/k6.io_testruns.yaml): strict, as
 * `kubectl apply --validate=strict` is.
 */
const environment = z.array(z.strictObject({ name: z.string(), value: z.string() }));
const testRunSchema = z.strictObject({
  apiVersion: z.literal("k6.io/v1alpha1"),
  kind: z.literal("TestRun"),
  metadata: z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,63}$/), labels: z.record(z.string(), z.string()) }),
  spec: z.strictObject({
    parallelism: z.int().min(1),
    script: z.strictObject({ configMap: z.strictObject({ name: z.string(), file: z.string() }) }),
    args: z.array(z.string()),
    runner: z.strictObject({
      image: z.string(),
      env: environment,
      resources: z.strictObject({
        requests: z.record(z.string(), z.string()),
        limits: z.record(z.string(), z.string()),
      }),
      securityContext: z.strictObject({ runAsNonRoot: z.boolean(), runAsUser: z.int() }),
    }),
  }),
});

async function testRun(fields: Partial<K6TestRun> = {}): Promise<K6TestRun> {
  const program = await readK6Program(tenUsers, { ...choices, instances: 4 }, signal);
  const mock = await exportedMock(tenUsers, { mockImage: "squall:latest", timeScale: 1 });
  return {
    name: "squall-ten-users",
    program: "ten-users.ts",
    files: k6ProgramFiles(program),
    parallelism: 4,
    image: "grafana/k6:2.2.0",
    target: undefined,
    mock,
    apiKey: mock.apiKey,
    ...fields,
  };
}

describe("squall export k6", () => {
  it("writes one flat folder in which every import is there", async () => {
    const files = k6ProgramFiles(await readK6Program(tenUsers, choices, signal));
    expect([...files.keys()]).toContain("ten-users.ts");
    for (const [name, text] of files) {
      expect(name).not.toContain("/");
      if (!name.endsWith(".ts")) continue;
      const imported = [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, target = ""]) => target);
      for (const target of imported) expect(files.has(path.basename(target)), `${name}: ${target}`).toBe(true);
      expect(imported.filter((target) => !target.startsWith("./"))).toEqual([]);
    }
  });

  it("takes nothing along that the npm package does not carry", async () => {
    const { files: packed } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    const [, listed = ""] = /^core\/\{(.*)\}\.ts$/.exec(packed.find((name: string) => name.startsWith("core/"))) ?? [];
    const carried = new Set(listed.split(",").map((name) => `${name}.ts`));
    const sources = [...k6ProgramFiles(await readK6Program(tenUsers, choices, signal)).keys()];
    const programs = ["answer.ts", "measures.ts", "play.ts", "request.ts", "ten-users.ts"];
    const fromCore = sources.filter((name) => name.endsWith(".ts") && !programs.includes(name));
    expect(fromCore.toSorted()).toEqual([...carried].toSorted());
  });

  it("has written the ten-users program that lies beside the scenarios", async () => {
    const program = await readK6Program(tenUsers, choices, signal);
    const beside = path.join(root, "scenarios/k6");
    const text = programText(program, "../../core");
    await expect(text).toMatchFileSnapshot(path.join(beside, "ten-users.ts"));
    for (const [name, content] of planFiles(program.plan, "ten-users.")) {
      await expect(content).toMatchFileSnapshot(path.join(beside, name));
    }
  });
});

describe("squall export k6-operator", () => {
  it("writes a TestRun as the operator's CRD wants it, and the objects that it names", async () => {
    const manifests = k6OperatorManifests(await testRun());
    const kinds = manifests.map((manifest) => `${Reflect.get(manifest, "kind")}`);
    expect(kinds).toEqual(["ConfigMap", "Deployment", "Service", "ConfigMap", "TestRun"]);
    const run = testRunSchema.parse(manifests.at(-1));
    const carrier = z.looseObject({
      metadata: z.looseObject({ name: z.string() }),
      data: z.record(z.string(), z.string()),
    });
    const configMap = carrier.parse(manifests[3]);
    expect(run.spec.script.configMap).toEqual({ name: configMap.metadata.name, file: "ten-users.ts" });
    expect(Object.keys(configMap.data)).toContain("ten-users.ts");
    expect(run.spec.parallelism).toBe(4);
    expect(run.spec.runner.env).toEqual([
      { name: "SQUALL_LINES", value: "on" },
      { name: "SQUALL_TARGET", value: "http://squall-ten-users-mock:9100/openai/v1" },
      { name: "SQUALL_API_KEY", value: "sk-squall-openai" },
    ]);
  });

  it("brings a mock that reads its configuration, with the key that the pods send", async () => {
    const [configMap] = k6OperatorManifests(await testRun());
    const text: string = Reflect.get(configMap ?? {}, "data")["mock.yaml"];
    const config = parseMockConfig(text, "mock.yaml");
    expect(config.providers.map(({ name, keys }) => [name, keys.map(({ apiKey }) => apiKey)])).toEqual([
      ["openai", ["sk-squall-openai"]],
    ]);
  });

  it("aims at a gateway where one is given, sends it no key of the mock, and can do without the mock", async () => {
    const manifests = k6OperatorManifests(await testRun({ target: "http://gateway/v1", mock: undefined }));
    expect(manifests).toHaveLength(2);
    const run = testRunSchema.parse(manifests[1]);
    expect(run.spec.runner.env).toEqual([
      { name: "SQUALL_LINES", value: "on" },
      { name: "SQUALL_TARGET", value: "http://gateway/v1" },
    ]);
  });

  it("refuses what does not fit into a ConfigMap", async () => {
    const files = new Map([["plan.json", "x".repeat(1_048_576)]]);
    const large = await testRun({ files });
    expect(() => k6OperatorManifests(large)).toThrow(/program and plan have 1048576 bytes; a ConfigMap takes 1048576/);
  });
});

it("the guide names every variable that a program reads, and every metric that it makes", () => {
  const guide = readFileSync(path.join(root, "docs/k6.md"), "utf8");
  const programs = ["measures", "play", "request", "squall"].map((name) =>
    readFileSync(path.join(root, `scenarios/k6/${name}.ts`), "utf8"),
  );
  const read = programs.flatMap((text) =>
    [...text.matchAll(/"(SQUALL_[A-Z_]+|squall_[a-z_]+)"/g)].map(([, name]) => name),
  );
  expect(read.length).toBeGreaterThan(10);
  for (const name of new Set(read)) expect(guide).toContain(`\`${name}\``);
});
