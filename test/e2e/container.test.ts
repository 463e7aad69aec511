/** The container image of the mock, built from this checkout without a network, and used as its users use it. */
import { execFileSync, spawnSync } from "node:child_process";
import path from "node:path";
import OpenAI, { RateLimitError } from "openai";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { SquallContainer } from "../../mock-providers/testcontainers/index.ts";
import { root } from "./squall-process.ts";

const baseImage = "squall-test-node:local";
const image = "squall-test:local";

const docker = spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"], { encoding: "utf8", timeout: 20_000 });
const available = docker.status === 0 && process.platform === "linux";
if (!available) process.stdout.write("container tests skip: no docker daemon answers here\n");

beforeAll(() => {
  if (!available) return;
  // The clean-up container of testcontainers comes from a registry; these tests clean up themselves.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
  build("setup/container-base.mjs", baseImage);
  build("setup/image.mjs", "--tag", image, "--node-image", baseImage);
}, 180_000);

afterAll(() => {
  if (available) spawnSync("docker", ["rmi", "--force", image, baseImage]);
});

function build(program: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [path.join(root, program), ...args], { stdio: ["ignore", "ignore", "inherit"] });
}

const config = {
  providers: { openai: { dialect: "openai", latency: "instant", models: { "gpt-4o-mini": { rpm: 2 } } } },
};

describe.skipIf(!available)("SquallContainer (skipped where no docker daemon answers)", () => {
  it("serves its configuration to an SDK, limits and control API included", async () => {
    const squall = await new SquallContainer(image).withConfig(config).withSeed(7).start();
    onTestFinished(async () => void (await squall.stop()));
    const client = new OpenAI({ baseURL: squall.openai.baseUrl, apiKey: squall.openai.apiKey, maxRetries: 0 });
    const ask = async (): Promise<string> =>
      (await client.chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] })).id;
    const first = await ask();
    await ask();
    await expect(ask()).rejects.toBeInstanceOf(RateLimitError);
    await fetch(`${squall.url}/_squall/reset`, { method: "POST" });
    expect(await ask()).toBe(first);
    expect(await (await fetch(`${squall.url}/_squall/config`)).json()).toMatchObject({ seed: 7 });
    expect(() => squall.anthropic).toThrow('serves no provider "anthropic"; it serves openai');
  });

  it("serves every dialect without a configuration, and ends in order when it is stopped", async () => {
    const squall = await new SquallContainer(image).withLatencyScale(0).start();
    const { baseUrl, apiKey } = squall.azureOpenai;
    const models = await fetch(`${baseUrl}/openai/v1/models`, { headers: { "api-key": apiKey } });
    expect(models.status).toBe(200);
    const logs = await squall.logs();
    const said: string[] = [];
    logs.on("data", (line: Buffer | string) => said.push(String(line)));
    const closed = new Promise<void>((resolve) => logs.once("close", resolve));
    await squall.stop({ timeout: 10_000 });
    await closed;
    expect(said.join("")).toContain('{"event":"ended","journalEntries":0,"callsCut":0}');
  });
});
