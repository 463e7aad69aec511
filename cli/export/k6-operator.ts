/**
 * A load test as objects of Kubernetes: what k6-operator plays on many pods, and the mock that they may aim at.
 *
 * The operator gives each of `parallelism` pods its execution segment, starts them together, and the program deals rows and
 * users out by their number in the whole test. Each pod prints its records, so that its log is its result:
 * `squall import k6` reads the logs and merges them. Shapes are those of k6-operator's CRD (grafana/k6-operator,
 * api/v1alpha1/testrun_types.go, `k6.io/v1alpha1`).
 */
import { stringify } from "yaml";
import { invalidInput } from "../../core/errors.ts";
import { configMapBytesMax } from "./indexed-job.ts";

export interface K6TestRun {
  /** Of the TestRun; the other objects are named after it. */
  readonly name: string;
  /** File that k6 runs, one of `files`. */
  readonly program: string;
  readonly files: ReadonlyMap<string, string>;
  readonly parallelism: number;
  /** Of the runners: k6 version 2. */
  readonly image: string;
  /** Base URL that requests go to; undefined: the mock that comes along. */
  readonly target: string | undefined;
  readonly mock: MockDeployment | undefined;
  /** Key of the mock, which opens nothing else. The key of a gateway belongs into a Secret of whoever runs it. */
  readonly apiKey: string;
}

export interface MockDeployment {
  /** Image with squall in it. */
  readonly image: string;
  /** Configuration of `squall mock`. */
  readonly config: object;
  /** Base path of the provider that requests go to: `/openai/v1`. */
  readonly basePath: string;
}

const mockPort = 9_100;
const mockConfigPath = "/config";

/** ConfigMap and TestRun, and before them the mock where it comes along. Throws `job-not-portable` for what no ConfigMap takes. */
export function k6OperatorManifests(test: K6TestRun): readonly object[] {
  assertFits(test);
  return [
    ...(test.mock === undefined ? [] : mockManifests(test.name, test.mock)),
    { apiVersion: "v1", kind: "ConfigMap", metadata: named(test.name), data: Object.fromEntries(test.files) },
    testRun(test),
  ];
}

function testRun(test: K6TestRun): object {
  const { name, program, parallelism, image, target, apiKey } = test;
  return {
    apiVersion: "k6.io/v1alpha1",
    kind: "TestRun",
    metadata: named(name),
    spec: {
      parallelism,
      script: { configMap: { name, file: program } },
      args: ["--log-format=raw", "--log-output=stdout", "--no-usage-report"],
      runner: {
        image,
        env: [
          { name: "SQUALL_LINES", value: "on" },
          { name: "SQUALL_TARGET", value: targetOf(test) },
          ...(target === undefined ? [{ name: "SQUALL_API_KEY", value: apiKey }] : []),
        ],
        resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { memory: "2Gi" } },
        securityContext: { runAsNonRoot: true, runAsUser: 12_345 },
      },
    },
  };
}

function targetOf({ name, target, mock }: K6TestRun): string {
  return target ?? `http://${mockName(name)}:${mockPort}${mock?.basePath ?? ""}`;
}

/**
 * One pod: a quota belongs to a key, and every call of a key must meet the same counters. More than one pod means one such
 * Deployment for each part of the keys, with a consistent hash of the key in front (docs/k6.md).
 */
function mockManifests(test: string, { image, config }: MockDeployment): readonly object[] {
  const name = mockName(test);
  const labels = { "app.kubernetes.io/name": "squall-mock", "app.kubernetes.io/instance": test };
  const container = {
    name: "mock",
    image,
    args: ["mock", "--config", `${mockConfigPath}/mock.yaml`, "--host", "0.0.0.0", "--port", String(mockPort)],
    ports: [{ name: "http", containerPort: mockPort }],
    readinessProbe: { httpGet: { path: "/_squall/health", port: "http" } },
    resources: { requests: { cpu: "1", memory: "256Mi" }, limits: { memory: "1Gi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "config", mountPath: mockConfigPath, readOnly: true }],
  };
  const pod = {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1_000, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container],
    volumes: [{ name: "config", configMap: { name } }],
  };
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata: named(name), data: { "mock.yaml": stringify(config) } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, labels },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, labels },
      spec: { selector: labels, ports: [{ name: "http", port: mockPort, targetPort: "http" }] },
    },
  ];
}

function named(name: string): object {
  return { name, labels: { "app.kubernetes.io/name": "squall", "app.kubernetes.io/instance": name } };
}

function mockName(test: string): string {
  return `${test}-mock`;
}

function assertFits({ files }: K6TestRun): void {
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes < configMapBytesMax) return;
  throw invalidInput(`program and plan have ${bytes} bytes; a ConfigMap takes ${configMapBytesMax}`, {
    code: "job-not-portable",
    hint: "play a part of it (--window for a trace), or put the folder of squall export k6 on a volume (script.volumeClaim)",
  });
}
