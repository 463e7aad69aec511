/** What the guide shows can be used as it stands. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readRunbook } from "../../runbooks/engine/parse.ts";
import { runbookOf } from "./scripted-drill.ts";

const guide = readFileSync("docs/runbooks.md", "utf8");

it("shows a runbook that can be read, and steps that lint clean", () => {
  const [, whole = ""] = /````markdown\n([\s\S]*?)````/.exec(guide) ?? [];
  expect(readRunbook(whole, "example.md").problems).toEqual([]);
  const rest = guide.replace(/````markdown\n[\s\S]*?````/, "");
  const blocks = [...rest.matchAll(/```squall\n([\s\S]*?)```/g)].map(([, block = ""]) => block.trimEnd());
  expect(blocks.length).toBeGreaterThanOrEqual(4);
  expect(readRunbook(runbookOf(blocks), "blocks.md").problems).toEqual([]);
});
