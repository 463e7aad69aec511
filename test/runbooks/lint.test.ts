/** What is wrong with runbooks whose every block is right by itself. */
import { describe, expect, it } from "vitest";
import { readRunbook } from "../../runbooks/engine/parse.ts";
import { scaffoldRunbook } from "../../runbooks/engine/scaffold.ts";

const text = scaffoldRunbook("made");

const problemsOf = (runbook: string): readonly (readonly [string, string])[] =>
  readRunbook(runbook, "made.md").problems.map(({ path, message }) => [path, message]);

function changed(from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

describe("the linter", () => {
  it.each([
    [
      "an action outside of the blast radius",
      changed("blast-radius: [route]", "blast-radius: [scale]"),
      ["fail-over", "would route gpt-4o-mini to openai, which is outside of the blast radius; allowed are scale"],
    ],
    [
      "an undo outside of the blast radius",
      changed(
        "action: route gpt-4o-mini to openai\nundo: route",
        "action: route gpt-4o-mini to openai\nundo: scale to 3\nwhen: errors > 0%\n#",
      ),
      ["fail-over", "would scale to 3, which is outside of the blast radius; allowed are route"],
    ],
    [
      "a phase without an exit",
      changed("```squall\nexit: errors < 1%\n```\n", ""),
      ["contain", "has no exit condition; add a block such as exit: errors < 1% for 1m"],
    ],
    [
      "a phase without a step",
      changed("```squall\nwait: alert ErrorRateHigh fires\nwithin: 10m\n```\n", ""),
      ["detect", "has no step; write one, or leave the phase out"],
    ],
    [
      "a name that is there twice",
      changed("id: fail-back", "id: fail-over"),
      ["fail-over", "is the name of another step too"],
    ],
    [
      "a branch to a phase that there is not",
      changed(
        "## Investigate\n\n```squall\nmanual: Write down what you see, and when it began\non-failure: continue\n```\n",
        "",
      ),
      ["triage.1", "leads to investigate, a phase that this runbook does not have"],
    ],
    [
      "a phase that every way passes by",
      changed("yes: contain\nno: investigate", "yes: resolve\nno: resolve"),
      ["contain", "is never reached: every way leads past it"],
    ],
    [
      "a step after a decision that leads away",
      changed(
        "yes: contain\nno: investigate\n```",
        "yes: contain\nno: investigate\n```\n\n```squall\nnote: never read\n```",
      ),
      ["triage.2", "is never reached: the decision before it leads away on both branches"],
    ],
  ])("names %s", (_, runbook, problem) => {
    expect(problemsOf(runbook)).toContainEqual(problem);
  });

  it("reaches a phase to which a failure leads", () => {
    const led = text.replace("yes: contain\nno: investigate", "yes: resolve\nno: resolve\non-failure: contain");
    expect(problemsOf(led).map(([path]) => path)).not.toContain("contain");
  });

  it("tells at which line, in the order of lines", () => {
    const broken = text
      .replace("blast-radius: [route]", "blast-radius: [scale]")
      .replace("id: fail-back", "id: fail-over");
    const lines = readRunbook(broken, "made.md").problems.map(({ line = 0 }) => line);
    expect(lines).toEqual(lines.toSorted((left, right) => left - right));
    expect(new Set(lines)).toEqual(
      new Set([text.split("\n").indexOf("id: fail-over"), text.split("\n").indexOf("id: fail-back")]),
    );
  });
});
