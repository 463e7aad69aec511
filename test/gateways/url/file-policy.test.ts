import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { SquallError } from "../../../core/errors.ts";
import { gatewayDriver } from "../../../gateways/drivers.ts";
import { fileCall, parseGatewayFile } from "../../../gateways/url/file-policy.ts";
import { testModel, testPolicy, testProvider, testStart } from "../policies.ts";

const route = { model: testModel, providers: [testProvider("a")] };

describe("a gateway described by a file", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("is called with its own key, headers and name of the model", () => {
    const gateway = parseGatewayFile(
      `base-url: http://127.0.0.1:8080\nkey-env: MY_KEY\nheaders: { x-team: squall }\nmodels: { ${testModel}: chat }\n`,
      "my-gateway.yaml",
    );
    expect(fileCall(gateway, "http://127.0.0.1:8080/v1", route, { MY_KEY: "sk-mine" })).toEqual({
      url: "http://127.0.0.1:8080/v1/chat/completions",
      headers: { authorization: "Bearer sk-mine", "x-team": "squall" },
      model: "chat",
    });
  });

  it("gets the key of the first provider unless the file names one, and models under their own names", () => {
    const gateway = parseGatewayFile("base-url: http://127.0.0.1:8080/v1", "my-gateway.yaml");
    expect(fileCall(gateway, "http://127.0.0.1:8080/v1", route, {})).toEqual({
      url: "http://127.0.0.1:8080/v1/chat/completions",
      headers: { authorization: "Bearer key-a" },
    });
  });

  it("wants its key where the file says it is", () => {
    const gateway = parseGatewayFile("base-url: http://127.0.0.1:8080/v1\nkey-env: MY_KEY", "my-gateway.yaml");
    expect(() => fileCall(gateway, "http://127.0.0.1:8080/v1", route, { MY_KEY: "" })).toThrow(
      expect.objectContaining({ code: "gateway-key-missing", exitCode: 5, hint: "export MY_KEY=…" }),
    );
  });

  it("is refused with everything that is wrong in it, each with its line", () => {
    const text = "base-url: ftp://host\nkey-env: not a name\nhealth: health\ncolour: blue\n";
    const refused = caught(() => parseGatewayFile(text, "my-gateway.yaml"));
    expect(refused).toMatchObject({ code: "gateway-file-invalid", exitCode: 3 });
    expect(refused.problems.map(({ line }) => line)).toEqual(expect.arrayContaining([1, 2, 3]));
    expect(refused.problems.map(({ message }) => message).join("\n")).toContain("colour");
  });

  it("is ready when its health path answers 200, and tells where its metrics are", async () => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === "/health" ? 200 : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const folder = mkdtempSync(path.join(tmpdir(), "squall-gateway-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, "my-gateway.yaml");
    writeFileSync(file, `name: mine\nbase-url: ${origin}/v1\nhealth: /health\nmetrics: /metrics\n`);
    const gateway = await gatewayDriver(file).start(testStart(testPolicy([testProvider("a")])));
    expect(gateway.description).toBe("mine");
    expect(gateway.metricsUrl).toBe(`${origin}/metrics`);
    expect(await gateway.healthy()).toBe(true);
  });

  it("is told when its health path answers anything else", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "squall-gateway-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, "gone.yml");
    writeFileSync(file, "base-url: http://127.0.0.1:9/v1\nhealth: /health\n");
    const start = testStart(testPolicy([testProvider("a")]), { readyTimeoutMs: 10 });
    await expect(gatewayDriver(file).start(start)).rejects.toMatchObject({ code: "gateway-not-ready" });
    expect(() => gatewayDriver("./nowhere.yaml")).toThrow(expect.objectContaining({ code: "file-unreadable" }));
  });
});

function caught(work: () => unknown): SquallError {
  try {
    work();
  } catch (cause) {
    if (cause instanceof SquallError) return cause;
    throw cause;
  }
  return expect.unreachable("it was not refused");
}
