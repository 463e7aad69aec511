/** Ctrl-C at any moment: exit code 130, no process left, and a folder with what was recorded so far. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readRun } from "../../runs/reader.ts";
import { withRealPortkey } from "./real-portkey.ts";
import {
  expectNothingLeft,
  families,
  fixture,
  freshFolder,
  launcher,
  longLoad,
  startSquall,
} from "./squall-process.ts";

withRealPortkey();

const long = fixture("long.yaml");

describe("Ctrl-C", () => {
  it.each([
    { moment: "the mock starts", saying: /starting the mock providers/ },
    { moment: "the gateway starts", saying: /starting the gateway: portkey/ },
  ])("while $moment ends with 130, leaves no process and no folder", async ({ saying }) => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", long, "--out", out]);
    await running.says("stderr", saying);
    running.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toContain("squall: stopping (Ctrl-C again to stop at once)");
    expect(stderr).toContain("squall: stopped by SIGINT before there was anything to keep");
    expect(stderr).not.toContain("bug");
    expect(existsSync(out)).toBe(false);
    await expectNothingLeft(running);
  });

  it.each([
    { moment: "one person plays alone", saying: /live, baseline/, scenario: () => long, begun: ["warmup", "baseline"] },
    { moment: "all play", saying: /live, under load/, scenario: longLoad, begun: ["warmup", "load"] },
  ])("while $moment ends with 130, and keeps what was recorded", async ({ saying, scenario, begun }) => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", scenario(), "--out", out]);
    await running.says("stderr", saying);
    running.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toContain("INCONCLUSIVE  This run cannot be judged: the run was interrupted before its end.");
    const { manifest, records } = await readRun(out);
    expect(manifest.status).toBe("interrupted");
    expect(manifest.phases.map((phase) => phase.name)).toEqual(begun);
    expect(records.filter((record) => record.phase === "warmup" && record.outcome === "ok")).toHaveLength(3);
    expect(readFileSync(path.join(out, "report.html"), "utf8")).toContain("the run was interrupted");
    expect(existsSync(path.join(out, "simulated"))).toBe(false);
    await expectNothingLeft(running);
  });

  it("while the simulation runs ends with 130, and keeps the live run whole", async () => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", fixture("short.yaml"), "--gateway", "direct", "--out", out]);
    await running.says("stderr", /simulating the same scenario/);
    running.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130 });
    const { manifest, records } = await readRun(out);
    expect(manifest.status).toBe("complete");
    expect(records).toHaveLength(2 + 9 + 9);
    await expectNothingLeft(running);
  });

  it("with --json leaves one document on standard output, with what was recorded or that nothing was", async () => {
    const early = startSquall(["run", long, "--json"]);
    await early.says("stderr", /starting the mock/);
    early.kill("SIGINT");
    const ended = await early.ended;
    expect(ended.code).toBe(130);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: "interrupted" } });

    const late = startSquall(["run", long, "--json", "--gateway", "direct"]);
    await late.says("stderr", /live, baseline/);
    late.kill("SIGTERM");
    expect(JSON.parse((await late.ended).stdout)).toMatchObject({ run: { status: "interrupted" } });
    expect((await late.ended).code).toBe(130);
  });

  it("to the whole process group, passed on by a parent in it as well, counts once", async () => {
    const out = path.join(freshFolder(), "run");
    const args = ["run", longLoad(), "--gateway", "direct", "--out", out];
    const running = startSquall(args, { program: launcher, ownGroup: true });
    await running.says("stderr", /live, under load/);
    process.kill(-running.pid, "SIGINT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr.match(/squall: stop/g)).toEqual(["squall: stop"]);
    expect((await readRun(out)).manifest.status).toBe("interrupted");
    await expectNothingLeft(running);
  });
});

describe.skipIf(!families.visible)("kill -9", () => {
  it("of squall in the middle of a run leaves neither gateway nor mock behind, nor a folder that looks whole", async () => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", longLoad(), "--out", out]);
    await running.says("stderr", /live, under load/);
    expect(running.family().length).toBeGreaterThanOrEqual(5); // squall, and gateway and mock each with a guard
    running.kill("SIGKILL");
    await expectNothingLeft(running);
    expect(existsSync(path.join(out, "manifest.json"))).toBe(false);
  });

  if (!families.visible) console.log(`skipped: ${families.reason}`);
});
