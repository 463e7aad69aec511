/** The smallest scenario, for tests that change a line of it. */
import { expect } from "vitest";
import { type Problem, SquallError } from "../../../core/errors.ts";
import { type KnownNames, parseScenario } from "../../../core/scenario/parse.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";

export const smallest: string = `
scenario: smallest
traffic:
  arrivals: [{ for: 1m, rate: 2/s }]
  requests: [{ model: gpt-4o-mini, input: 100, output: 20 }]
providers:
  openai: { dialect: openai, models: { gpt-4o-mini: {} }, latency: instant }
`;

/** The smallest scenario with some of its lines changed. */
export function parseWith(changes: Readonly<Record<string, string>>, known?: KnownNames): Scenario {
  const text = Object.entries(changes).reduce((changed, [from, to]) => {
    expect(changed, "the line to change is there").toContain(from);
    return changed.replace(from, to);
  }, smallest);
  return parseScenario(text, "made.yaml", known);
}

/** The problems of a scenario that is refused; none when it is not. */
export function problemsOf(attempt: () => unknown): readonly Problem[] {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    expect([error.code, error.exitCode]).toEqual(["scenario-invalid", 3]);
    expect(error.problems.length).toBeGreaterThan(0);
    return error.problems;
  }
  return [];
}
