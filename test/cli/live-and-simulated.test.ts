import { expect, it } from "vitest";
import { alerted } from "../../cli/live-and-simulated.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import { madeRun } from "../analyzers/made-run.ts";

const scenario = parseScenario(
  `scenario: made
traffic: { arrivals: [{ for: 1s, rate: 1/s }], requests: [{ model: gpt-4o-mini, input: 1, output: 1 }] }
providers:
  openai: { dialect: openai, models: { gpt-4o-mini: {} }, latency: { profile: openai-gpt-4o-mini } }
objectives: { errors: 0 }
`,
  "made.yaml",
);
const silent = { withAlerts: () => Promise.reject(new Error("Prometheus did not answer")) };

it("keeps a run whose alerts cannot be asked for, and does not call it complete", async () => {
  const run = madeRun([]);
  const kept = await alerted(run, { scenario, text: "" }, silent);
  expect(kept.manifest.status).toBe("failed");
  expect(kept.records).toBe(run.records);
  expect(kept.events.at(-1)).toMatchObject({ kind: "failure", subject: "run", text: "Prometheus did not answer" });
});

it("leaves a run that ended early as it ended, whatever its alerts did", async () => {
  const run = madeRun([]);
  const ended = { ...run, manifest: { ...run.manifest, status: "interrupted" as const } };
  expect(await alerted(ended, { scenario, text: "" }, silent)).toBe(ended);
});
