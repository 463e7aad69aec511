import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { drillCard } from "../../../cli/serve/drill-card.ts";
import { parseRunbook } from "../../../runbooks/engine/parse.ts";

const runbook = parseRunbook(readFileSync("runbooks/provider-outage.md", "utf8"), "provider-outage.md");

it("a card tells whence a step takes what it says, and nothing of what is hidden", () => {
  const card = drillCard(runbook, { world: "simulated", mode: "drill" }, []);
  const words = card.phases.flatMap(({ steps }) => steps.map(({ text }) => text));
  expect(words).toContain(
    "Tell support that azure serves us again, in ticket (from step ticket), and ask for the cause",
  );
  expect(JSON.stringify(card)).not.toMatch(/outage at azure|\{\{/);
});
