/** `squall init`: the first minutes of somebody who has a repository of their own. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { freshFolder, squall } from "./squall-process.ts";

describe("squall init", () => {
  it("writes a scenario that is right and passes its gate, and says what to try next", async () => {
    const cwd = freshFolder();
    const { code, stdout } = await squall(["init"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("wrote scenarios/first.yaml");
    expect(await readFile(path.join(cwd, "scenarios/first.yaml"), "utf8")).not.toMatch(/ten-users|npm start|\$schema/);
    expect((await squall(["validate", "scenarios/first.yaml"], { cwd })).code).toBe(0);
    expect((await squall(["gate", "scenarios/first.yaml"], { cwd })).stdout).toContain("first\n");
  });

  it.each([
    { ci: "github", file: ".github/workflows/gateway.yml" },
    { ci: "gitlab", file: ".gitlab-ci.yml" },
  ])("writes a gate for $ci that names the scenario it wrote", async ({ ci, file }) => {
    const cwd = freshFolder();
    const { stdout } = await squall(["init", "mine", "--ci", ci, "--json"], { cwd });
    expect(JSON.parse(stdout).files).toEqual(["mine/scenarios/first.yaml", `mine/${file}`]);
    const text = await readFile(path.join(cwd, "mine", file), "utf8");
    expect(parse(text)).toBeTypeOf("object");
    expect(text).toContain("scenarios/first.yaml");
    expect(text).not.toContain("ten-users");
  });

  it("overwrites nothing", async () => {
    const cwd = freshFolder();
    await squall(["init"], { cwd });
    const { code, stderr } = await squall(["init", "--ci", "github"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("scenarios/first.yaml would be overwritten; nothing was written");
  });
});
