import { describe, expect, it } from "vitest";
import { KeptPrompts } from "../../behavior/kept-prompts.ts";
import { minuteMs } from "../../core/time.ts";

const model = "gpt-4o-mini";

describe("a provider that goes by what it has kept", () => {
  it("finds the whole prompt of an earlier turn of the conversation, and nothing of any other", () => {
    const kept = new KeptPrompts();
    expect(kept.found(0, "s1.t0", model)).toBe(0);
    kept.keep(0, "s1.t0", model, 2_400);
    expect(kept.found(1, "s1.t1", model)).toBe(2_400);
    expect(kept.found(1, "s2.t1", model)).toBe(0);
    expect(kept.found(1, "s1.t1", "gpt-4o")).toBe(0);
  });

  it("never has less of a conversation because a shorter prompt came after a longer one", () => {
    const kept = new KeptPrompts();
    kept.keep(0, "s1.t1", model, 5_000);
    kept.keep(1, "s1.t0", model, 2_400);
    expect(kept.found(2, "s1.t2", model)).toBe(5_000);
  });

  it("forgets it ten minutes after its last use", () => {
    const kept = new KeptPrompts();
    kept.keep(0, "s1.t0", model, 2_400);
    kept.keep(9 * minuteMs, "s1.t1", model, 2_500);
    expect(kept.found(19 * minuteMs - 1, "s1.t2", model)).toBe(2_500);
    expect(kept.found(19 * minuteMs, "s1.t2", model)).toBe(0);
  });
});
