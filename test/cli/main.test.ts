/** Command lines that cannot be run, in this process: what is said, and the exit code. Those that run are in test/e2e. */
import { describe, expect, it } from "vitest";
import { runCommandLine } from "./listening-terminal.ts";

const tenUsers = "scenarios/ten-users.yaml";
const replay = "test/e2e/fixtures/replay.yaml";

describe("a command line that is wrong", () => {
  it.each([
    { argv: ["simulat"], told: "unknown command 'simulat'\n(Did you mean simulate?)" },
    { argv: ["simulate", tenUsers, "--sed", "7"], told: "unknown option '--sed'\n(Did you mean --seed?)" },
    { argv: ["simulate"], told: "missing required argument 'scenario'" },
    { argv: ["mock", "extra"], told: "too many arguments for 'mock'. Expected 0 arguments but got 1: extra." },
    { argv: ["simulate", tenUsers, "--seed"], told: "option '--seed <number>' argument missing" },
    {
      argv: ["simulate", tenUsers, "--seed", "-1"],
      told: "option '--seed <number>' argument '-1' is invalid. a seed is a whole number from 0 to 9007199254740991.",
    },
    {
      argv: ["run", tenUsers, "--engine", "k7"],
      told: "option '--engine <name>' argument 'k7' is invalid. Allowed choices are native, k6.",
    },
  ])("$argv ends with 2, and leads to the help of its command", async ({ argv, told }) => {
    const { code, out, err } = await runCommandLine(...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    const [command = ""] = argv;
    const help =
      command === "simulat"
        ? "squall --help lists the commands"
        : `squall ${command} --help shows its options and examples`;
    expect(err).toBe(`squall: ${told}\nhint: ${help}`);
  });

  it.each([
    {
      argv: ["simulate", tenUsers, "--trace", "trace.csv"],
      told: '--trace was given, but scenario "ten-users" does not replay a trace\nhint: leave it out, or ',
    },
    {
      argv: ["simulate", tenUsers, "--window", "0..5m"],
      told: '--window was given, but scenario "ten-users" does not replay a trace\nhint: leave it out, or ',
    },
    {
      argv: ["simulate", tenUsers, "--totals", "--out", "runs/x"],
      told: "--totals keeps no records, so --out, --replications and --until-precise have nothing to work with\nhint: ",
    },
    {
      argv: ["simulate", replay],
      told: 'scenario "replay" replays a trace, and none was given\nhint: add --trace FILE, or ',
    },
    {
      argv: ["run", tenUsers, "--gateway", "portkeyy"],
      told: 'unknown gateway "portkeyy"; allowed: portkey, litellm, tensorzero, direct, a URL or a YAML file\nhint: did you mean portkey?',
    },
  ])("$argv ends with 2 though each word of it is right", async ({ argv, told }) => {
    const { code, out, err } = await runCommandLine(...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(`squall: ${told}`);
  });

  it("is told as one JSON document with --json", async () => {
    const unknown = await runCommandLine("simulat", tenUsers, "--json");
    expect(unknown.code).toBe(2);
    expect(JSON.parse(unknown.out)).toEqual({
      error: { code: "usage", message: "unknown command 'simulat'\n(Did you mean simulate?)" },
    });
    const missing = await runCommandLine("simulate", replay, "--json");
    expect(JSON.parse(missing.out)).toMatchObject({ error: { code: "trace-missing", hint: expect.any(String) } });
  });

  it("with nothing on it prints the help where errors go", async () => {
    const { code, out, err } = await runCommandLine();
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^Usage: squall \[options\] \[command\]/);
  });
});

describe("files that cannot be used", () => {
  it.each([
    { argv: ["simulate", "no/such.yaml"], told: "cannot read no/such.yaml: there is no such file" },
    { argv: ["simulate", "scenarios"], told: "cannot read scenarios: it is a folder" },
    { argv: ["simulate", "package.json/x"], told: "cannot read package.json/x: a part of its path is a file" },
    { argv: ["mock", "--config", "no/such.yaml"], told: "cannot read no/such.yaml: there is no such file" },
    { argv: ["report", "no/such/run"], told: "there is no folder no/such/run" },
    { argv: ["report", "scenarios"], told: "scenarios holds no run: it has no manifest.json" },
  ])("$argv ends with 3 and says why", async ({ argv, told }) => {
    const { code, out, err } = await runCommandLine(...argv);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toContain(`squall: ${told}`);
  });
});
