import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SquallError } from "../../../core/errors.ts";
import { filledIn, ownImageInContainers } from "../../../gateways/docker/own-image.ts";
import { parseGatewayFile } from "../../../gateways/url/file-policy.ts";
import { testModel, testPolicy, testProvider } from "../policies.ts";

const container = `name: mine
container:
  image: my-gateway:dev
  port: 8000
  cpus: 0.5
  memory: 256 MB
  env: { OPENAI_BASE_URL: "{openai.base-url}", OPENAI_API_KEY: "{openai.key}", SETTINGS: '{"a": 1}' }
  versions: { v2: my-gateway:next }
health: /health
`;

const asked = { key: "sk-squall", metrics: false };

function formOf(text: string): ReturnType<typeof ownImageInContainers> {
  const { name, where, healthPath, metricsPath } = parseGatewayFile(text, "mine.yaml");
  if (where.kind !== "container") throw new Error("it is no container");
  const callAt = (baseUrl: string): { url: string; headers: object & Record<string, string> } => ({
    url: `${baseUrl}/chat/completions`,
    headers: {},
  });
  return ownImageInContainers({ name, container: where.container, healthPath, metricsPath, callAt });
}

function problemsOf(text: string): string {
  try {
    parseGatewayFile(text, "mine.yaml");
  } catch (cause) {
    if (cause instanceof SquallError)
      return cause.problems.map(({ message, path }) => `${path}: ${message}`).join("\n");
  }
  return expect.unreachable("it was not refused");
}

describe("a gateway of somebody's own, from an image", () => {
  it("is told of its providers by its environment, and called below its path", () => {
    const form = formOf(container);
    const policy = testPolicy([testProvider("openai", "http://172.17.0.1:9100/openai/v1")]);
    expect(form.env(policy, asked)).toEqual({
      OPENAI_BASE_URL: "http://172.17.0.1:9100/openai/v1",
      OPENAI_API_KEY: "key-openai",
      SETTINGS: '{"a": 1}',
    });
    expect(form.callAt("http://127.0.0.1:5000", policy, asked)(testModel).url).toBe(
      "http://127.0.0.1:5000/v1/chat/completions",
    );
    expect(form).toMatchObject({ port: 8000, cpus: 0.5, memoryBytes: 256e6, versions: ["v2"] });
    expect(form.description).toBe("mine (my-gateway:dev)");
  });

  it("cannot be told of another route, and of another key only where a variable takes it", () => {
    expect(Object.keys(formOf(container).refusals ?? {})).toEqual(["route", "switch-model"]);
    const deaf = formOf("container: { image: my-gateway, port: 80, env: { LEVEL: debug } }");
    expect(deaf.refusals?.["rotate-key"]).toBe("no variable of my-gateway takes the key of a provider");
    expect(deaf.versions).toBeUndefined();
  });

  it("is refused where it names a provider to which nothing is routed, with the one that may be meant", () => {
    const providers = new Map([["openai", testProvider("openai")]]);
    expect(filledIn("{openai.key} and {openai.key}", providers)).toBe("key-openai and key-openai");
    expect(() => filledIn("Bearer {opneai.key}", providers)).toThrow(
      expect.objectContaining({
        code: "gateway-file-invalid",
        message: '"Bearer {opneai.key}" names provider "opneai", to which nothing is routed',
        hint: "did you mean openai?",
      }),
    );
  });

  it.each([
    { text: "health: /health\n", wrong: "needs `base-url`, where it runs, or `container`" },
    { text: `${container}base-url: http://127.0.0.1:1/v1\n`, wrong: "has `container`, and then no other place" },
    { text: "container: { image: a, port: 0 }\n", wrong: "container.port" },
    { text: "container: { image: a, port: 1, memory: 12 }\n", wrong: "container.memory" },
    { text: "container: { image: a, port: 1, memory: lots }\n", wrong: "is to be a size, such as 512 MB or 1 GiB" },
    { text: "container: { image: '--privileged', port: 1 }\n", wrong: "is to be the name of an image" },
  ])("is refused with what is wrong: $wrong", ({ text, wrong }) => {
    expect(problemsOf(text)).toContain(wrong);
  });
});

describe("docs/fleet.md", () => {
  it("shows gateway files that can be read", () => {
    const text = readFileSync(new URL("../../../docs/fleet.md", import.meta.url), "utf8");
    const files = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, file = ""]) => parseGatewayFile(file, "fleet.md"));
    expect(files.map(({ where }) => where.kind)).toEqual(["container", "url"]);
  });
});

describe("a gateway in a cluster, described by a file", () => {
  const cluster = (changed: string): string =>
    `base-url: http://shop.example:8080/v1\nkubernetes: { context: staging, namespace: shop, deployment: gateway, ${changed} }\n`;

  it("is at the address of its Service, with the Deployment behind it", () => {
    expect(parseGatewayFile(cluster("versions: { v2: shop/gateway:2 }"), "shop.yaml").where).toEqual({
      kind: "url",
      baseUrl: "http://shop.example:8080/v1",
      deployment: {
        context: "staging",
        namespace: "shop",
        deployment: "gateway",
        container: undefined,
        versions: { v2: "shop/gateway:2" },
      },
    });
  });

  it.each([
    { text: cluster("").replace("context: staging, ", ""), wrong: "kubernetes.context" },
    { text: cluster("").replace("namespace: shop", "namespace: kube-system"), wrong: "is Kubernetes' own" },
    {
      text: cluster("").replace("deployment: gateway", "deployment: --all"),
      wrong: "is no name of a Kubernetes object",
    },
    { text: cluster("").replace("staging", "--insecure"), wrong: "is to be the name of a context" },
    { text: cluster("versions: { v2: '--help' }"), wrong: "is no name of an image" },
  ])("is refused where something else than it could be meant: $wrong", ({ text, wrong }) => {
    expect(problemsOf(text)).toContain(wrong);
  });
});
