import { describe, expect, it } from "vitest";
import { parseScenario } from "../../../core/scenario/parse.ts";
import { problemsOf, smallest } from "./written-scenarios.ts";

describe("a text that is no YAML of ours", () => {
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ..."bcdefghi".split("").map((name, index) => {
      const before = "abcdefgh"[index] ?? "a";
      return `${name}: &${name} [${Array<string>(9).fill(`*${before}`).join(", ")}]`;
    }),
  ].join("\n");

  it.each([
    ["a key that is there twice", `${smallest}scenario: again\n`, 8, /^names a key that is already there/],
    ["a tab", "scenario: x\ntraffic:\n\tarrivals: []\n", 3, /tab/],
    ["a bracket that never closes", "scenario: [x\n", 2, /must be sufficiently indented and end with a \]/],
    [
      "an unquoted limit that starts with >",
      `${smallest}objectives:\n  goodput: > 97%\n`,
      9,
      /^has a value that starts with >/,
    ],
    ["two documents", `${smallest}---\n${smallest}`, 8, /^begins another document$/],
  ])("is told with its line: %s", (_, text, line, message) => {
    const problems = problemsOf(() => parseScenario(text, "made.yaml"));
    expect(problems[0]).toMatchObject({ line, message: expect.stringMatching(message) });
  });

  it.each([
    ["an alias of nothing", "scenario: *nobody", /nobody/],
    ["a bomb of aliases", bomb, /repeats anchors too often/],
    ["brackets without end", "[".repeat(200_000), /nested too deeply/],
    ["a text beyond all measure", `# ${"x".repeat(1_048_576)}`, /has 1048578 characters; allowed are 1048576/],
  ])("is refused before it does harm: %s", (_, text, message) => {
    expect(problemsOf(() => parseScenario(text, "made.yaml"))[0]?.message).toMatch(message);
  });

  it.each([
    ["nothing", ""],
    ["a comment", "# later\n"],
    ["a list", "- scenario: x\n"],
    ["a word", "scenario"],
  ])("is asked for a scenario: %s", (_, text) => {
    const [problem] = problemsOf(() => parseScenario(text, "made.yaml"));
    expect(problem).toMatchObject({
      path: "the scenario",
      message: expect.stringContaining("a mapping of scenario, about"),
    });
  });

  it("may use an anchor to say a thing once", () => {
    const text = smallest.replace("input: 100, output: 20", "input: &some { median: 50, p95: 90 }, output: *some");
    const [request] = parseScenario(text, "made.yaml").traffic.requests;
    expect(request?.output).toEqual(request?.input);
  });
});
