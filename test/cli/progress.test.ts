import { describe, expect, it } from "vitest";
import { startProgress } from "../../cli/progress.ts";
import { listeningTerminal } from "./listening-terminal.ts";

describe("progress without a terminal", () => {
  it("is one plain line for each step and each note, on standard error", () => {
    const terminal = listeningTerminal({ interactive: false });
    const progress = startProgress(terminal);
    progress.step("starting the gateway");
    progress.detail("3 of 80 requests");
    progress.note("nobody does fallbacks");
    progress.step("live, under load");
    progress.done();
    progress.fail();
    expect(terminal.printed()).toEqual({
      out: "",
      err: "· starting the gateway\n  nobody does fallbacks\n· live, under load",
    });
  });
});
