import { describe, expect, it } from "vitest";
import { takesColour } from "../../cli/terminal.ts";

describe("takesColour", () => {
  it.each([
    { why: "a terminal takes colour", env: {}, isTerminal: true, expected: true },
    { why: "a pipe does not", env: {}, isTerminal: false, expected: false },
    { why: "a dumb terminal does not", env: { TERM: "dumb" }, isTerminal: true, expected: false },
    { why: "NO_COLOR forbids it", env: { NO_COLOR: "1" }, isTerminal: true, expected: false },
    { why: "an empty NO_COLOR does not", env: { NO_COLOR: "" }, isTerminal: true, expected: true },
    { why: "FORCE_COLOR brings it into a pipe", env: { FORCE_COLOR: "1" }, isTerminal: false, expected: true },
    { why: "FORCE_COLOR=0 takes it from a terminal", env: { FORCE_COLOR: "0" }, isTerminal: true, expected: false },
    {
      why: "NO_COLOR comes before FORCE_COLOR",
      env: { NO_COLOR: "1", FORCE_COLOR: "1" },
      isTerminal: true,
      expected: false,
    },
  ])("$why", ({ env, isTerminal, expected }) => {
    expect(takesColour(env, isTerminal)).toBe(expected);
  });
});
