import { describe, expect, it } from "vitest";
import { parseAct } from "../../../cli/serve/acts.ts";

describe("parseAct", () => {
  it("takes what a page sends", () => {
    const answer = { act: "answer", name: "ada", question: "q", yes: true, value: 3 };
    expect(parseAct(JSON.stringify(answer))).toEqual(answer);
    expect(parseAct('{"act":"note","name":" ada ","text":" so "}')).toEqual({ act: "note", name: "ada", text: "so" });
  });

  it.each([
    ["no JSON", "{"],
    ["an act that nobody knows", '{"act":"reboot","name":"ada"}'],
    ["nobody", '{"act":"end","name":" ","text":"so"}'],
    ["a note that says nothing", '{"act":"note","name":"ada","text":""}'],
    ["a note that goes on for ever", JSON.stringify({ act: "note", name: "ada", text: "x".repeat(4_001) })],
    ["a field that is not asked for", '{"act":"again","name":"ada","seat":"incident-lead"}'],
    ["a pace beyond all bounds", '{"act":"begin","name":"a","runbook":"0","world":"simulated","pace":1e9}'],
  ])("refuses %s, and says why", (_, body) => expect(parseAct(body)).toEqual(expect.any(String)));
});
