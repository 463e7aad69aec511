/** `squall validate`: what a person with a broken scenario reads. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { portkeyProfile } from "../../behavior/gateway-profiles/portkey.ts";
import { fixture, freshFolder, root, squall } from "./squall-process.ts";

const broken = fixture("ten-mistakes.yaml");

describe("squall validate", () => {
  it("tells ten different mistakes at once, each with line, path, what was given and what is allowed", async () => {
    const { code, stdout, stderr } = await squall(["validate", broken]);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr.split("\n")[0]).toBe(`squall: scenario ${broken} cannot be used: 10 problems`);
    for (const line of [
      'line 1, scenario: is "Ten Mistakes"; allowed is a name of lowercase letters, digits and hyphens',
      "line 2, sead: is not known here; known are scenario, about, seed, ",
      "line 5, traffic.arrivals[0].for: is 30; allowed is a duration above 0 with its unit, such as 30s",
      'line 6, traffic.arrivals[1].rate: is "fast"; allowed is a rate such as 20/s',
      'line 8, traffic.requests[0].model: is "gpt-4o-mni", which no provider serves; served are gpt-4o-mini',
      'line 11, providers.openai.dialect: is "openapi"; allowed is ',
      'line 12, providers.openai.latency: is "openai-gpt-4o-mimi", which is no latency profile; known are ',
      'line 15, platform.gateway: is "portkee", which is no gateway; known are portkey, litellm, tensorzero, direct',
      'line 17, timeline[0].fault.provider: is "opneai", which is no provider; known are openai',
      "line 19, objectives.ttft.p59.: is no metric; known are ",
    ]) {
      expect(stderr).toContain(`  ${line}`);
    }
  });

  it("names the nearest known name for each slip of the pen", async () => {
    const { stderr } = await squall(["validate", broken]);
    expect(stderr.match(/did you mean (.+)\?/g)).toEqual(
      ["seed", "gpt-4o-mini", "openai", "openai-gpt-4o-mini", "portkey", "openai", "ttft.p50"].map(
        (name) => `did you mean ${name}?`,
      ),
    );
  });

  it("knows scaling configs of any tool, and says what of them is not modelled", async () => {
    const { code, stdout } = await squall(["validate", "scenarios/scaling/cpu-hpa.yaml", "scenarios/steady-open.yaml"]);
    expect(code).toBe(0);
    expect(stdout).toContain("scenarios/scaling/cpu-hpa.yaml: ok, Kubernetes HorizontalPodAutoscaler");
    expect(stdout).toContain('scenarios/steady-open.yaml: ok, scenario "steady-open"');
  });

  it("prints one JSON document with --json, problems with path, line, message and hint", async () => {
    const { code, stdout, stderr } = await squall(["validate", broken, "--json"]);
    expect(code).toBe(3);
    expect(stderr).toBe("");
    const { valid, files } = JSON.parse(stdout);
    expect(valid).toBe(false);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ file: broken, valid: false });
    expect(files[0].problems).toHaveLength(10);
    expect(files[0].problems[1]).toEqual({
      path: "sead",
      line: 2,
      message: expect.stringMatching(/^is not known here/),
      hint: "did you mean seed?",
    });
  });

  it("checks every file, and ends with 3 when one of them is wrong", async () => {
    const { code, stdout, stderr } = await squall([
      "validate",
      "scenarios/ten-users.yaml",
      broken,
      "no/such/file.yaml",
    ]);
    expect(code).toBe(3);
    expect(stdout).toBe('scenarios/ten-users.yaml: ok, scenario "ten-users"\n');
    expect(stderr).toContain(`scenario ${broken} cannot be used: 10 problems`);
    expect(stderr).toContain("cannot read no/such/file.yaml: there is no such file");
  });

  it("tells what is wrong with each file that a scenario names, at the line that names it", async () => {
    const folder = freshFolder();
    const scenario = path.join(folder, "named.yaml");
    const text = readFileSync(fixture("short.yaml"), "utf8");
    const named = text.replace("platform:\n", "platform:\n  gateway-profile: ./mine.json\n");
    writeFileSync(scenario, `${named}alerts: ./none.yaml\n`);
    const mine = { format: 1, profile: { name: "mine", requestCpuMs: -1 } };
    writeFileSync(path.join(folder, "mine.json"), JSON.stringify(mine));
    const { code, stderr } = await squall(["validate", scenario]);
    expect(code).toBe(3);
    const lines = readFileSync(scenario, "utf8").split("\n");
    const lineOf = (words: string): number => lines.findIndex((line) => line.includes(words)) + 1;
    expect(stderr.split("\n")[0]).toBe(`squall: scenario ${scenario} names 2 files that cannot be used`);
    expect(stderr).toContain(
      `  line ${lineOf("mine.json")}, platform.gateway-profile: mine.json is no gateway's profile that could be simulated`,
    );
    expect(stderr).toMatch(/^ {2}\.\/mine\.json, profile\.requestCpuMs: Too small/m);
    expect(stderr).toContain(`  line ${lineOf("none.yaml")}, alerts: cannot read ${path.join(folder, "none.yaml")}`);
    writeFileSync(path.join(folder, "mine.json"), JSON.stringify({ format: 1, profile: portkeyProfile }));
    writeFileSync(scenario, named);
    expect((await squall(["validate", scenario])).stdout).toBe(`${scenario}: ok, scenario "short"\n`);
  });

  it("ends with 0 when every scenario of the project is right", async () => {
    const files = ["scenarios", "scenarios/patterns", "scenarios/scaling", "scenarios/scaling/presets"].flatMap(
      (folder) =>
        readdirSync(path.join(root, folder))
          .filter((name) => /\.(ya?ml|json)$/.test(name) && name !== "tsconfig.json")
          .map((name) => `${folder}/${name}`),
    );
    expect(files.length).toBeGreaterThan(20);
    const { code, stderr } = await squall(["validate", ...files], { cwd: root });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
