import { describe, expect, it } from "vitest";
import { describeFailure, exitCodeOf, failureJson } from "../../cli/failure.ts";
import { environmentNotReady, invalidInput, type Problem } from "../../core/errors.ts";

function failureWith(problems: readonly Problem[]): Error {
  return invalidInput("scenario a.yaml cannot be used", { code: "scenario-invalid", problems });
}

describe("describeFailure", () => {
  it("says what failed and what to do", () => {
    const failure = environmentNotReady("port 9100 is taken", { code: "port-taken", hint: "choose another" });
    expect(describeFailure(failure)).toBe("squall: port 9100 is taken\nhint: choose another");
  });

  it.each([
    {
      why: "a place in a document with its line before the path",
      problem: { path: "traffic.warmup", line: 7, message: "is many" },
      line: "  line 7, traffic.warmup: is many",
    },
    {
      why: "a path that ends in the line as it is, so that a terminal makes a link of it",
      problem: { path: "trace.csv:17", line: 17, message: "time runs backwards" },
      line: "  trace.csv:17: time runs backwards",
    },
    { why: "a path without a line", problem: { path: "seed", message: "is -1" }, line: "  seed: is -1" },
    { why: "a problem without a place", problem: { path: "", message: "is empty" }, line: "  is empty" },
    {
      why: "the hint of a problem below it",
      problem: { path: "sead", message: "is not known", hint: "did you mean seed?" },
      line: "  sead: is not known\n    hint: did you mean seed?",
    },
  ])("shows $why", ({ problem, line }) => {
    expect(describeFailure(failureWith([problem]))).toBe(`squall: scenario a.yaml cannot be used\n${line}`);
  });

  it("shows fifty problems of a file and counts the rest", () => {
    const problems = Array.from({ length: 53 }, (_, index) => ({ path: `p${index}`, message: "is wrong" }));
    const lines = describeFailure(failureWith(problems)).split("\n");
    expect(lines).toHaveLength(1 + 50 + 1);
    expect(lines.at(-1)).toBe("  … and 3 more");
  });

  it("shows the stack of a bug of ours, and says that it is one", () => {
    const text = describeFailure(new TypeError("x is not a function"));
    expect(text).toMatch(
      /^squall: this is a bug in Squall, not in your input\.\nTypeError: x is not a function\n +at /,
    );
    expect(text).toContain("hint: please report it");
  });
});

describe("failureJson", () => {
  it("has code, message, hint and problems of an expected failure, and leaves out what is not there", () => {
    const problems = [{ path: "seed", message: "is -1" }];
    expect(JSON.parse(failureJson(failureWith(problems)))).toEqual({
      error: { code: "scenario-invalid", message: "scenario a.yaml cannot be used", problems },
    });
    const bare = environmentNotReady("no npm", { code: "npm-missing", hint: "install it" });
    expect(JSON.parse(failureJson(bare))).toEqual({
      error: { code: "npm-missing", message: "no npm", hint: "install it" },
    });
  });

  it("names a bug as one", () => {
    expect(JSON.parse(failureJson(new Error("oh")))).toEqual({ error: { code: "bug", message: "oh" } });
  });
});

describe("exitCodeOf", () => {
  it("is the failure's own, and 1 for a bug", () => {
    expect(exitCodeOf(failureWith([]))).toBe(3);
    expect(exitCodeOf(new Error("oh"))).toBe(1);
  });
});
