import { describe, expect, it } from "vitest";
import type { Entry, PhaseCard } from "../../../web/console/game-day.ts";
import { phaseShown, progressOf } from "../../../web/console/progress.ts";

const phases: readonly PhaseCard[] = ["detect", "contain"].map((name) => ({
  name,
  title: name,
  prose: "",
  steps: [1, 2].map((number) => ({ id: `${name}.${number}`, text: "" })),
}));

function entries(...lines: readonly string[]): readonly Entry[] {
  return lines.map((line, seq) => {
    const [kind = "", place = ""] = line.split(" ");
    const where = place.includes(".") ? { step: place } : { phase: place };
    return { seq, atMs: seq, kind, ...where, who: "squall", text: "" };
  });
}

describe("progressOf", () => {
  it("says which phase is played and what came of each step", () => {
    const said = entries("phase-begins detect", "step-begins detect.1", "step-holds detect.1", "step-begins detect.2");
    const { phase, phases: states, steps } = progressOf(said, phases);
    expect(phase).toBe("detect");
    expect(Object.fromEntries(states)).toEqual({ detect: "now", contain: "waiting" });
    expect(Object.fromEntries(steps)).toEqual({
      "detect.1": "held",
      "detect.2": "now",
      "contain.1": "waiting",
      "contain.2": "waiting",
    });
  });

  it("forgets what came of a step when it is played again", () => {
    const said = entries("phase-begins detect", "step-begins detect.1", "step-fails detect.1", "step-begins detect.1");
    expect(progressOf(said, phases).steps.get("detect.1")).toBe("now");
  });
});

describe("phaseShown", () => {
  it.each([
    { why: "the first before anything", said: entries(), shown: "detect" },
    {
      why: "the one that is played",
      said: entries("phase-begins detect", "phase-ends detect", "phase-begins contain"),
      shown: "contain",
    },
    {
      why: "the last one when all are over",
      said: entries("phase-begins contain", "phase-ends contain"),
      shown: "contain",
    },
  ])("$why", ({ said, shown }) => expect(phaseShown({ entries: said }, phases)?.name).toBe(shown));
});
