/** What people write: conditions, actions, whole runbooks; and what they are told when it is wrong. */
import { describe, expect, it } from "vitest";
import { describeAction, parseAction } from "../../runbooks/engine/actions.ts";
import { describeCondition, parseCondition } from "../../runbooks/engine/conditions.ts";
import { runbookGraph } from "../../runbooks/engine/graph.ts";
import { lintForScenario } from "../../runbooks/engine/lint-names.ts";
import { parseRunbook, readRunbook } from "../../runbooks/engine/parse.ts";
import { scaffoldRunbook } from "../../runbooks/engine/scaffold.ts";

describe("a condition", () => {
  it.each([
    "errors < 1 % for 1 m",
    "ttft.p95 of provider azure over 5 m < 2 s",
    "alert ErrorRateHigh is silent",
    "provider azure answers within 2 s for 1 m",
    "no deployment within 2 h",
    "errors < 1 % and provider azure fails",
  ])("is understood and said again in the same words: %s", (sentence) => {
    const read = parseCondition(sentence.replaceAll(/(\d) (%|s|m|h)/g, "$1$2"));
    expect(read.ok && describeCondition(read.condition)).toBe(sentence);
  });

  it("takes its window before or after the comparison", () => {
    expect(parseCondition("errors over 5m < 1%")).toEqual(parseCondition("errors < 1% over 5m"));
  });

  it.each([
    ["eror < 1%", /^"eror" is no SLI; known are /],
    ["errors < fast", /^"fast" is no limit of errors$/],
    ["provider azure sleeps", /^"provider azure sleeps" is no condition$/],
    ["errors < 1% for ever", /^"ever" is no duration/],
  ])("is refused in words: %s", (sentence, message) => {
    const read = parseCondition(sentence);
    expect(read.ok ? "" : read.message).toMatch(message);
  });
});

describe("an action", () => {
  it.each([
    "route gpt-4o-mini to openai, azure",
    "drain 1 replica",
    "cap tenant marketing at $5.00/h",
    "switch 10 % of gpt-4o to gpt-4.1",
    "switch gpt-4o back",
    "pause the autoscaler",
  ])("is understood and said again in the same words: %s", (sentence) => {
    const read = parseAction(sentence.replace("10 %", "10%"));
    expect(read.ok && describeAction(read.action)).toBe(sentence);
  });
});

describe("a new runbook", () => {
  const text = scaffoldRunbook("provider-slow");

  it("lints clean, and its flow can be drawn", () => {
    expect(readRunbook(text, "new.md").problems).toEqual([]);
    const graph = runbookGraph(parseRunbook(text, "new.md"));
    expect(graph).toContain("triage_1 -- yes --> contain_1");
    expect(graph).toContain("triage_1 -- no --> investigate_1");
    expect(graph).toContain('resolve_exit{{"errors &lt; 1 % and alert ErrorRateHigh is silent"}}');
  });

  it("is told everything that is wrong with it at once, each with its line", () => {
    const broken = text
      .replace("owner: name-of-a-team\n", "")
      .replace("undo: route gpt-4o-mini to azure\n", "")
      .replace("yes: contain\nno: investigate", "yes: review\nno: review")
      .replace("exit: errors < 1%\n", "exit: erors < 1%\n");
    const problems = readRunbook(broken, "new.md").problems.map(({ line, path }) => [line, path]);
    expect(problems.map(([, path]) => path)).toEqual(["owner", "contain step", "exit"]);
    expect(problems.every(([line]) => typeof line === "number" && line > 1)).toBe(true);
  });

  it("is told of names that its scenario does not have", () => {
    const runbook = parseRunbook(text, "new.md");
    const scenario = {
      providers: [{ name: "azure" }],
      platform: { routes: [{ model: "gpt-4o-mini" }] },
      traffic: { tenants: [] },
    } as unknown as Parameters<typeof lintForScenario>[1];
    const messages = lintForScenario(runbook, scenario, []).map(({ message }) => message);
    expect(messages).toContain("names provider openai, which the scenario does not have; there is azure");
    expect(messages).toContain("names alert ErrorRateHigh, which the scenario does not have; there is none");
  });
});
