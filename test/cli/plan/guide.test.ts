/** docs/planning.md: its example is run, and says what stands there. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { runCommandLine } from "../listening-terminal.ts";

const guide = readFileSync("docs/planning.md", "utf8");

it("the worked example of docs/planning.md prints what the guide shows", async () => {
  const [, command = "", shown = ""] = /```console\n\$ squall (.*)\n([\s\S]*?)```/.exec(guide) ?? [];
  const { out, code } = await runCommandLine(...command.split(" "));
  expect(code).toBe(0);
  expect(out.trimEnd().replace(/^\n/, "")).toBe(shown.trimEnd());
});

it("the search that docs/planning.md shows is the one that is shipped", () => {
  const [, shown = ""] = /```yaml\n# scenarios\/search\/account-size.yaml\n([\s\S]*?)```/.exec(guide) ?? [];
  expect(parse(shown)).toEqual(parse(readFileSync("scenarios/search/account-size.yaml", "utf8")));
});
